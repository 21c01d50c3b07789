"""The process that lays a dossier out: `python -m compliance.reports.dossier_child LIMITS`, whose output is the PDF.

Typst keeps for ever the memory that a layout took (90 MB for 500 pieces): it goes with the process. It reads on its input the
template and its values (JSON), limits its own memory, time and powers, and imports of the product nothing but `tenants.restraint`.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import typst

from tenants.restraint import restrain

ROOT = Path(__file__).parent
NOWHERE = Path(os.devnull)  # a package cannot live nor be stored there: templates use none
STANDARDS = ["ua-1", "a-3a"]
REFUSED = 3  # exit code: the template is wrong, and the output says where


def main(arguments: list[str]) -> int:
    """Lay out ``{"template": source, "inputs": {name: JSON}, "timestamp": seconds}`` within the limits of the first argument."""
    limits, asked, output = json.loads(arguments[0]), json.load(sys.stdin.buffer), sys.stdout.buffer
    restrain(limits["memory"], limits["cpu_seconds"])
    try:
        pdf: bytes = typst.compile(  # type: ignore[call-overload]  # stubs want the template and root of one type
            asked["template"].encode(),
            root=ROOT,
            font_paths=typst.Fonts(
                include_system_fonts=False, include_embedded_fonts=False, font_paths=[ROOT / "fonts"]
            ),
            format="pdf",
            pdf_standards=STANDARDS,
            sys_inputs=asked["inputs"],
            timestamp=asked["timestamp"],
            package_path=NOWHERE,
            package_cache_path=NOWHERE,
        )
    except typst.TypstError as error:
        output.write(str(error).encode())
        output.flush()
        return REFUSED
    output.write(pdf)
    output.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
