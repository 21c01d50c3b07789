"""The dictionary of table classes (architecture.md, "The tenant boundary"): every table of the database is here once.

`test_tables.py` holds it against the catalogue, so a new table needs one line here and the policies that its class promises.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Table:
    """A table: its class, what the application may do with it, the right its writes need, and its extra policies."""

    kind: str
    grants: frozenset[str] = frozenset()
    right: str = "writable_establishments"
    restrictive: frozenset[str] = frozenset()
    by_owner: frozenset[str] = frozenset()
    function_only: bool = False


READ = frozenset({"SELECT"})
APPEND = frozenset({"SELECT", "INSERT"})
FOLLOW = frozenset({"SELECT", "INSERT", "UPDATE"})
# A row made for a whole GHT is neither read nor written by who holds one establishment only.
GHT_ONLY = frozenset({"_ght", "_ght_insert", "_ght_update"})
BOTH = frozenset({"SELECT", "INSERT"})

OF_LEVEL = frozenset({"_to", "_whole", "_level"})

REGISTER = Table("group", APPEND, by_owner=BOTH)
PRIVATE = Table("own", APPEND, by_owner=BOTH)
SHARED = Table("shared", READ)
SYSTEM = Table("system")
OWNER_READS = frozenset({"SELECT"})

TABLES: dict[str, Table] = {
    "alembic_version": SHARED,
    "region": SHARED,
    "ght": SHARED,
    "ght_member": SHARED,
    "legal_entity": SHARED,
    "site": SHARED,
    "referential_version": SHARED,
    "programme_date": SHARED,
    "user_account": SYSTEM,
    "membership": SYSTEM,
    "web_session": SYSTEM,
    "outbox": SYSTEM,
    "audit_event": Table("audit", READ, by_owner=BOTH),
    "candidate": Table("filed", APPEND, restrictive=frozenset({"_support"}), by_owner=OWNER_READS),
    # The owner reads these three to compute the states of the nation again.
    "candidature": Table("group", APPEND, by_owner=OWNER_READS),
    "candidate_party": Table("group", READ, by_owner=BOTH, function_only=True),
    "perimeter": Table("group", APPEND, by_owner=OWNER_READS),
    "perimeter_version": REGISTER,
    "pcra_version": REGISTER,
    "pcra_coverage": Table("group", READ, by_owner=BOTH, function_only=True),
    "perimeter_contact": PRIVATE,
    **dict.fromkeys(
        (
            "activity",
            "dependency",
            "exercise",
            "exercise_result",
            "exercise_action",
            "training_session",
            "charter_signature",
            "training_target",
            "critical_system",
            "backup_platform",
            "restore_test",
            "evidence_entry",
            "milestone",
            "committee_meeting",
            "expense",
            "funding",
            "equivalence",
            "retention",
            "pcra_content",
            "linked_plan",
            "support_function",
            "incident",
            "plan_result",
        ),
        REGISTER,
    ),
    # The operator's role alone changes rows of a register: it forgets the names of attendance sheets (migration 0018).
    "attendance": Table("own", APPEND, by_owner=BOTH | {"UPDATE"}),
    **dict.fromkeys(("crisis_role", "call_back", "crisis_partner", "pack_location"), PRIVATE),
    "evidence": Table("group", APPEND, by_owner=OWNER_READS),
    "evidence_use": Table("group", APPEND),
    # The nightly check writes what it found altered.
    "evidence_event": Table("group", APPEND, by_owner=frozenset({"INSERT"})),
    "dropped_file": Table("group", FOLLOW, by_owner=OWNER_READS),
    "dossier_part": Table("group", READ, by_owner=frozenset({"INSERT"}), function_only=True),
    "delegation": Table("group", APPEND, right="fileable_establishments", by_owner=OWNER_READS),
    "import_run": Table("group", FOLLOW, restrictive=GHT_ONLY, by_owner=OWNER_READS),
    "import_layout": Table("group", APPEND),
    "dossier_build": Table("group", FOLLOW, restrictive=GHT_ONLY, by_owner=OWNER_READS),
    "filing": Table(
        "filed", APPEND, right="fileable_establishments", restrictive=frozenset({"_to", "_whole"}), by_owner=OWNER_READS
    ),
    "filed_piece": Table(
        "filed", APPEND, right="fileable_establishments", restrictive=frozenset({"_to", "_whole"}), by_owner=OWNER_READS
    ),
    # Written by the candidate's side, its ARS, or the ANS after it: the level of a row says which.
    "transition": Table("filed", APPEND, right="moving_establishments", restrictive=OF_LEVEL, by_owner=OWNER_READS),
    "review_decision": Table(
        "filed", APPEND, right="judging_establishments", restrictive=OF_LEVEL, by_owner=OWNER_READS
    ),
    "review_message": Table("filed", APPEND, right="speaking_establishments", restrictive=OF_LEVEL),
    # Published by who writes the support, within the GHT when it is the GHT's; an opinion is the reviewing ARS's alone.
    "publication": Table(
        "filed", APPEND, restrictive=frozenset({"_to", "_whole", "_ght_insert"}), by_owner=OWNER_READS
    ),
    "opinion": Table(
        "filed",
        APPEND,
        right="reviewable_establishments",
        restrictive=frozenset({"_to", "_whole"}),
        by_owner=OWNER_READS,
    ),
}

# Of a whole region: read by its establishments and its ARS, added to by that ARS alone, never changed.
TABLES["regional_session"] = Table("region", APPEND)

# Of the reviewers of a region: its ARS alone, and an expert what was asked of them.
AGENCY = ("review_assignment", "expertise", "expertise_event")
TABLES |= dict.fromkeys(AGENCY, Table("agency", APPEND, by_owner=OWNER_READS))

TENANT_KINDS = {"group", "own", "filed", "audit"}

# The only foreign keys between tenant tables that do not begin with the row's own establishment: coverage rows and parties
# belong to the covered establishment and are inserted by a checked function alone.
OWNED_ELSEWHERE = {
    "candidate_party": "fk_candidate_party_owner",
    "pcra_coverage": "fk_pcra_coverage_owner",
    "dossier_part": "fk_dossier_part_owner",
}
