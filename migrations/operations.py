"""Grants and policies of each table class (architecture.md, "The tenant boundary"); used by every migration."""

from __future__ import annotations

from alembic import op

GROUP = "establishment_id = ANY ((SELECT readable_establishments())::uuid[])"
OWN = "establishment_id = ANY ((SELECT own_establishments())::uuid[])"
FILED = f"{GROUP} OR region_id = ANY ((SELECT reviewing_regions())::uuid[])"
# The prover accepts this equality only without NULLIF or a helper (reliability.md, fact 5); '' raises, NULL matches nothing.
WRITTEN = "establishment_id = (SELECT current_setting('app.establishment', true)::uuid)"

READS = {"group": GROUP, "own": OWN, "filed": FILED}


def shared(table: str) -> None:
    """Everybody reads, only the owner writes."""
    op.execute(f"GRANT SELECT ON {table} TO vigie_app")


def tenant(table: str, read: str = "group", *, update: bool = False, right: str = "writable_establishments") -> None:
    """Force row security on a tenant table: read class, one written establishment, and a restrictive check of the right to write.

    Nothing is granted for DELETE: facts are versions. `update` is for rows that follow a state (a deposit, a build); `right` names
    the function that says for which establishments the person may write here.
    """
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"GRANT SELECT, INSERT{', UPDATE' if update else ''} ON {table} TO vigie_app")
    op.execute(f"CREATE POLICY {table}_read ON {table} FOR SELECT TO vigie_app USING ({READS[read]})")
    op.execute(f"CREATE POLICY {table}_insert ON {table} FOR INSERT TO vigie_app WITH CHECK ({WRITTEN})")
    op.execute(
        f"CREATE POLICY {table}_update ON {table} FOR UPDATE TO vigie_app USING ({WRITTEN}) WITH CHECK ({WRITTEN})"
    )
    op.execute(f"CREATE POLICY {table}_delete ON {table} FOR DELETE TO vigie_app USING ({WRITTEN})")
    allowed = f"establishment_id = ANY ((SELECT {right}())::uuid[])"
    for command, clause in (
        ("INSERT", f"WITH CHECK ({allowed})"),
        ("UPDATE", f"USING ({allowed}) WITH CHECK ({allowed})"),
        ("DELETE", f"USING ({allowed})"),
    ):
        name = f"{table}_{command.lower()}_right"
        op.execute(f"CREATE POLICY {name} ON {table} AS RESTRICTIVE FOR {command} TO vigie_app {clause}")


def register(table: str, columns: str, read: str = "group") -> None:
    """Create a register (compliance/models/register.py): versions under a business key, written by COPY and INSERT, read by class.

    `columns` are its data, in SQL. Class `own` adds the digests that the GHT's import compares without reading names.
    """
    digests = "key_digest bytea NOT NULL, digest bytea NOT NULL," if read == "own" else ""
    op.execute(
        f"CREATE TABLE {table} (id uuid CONSTRAINT pk_{table} PRIMARY KEY,"
        f" establishment_id uuid NOT NULL CONSTRAINT fk_{table}_establishment_id REFERENCES legal_entity,"
        f" key text NOT NULL, {columns.strip().rstrip(',')}, {digests} withdrawn boolean NOT NULL DEFAULT false,"
        f" recorded_at timestamptz NOT NULL DEFAULT now(), recorded_by uuid, import_id uuid, undoes uuid)"
    )
    op.execute(f"CREATE INDEX ix_{table}_key ON {table} (establishment_id, key, recorded_at DESC, id DESC)")
    op.execute(f"CREATE INDEX ix_{table}_import_id ON {table} (import_id) WHERE import_id IS NOT NULL")
    tenant(table, read)
    # The functions of 0003 (undo, digests, counts) read and write for the caller, after checking the right.
    by_function(table, "SELECT", "INSERT")


def only_within_ght(table: str) -> None:
    """Keep a row made for a whole GHT from those who read one establishment only (the support's referent): unread, unwritten."""
    allowed = "ght_id IS NULL OR ght_id = ANY ((SELECT readable_ghts())::uuid[])"
    op.execute(f"CREATE POLICY {table}_ght ON {table} AS RESTRICTIVE FOR SELECT TO vigie_app USING ({allowed})")
    for command in ("INSERT", "UPDATE"):
        name = f"{table}_ght_{command.lower()}"
        op.execute(f"CREATE POLICY {name} ON {table} AS RESTRICTIVE FOR {command} TO vigie_app WITH CHECK ({allowed})")


def by_function(table: str, *commands: str) -> None:
    """Let the owner's definer functions read or write a forced table for the caller."""
    for command in commands:
        clause = "USING (true)" if command == "SELECT" else "WITH CHECK (true)"
        op.execute(f"CREATE POLICY {table}_owner_{command.lower()} ON {table} FOR {command} TO vigie_owner {clause}")


def function(signature: str, returns: str, body: str, *, volatility: str = "STABLE", language: str = "sql") -> None:
    """Create a SECURITY DEFINER function with a fixed search path, callable by the application role alone."""
    op.execute(
        f"CREATE FUNCTION {signature} RETURNS {returns} LANGUAGE {language} {volatility} SECURITY DEFINER"
        f" SET search_path = pg_catalog, public, pg_temp AS $function${body}$function$"
    )
    op.execute(f"REVOKE ALL ON FUNCTION {_without_defaults(signature)} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {_without_defaults(signature)} TO vigie_app")


def _in(roles: tuple[str, ...]) -> str:
    return "(" + ", ".join(f"'{role}'" for role in roles) + ")" if roles else "(NULL)"


def reach(establishment: tuple[str, ...], ght: tuple[str, ...]) -> str:
    """Establishments that the memberships of today reach, narrowed by the scope of the unit of work."""
    return f"""
    SELECT coalesce(array_agg(DISTINCT reach.establishment_id), '{{}}') FROM (
      SELECT m.establishment_id, NULL::uuid AS ght_id FROM active_memberships() m
       WHERE m.scope_kind = 'establishment' AND m.role IN {_in(establishment)}
      UNION ALL
      SELECT gm.legal_entity_id, m.ght_id FROM active_memberships() m
        JOIN ght_member gm ON gm.ght_id = m.ght_id AND gm.legal_entity_id IS NOT NULL
         AND gm.valid_from <= paris_today() AND (gm.valid_to IS NULL OR gm.valid_to >= paris_today())
       WHERE m.scope_kind = 'ght' AND m.role IN {_in(ght)}
    ) reach
    WHERE CASE split_part(current_setting('app.scope', true), ':', 1)
      WHEN 'mine' THEN true
      WHEN 'establishment' THEN reach.establishment_id = split_part(current_setting('app.scope', true), ':', 2)::uuid
      WHEN 'ght' THEN reach.ght_id = split_part(current_setting('app.scope', true), ':', 2)::uuid
      ELSE false END
    """


def narrowed(kind: str, roles: tuple[str, ...]) -> str:
    """Ids of GHT or regions that the memberships of today reach, narrowed by the scope."""
    return f"""
    SELECT coalesce(array_agg(DISTINCT m.{kind}_id), '{{}}') FROM active_memberships() m
    WHERE m.scope_kind = '{kind}' AND m.role IN {_in(roles)}
      AND CASE split_part(current_setting('app.scope', true), ':', 1)
        WHEN 'mine' THEN true
        WHEN '{kind}' THEN m.{kind}_id = split_part(current_setting('app.scope', true), ':', 2)::uuid
        ELSE false END
    """


def _without_defaults(signature: str) -> str:
    name, _, arguments = signature.partition("(")
    kept = (argument.split(" DEFAULT ")[0] for argument in arguments.rstrip(")").split(","))
    return f"{name}({','.join(kept)})"
