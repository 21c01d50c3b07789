"""The process that opens a workbook: `python -m importers.reading.child FORMAT PATH LIMITS`.

It limits its own memory, time and powers, reads the file and writes the lines of `child_output`. It knows nothing of
the product and imports nothing of it but the other children and `tenants.restraint`, so that a file that takes it over
finds neither session nor secret.
"""

from __future__ import annotations

import gc
import importlib
import json
import sys

from importers.reading.child_output import Output, Refused
from importers.reading.child_xml import ERRORS, NO_MEMORY
from tenants.restraint import restrain

OUT_OF_MEMORY = 77  # exit code
_READERS = {"xlsx": "child_xlsx", "ods": "child_ods", "xls": "child_xls", "csv": "child_csv"}


def main(arguments: list[str]) -> int:
    """Read the file named by the second argument, in the format of the first, within the limits of the third (JSON)."""
    form, path, limits = arguments[0], arguments[1], json.loads(arguments[2])
    output = Output(sys.stdout, limits)
    sys.stdout = sys.stderr  # nobody else writes lines
    try:
        restrain(limits["memory"], limits["cpu_seconds"])
        gc.disable()  # a million elements a second, and no cycle among them
        importlib.import_module(f"importers.reading.{_READERS[form]}").read(path, output)
    except MemoryError:
        return OUT_OF_MEMORY  # a code, because writing a line takes memory
    except Refused as refusal:
        output.say({"error": refusal.code, "detail": str(refusal)})
        return 1
    except BaseException as error:  # noqa: BLE001  whatever a damaged file provokes becomes one clean answer
        if isinstance(error, ERRORS) and error.code == NO_MEMORY:
            return OUT_OF_MEMORY
        output.say({"error": "damaged", "detail": f"{type(error).__name__}: {error}"[:300]})
        return 1
    finally:
        output.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
