"""What pages say of a filing, read from its frozen JSON alone."""

from __future__ import annotations

import json
from typing import Any

from compliance.models.dossier import Filing
from compliance.rules.words import signed


def summary(filing: Filing, by: str = "") -> dict[str, Any]:
    """Return the line of a filing in a list; `by` is told to the candidate, not to the ARS; the deed of a delegation to both."""
    document = json.loads(filing.document)
    return {
        "id": filing.id,
        "number": filing.version,
        "filed_at": filing.filed_at,
        "signed": signed(by, filing.deed),
        "sha256": filing.sha256,
        "met": document["met"],
        "rows_total": document["rows_total"],
        "share": document["share"]["share"],
        "threshold": document["share"]["threshold"],
        "state": document["share"]["state"],
        "pieces": sum(len(row["pieces"]) for row in document["rows"]),
    }
