"""Imports that can be undone: registers, what a person decided about a layout, conflicts, cancelling."""

from __future__ import annotations

from alembic import op

from migrations import operations as tenant

revision = "0003"
down_revision = "0002"

STATES = ("received", "parsed", "applying", "applied", "failed", "undoing", "undone", "cancelled")
BEFORE = ("received", "parsed", "applying", "applied", "failed")

# Business key of the tables of 0002 that an import writes, so that one function takes back any import.
KEYS = {
    "perimeter_version": "perimeter_id::text",
    "pcra_version": "perimeter_id::text",
    "perimeter_contact": "perimeter_id::text || '/' || name",
    "candidate_party": "owner_id::text || '/' || party_key",
    "pcra_coverage": "owner_id::text || '/' || establishment_id::text",
}

# A register is a table with these columns; nothing else may be named to the functions below.
IS_REGISTER = """
  IF (SELECT count(*) FROM pg_attribute a WHERE a.attrelid = to_regclass('public.' || quote_ident(v_table)) AND NOT a.attisdropped
         AND a.attname IN ('establishment_id', 'key', 'withdrawn', 'undoes', 'import_id', 'recorded_at')) <> 6 THEN
    RAISE EXCEPTION 'not a register' USING ERRCODE = 'insufficient_privilege';
  END IF;
"""
HAS = "EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = to_regclass('public.' || quote_ident(v_table)) AND a.attname = '{}')"

UNDO = f"""
DECLARE v_table text; v_owner text; v_columns text; v_values text; v_private boolean;
BEGIN
  IF (p_establishments <@ writable_establishments()) IS NOT TRUE THEN
    RAISE EXCEPTION 'establishment out of scope' USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF NOT EXISTS (SELECT 1 FROM import_run r WHERE r.id = p_import AND r.establishment_id = ANY (readable_establishments())
                   AND (r.ght_id IS NULL OR r.ght_id = ANY (readable_ghts()))) THEN
    RAISE EXCEPTION 'import out of scope' USING ERRCODE = 'insufficient_privilege';
  END IF;
  FOREACH v_table IN ARRAY p_tables LOOP
    {IS_REGISTER}
    v_owner := CASE WHEN {HAS.format("owner_establishment_id")} THEN 'owner_establishment_id' ELSE 'establishment_id' END;
    v_private := v_table = 'perimeter_contact' OR {HAS.format("key_digest")};
    SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum),
           string_agg(format('CASE WHEN b.id IS NULL THEN m.%1$I ELSE b.%1$I END', a.attname), ', ' ORDER BY a.attnum)
      INTO v_columns, v_values FROM pg_attribute a
     WHERE a.attrelid = to_regclass('public.' || quote_ident(v_table)) AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
       AND a.attname NOT IN ('id', 'withdrawn', 'recorded_at', 'recorded_by', 'import_id', 'undoes');
    RETURN QUERY EXECUTE format($query$
      WITH mine AS MATERIALIZED (
        SELECT DISTINCT ON (t.establishment_id, t.key) t.* FROM %1$I t
         WHERE t.import_id = $1 AND t.%2$I = ANY ($2) ORDER BY t.establishment_id, t.key, t.recorded_at DESC, t.id DESC
      ), judged AS MATERIALIZED (
        -- One look at the index for each key: rows just written have no statistics, and a join of the two is quadratic.
        SELECT m.*, l.id AS last_id FROM mine m CROSS JOIN LATERAL (
          SELECT t.id FROM %1$I t WHERE t.establishment_id = m.establishment_id AND t.key = m.key
             -- An import taken back since, and the version that took it back, changed nothing in the end.
             AND t.undoes IS NULL AND NOT EXISTS (
               SELECT 1 FROM %1$I u WHERE u.establishment_id = t.establishment_id AND u.key = t.key AND u.undoes = t.import_id)
           ORDER BY t.recorded_at DESC, t.id DESC LIMIT 1) l
      ), undone AS (
        INSERT INTO %1$I (id, %3$s, withdrawn, recorded_by, undoes)
        SELECT gen_random_uuid(), %4$s, coalesce(b.withdrawn, true), nullif(current_setting('app.user_id', true), '')::uuid, $1
          FROM judged m LEFT JOIN LATERAL (
            SELECT t.* FROM %1$I t WHERE t.establishment_id = m.establishment_id AND t.key = m.key
               AND t.import_id IS DISTINCT FROM $1 AND (t.recorded_at, t.id) < (m.recorded_at, m.id)
             ORDER BY t.recorded_at DESC, t.id DESC LIMIT 1) b ON true
         WHERE m.last_id = m.id
        RETURNING 1
      ), kept AS (
        SELECT m.key FROM judged m WHERE m.last_id <> m.id ORDER BY m.key
      )
      SELECT %5$L::text, (SELECT count(*) FROM undone), (SELECT count(*) FROM kept),
             CASE WHEN %6$L::boolean THEN '{{}}'::text[] ELSE ARRAY(SELECT key FROM kept LIMIT 200) END
    $query$, v_table, v_owner, v_columns, v_values, v_table, v_private) USING p_import, p_establishments;
  END LOOP;
END
"""

SEALED = f"""
DECLARE v_table text := p_table;
BEGIN
  {IS_REGISTER}
  IF NOT {HAS.format("key_digest")} OR (p_establishments <@ writable_establishments()) IS NOT TRUE THEN
    RAISE EXCEPTION 'not to be told' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN QUERY EXECUTE format($query$
    SELECT c.key_digest, c.digest, c.recorded_at, c.recorded_by FROM (
      SELECT DISTINCT ON (t.establishment_id, t.key) t.* FROM %1$I t WHERE t.establishment_id = ANY ($1)
       ORDER BY t.establishment_id, t.key, t.recorded_at DESC, t.id DESC) c WHERE NOT c.withdrawn
  $query$, v_table) USING p_establishments;
END
"""

COUNTS = f"""
DECLARE v_table text := p_table;
BEGIN
  {IS_REGISTER}
  RETURN QUERY EXECUTE format($query$
    SELECT c.establishment_id, count(*) FROM (
      SELECT DISTINCT ON (t.establishment_id, t.key) t.establishment_id, t.withdrawn FROM %1$I t
       WHERE t.establishment_id = ANY (readable_establishments())
       ORDER BY t.establishment_id, t.key, t.recorded_at DESC, t.id DESC) c WHERE NOT c.withdrawn GROUP BY 1
  $query$, v_table);
END
"""


# An import is copied into a temporary table before the policies judge its rows (docs/adr/0011-registers.md).
TEMPORARY = "DO $$ BEGIN EXECUTE format('{} TEMPORARY ON DATABASE %I {} vigie_app', current_database()); END $$"


def upgrade() -> None:
    op.execute(TEMPORARY.format("GRANT", "TO"))
    op.execute("ALTER TABLE import_run DROP CONSTRAINT ck_import_run_state")
    op.execute(f"ALTER TABLE import_run ADD CONSTRAINT ck_import_run_state CHECK (state IN {STATES})")
    op.execute(
        "ALTER TABLE import_run ADD COLUMN format text NOT NULL DEFAULT 'xlsx', ADD COLUMN taken jsonb NOT NULL DEFAULT '[]', ADD COLUMN summary text NOT NULL DEFAULT '',"
        " ADD COLUMN annotated_sha256 text NOT NULL DEFAULT '', ADD COLUMN annotated_name text NOT NULL DEFAULT '',"
        " ADD COLUMN undone_at timestamptz, ADD COLUMN undone_by uuid, ADD COLUMN undo jsonb"
    )
    op.execute("CREATE INDEX ix_import_run_sha256 ON import_run (establishment_id, sha256)")
    tenant.by_function("import_run", "SELECT")
    op.execute(
        "CREATE TABLE import_layout (id uuid CONSTRAINT pk_import_layout PRIMARY KEY,"
        " establishment_id uuid NOT NULL CONSTRAINT fk_import_layout_establishment_id REFERENCES legal_entity,"
        " fingerprint text NOT NULL, name text NOT NULL, choice jsonb NOT NULL,"
        " recorded_at timestamptz NOT NULL DEFAULT now(), recorded_by uuid)"
    )
    op.execute(
        "CREATE INDEX ix_import_layout_fingerprint ON import_layout (establishment_id, fingerprint, recorded_at DESC)"
    )
    tenant.tenant("import_layout")
    op.execute("ALTER TABLE perimeter_contact DROP CONSTRAINT uq_perimeter_contact_establishment_id_perimeter_id_name")
    for table, key in KEYS.items():
        if table != "pcra_coverage":
            op.execute(f"ALTER TABLE {table} ADD COLUMN withdrawn boolean NOT NULL DEFAULT false")
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN undoes uuid, ADD COLUMN key text GENERATED ALWAYS AS ({key}) STORED"
        )
        op.execute(f"CREATE INDEX ix_{table}_import_id ON {table} (import_id) WHERE import_id IS NOT NULL")
        op.execute(f"CREATE INDEX ix_{table}_key ON {table} (establishment_id, key, recorded_at DESC, id DESC)")
    for table, commands in (
        ("perimeter_version", ("INSERT",)),
        ("pcra_version", ("SELECT", "INSERT")),
        ("perimeter_contact", ("SELECT", "INSERT")),
    ):
        tenant.by_function(table, *commands)
    tenant.function(
        "undo_import(p_tables text[], p_establishments uuid[], p_import uuid)",
        "TABLE (register text, undone bigint, kept bigint, kept_keys text[])",
        UNDO,
        volatility="VOLATILE",
        language="plpgsql",
    )
    tenant.function(
        "sealed_rows(p_table text, p_establishments uuid[])",
        "TABLE (key_digest bytea, digest bytea, recorded_at timestamptz, recorded_by uuid)",
        SEALED,
        language="plpgsql",
    )
    tenant.function(
        "register_counts(p_table text)", "TABLE (establishment_id uuid, rows bigint)", COUNTS, language="plpgsql"
    )


def downgrade() -> None:
    op.execute(TEMPORARY.format("REVOKE", "FROM"))
    op.execute("DROP FUNCTION undo_import, sealed_rows, register_counts")
    for table, command in (
        ("perimeter_version", "insert"),
        ("pcra_version", "select"),
        ("pcra_version", "insert"),
        ("perimeter_contact", "select"),
        ("perimeter_contact", "insert"),
        ("import_run", "select"),
    ):
        op.execute(f"DROP POLICY {table}_owner_{command} ON {table}")
    for table in KEYS:
        kept = "" if table == "pcra_coverage" else ", DROP COLUMN withdrawn"
        op.execute(f"ALTER TABLE {table} DROP COLUMN undoes, DROP COLUMN key{kept}")
    op.execute(
        "ALTER TABLE perimeter_contact ADD CONSTRAINT uq_perimeter_contact_establishment_id_perimeter_id_name"
        " UNIQUE (establishment_id, perimeter_id, name)"
    )
    op.execute("DROP TABLE import_layout")
    op.execute("DROP INDEX ix_import_run_sha256")
    op.execute("UPDATE import_run SET state = 'applied' WHERE state IN ('undoing', 'undone')")
    op.execute("UPDATE import_run SET state = 'failed' WHERE state = 'cancelled'")
    op.execute(
        "ALTER TABLE import_run DROP COLUMN format, DROP COLUMN taken, DROP COLUMN summary, DROP COLUMN annotated_sha256, DROP COLUMN annotated_name, DROP COLUMN undone_at, DROP COLUMN undone_by,"
        " DROP COLUMN undo, DROP CONSTRAINT ck_import_run_state"
    )
    op.execute(f"ALTER TABLE import_run ADD CONSTRAINT ck_import_run_state CHECK (state IN {BEFORE})")
