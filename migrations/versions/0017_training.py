"""Training: attendance told without a name, sessions of a support told to its members, sessions an ARS opens for its region."""

from __future__ import annotations

from alembic import op

from migrations import operations as tenant

revision = "0017"
down_revision = "0016"

# The words of a name in alphabetical order, as the key of the register has them (importers: training_rules.person_key).
FOLDED = r"""
  (SELECT string_agg(w, ' ' ORDER BY w COLLATE "C") FROM regexp_split_to_table(
     translate(replace(replace(lower(regexp_replace(normalize(concat_ws(' ', c.last_name, c.first_name), NFKD),
       '[\u0300-\u036f]', '', 'g')), 'œ', 'oe'), 'æ', 'ae'), '-''’`.,()/‐‒–—', '              '), '\s+') AS w
    WHERE w <> '')
"""
# Who is who is told by digests under a salt drawn at each call and told to nobody: they compare within one answer and mean
# nothing outside of it, even for whoever holds the list of all numbers. Only a number of eleven digits (RPPS) is the same person
# in two establishments: an internal number, like a name, is salted with its establishment.
PRESENCE = f"""
#variable_conflict use_column
DECLARE v_salt text := gen_random_uuid()::text || gen_random_uuid()::text;
        v_read uuid[] := readable_establishments(); v_own uuid[] := own_establishments();
BEGIN
  RETURN QUERY
  WITH kept AS (
    SELECT DISTINCT ON (t.establishment_id, t.key) t.* FROM attendance t
     WHERE t.establishment_id = ANY (v_read) AND t.recorded_at < p_until
     ORDER BY t.establishment_id, t.key, t.recorded_at DESC, t.id DESC
  ), named AS (
    SELECT c.*, coalesce(lower(regexp_replace(c.identifier, '\\s', '', 'g')), '') AS number,
           CASE WHEN c.last_name IS NULL AND c.first_name IS NULL THEN ''
                WHEN c.identifier IS NULL THEN substr(c.key, length(c.session_code) + 4)
                ELSE {FOLDED} END AS folded
      FROM kept c WHERE NOT c.withdrawn
  )
  SELECT CASE WHEN n.establishment_id = ANY (v_own) THEN n.id END, n.establishment_id, n.session_code, n.profile, n.function,
         ARRAY[n.half_day_1, n.half_day_2, n.half_day_3, n.half_day_4, n.half_day_5, n.half_day_6],
         n.hours, n.attended_on, n.signed, n.certified, n.certified_on, n.on_call,
         CASE WHEN n.number = '' THEN '' ELSE encode(sha256(convert_to(concat_ws('/', v_salt, 'number',
           CASE WHEN n.number ~ '^[0-9]{{11}}$' THEN NULL ELSE n.establishment_id END, n.number), 'UTF8')), 'hex') END,
         n.number ~ '^[0-9]{{11}}$',
         CASE WHEN coalesce(n.folded, '') = '' THEN '' ELSE encode(sha256(convert_to(
           concat_ws('/', v_salt, 'name', n.establishment_id, n.folded), 'UTF8')), 'hex') END
    FROM named n ORDER BY n.establishment_id, n.key;
END
"""
# The support of a GHT opens the sessions that its members go to: they are told what it is about and when, never who goes.
COMMON = """
  WITH mine AS (
    SELECT DISTINCT gm.ght_id FROM ght_member gm
     WHERE gm.legal_entity_id = ANY (readable_establishments())
       AND gm.valid_from <= paris_today() AND (gm.valid_to IS NULL OR gm.valid_to >= paris_today())
  ), support AS (
    SELECT DISTINCT gm.legal_entity_id AS id FROM ght_member gm JOIN mine ON mine.ght_id = gm.ght_id
     WHERE gm.role = 'S' AND gm.legal_entity_id IS NOT NULL AND NOT gm.legal_entity_id = ANY (readable_establishments())
       AND gm.valid_from <= paris_today() AND (gm.valid_to IS NULL OR gm.valid_to >= paris_today())
  )
  SELECT s.code, s.title, s.kind, s.organiser, s.starts_on, s.ends_on, s.half_days, s.hours, s.modality, s.place, s.validity_months
    FROM (SELECT DISTINCT ON (t.establishment_id, t.key) t.* FROM training_session t
           WHERE t.establishment_id IN (SELECT id FROM support) AND t.recorded_at < p_until
           ORDER BY t.establishment_id, t.key, t.recorded_at DESC, t.id DESC) s
   WHERE NOT s.withdrawn ORDER BY s.starts_on, s.code
"""
REGIONAL = """
CREATE TABLE regional_session (
  id uuid CONSTRAINT pk_regional_session PRIMARY KEY,
  region_id uuid NOT NULL CONSTRAINT fk_regional_session_region_id REFERENCES region,
  code text NOT NULL,
  title text NOT NULL,
  kind text NOT NULL CONSTRAINT ck_regional_session_kind
    CHECK (kind IN ('dmcc', 'crisis_cell', 'pcra_referent', 'awareness', 'sse', 'other')),
  starts_on date NOT NULL,
  ends_on date NOT NULL CONSTRAINT ck_regional_session_ends_on CHECK (ends_on >= starts_on),
  place text,
  capacity integer CONSTRAINT ck_regional_session_capacity CHECK (capacity BETWEEN 1 AND 10000),
  half_days integer NOT NULL CONSTRAINT ck_regional_session_half_days CHECK (half_days BETWEEN 1 AND 20),
  withdrawn boolean NOT NULL DEFAULT false,
  recorded_at timestamptz NOT NULL DEFAULT now(),
  recorded_by uuid
)
"""
READ = "region_id = ANY ((SELECT readable_regions())::uuid[])"
WRITTEN = "region_id = ANY ((SELECT reviewing_regions())::uuid[])"


def upgrade() -> None:
    tenant.function(
        "training_presence(p_until timestamptz)",
        "TABLE (id uuid, establishment_id uuid, session_code text, profile text, function text, half_days text[], hours numeric,"
        " attended_on date, signed boolean, certified boolean, certified_on date, on_call boolean, person text, nationwide boolean,"
        " namesake text)",
        PRESENCE,
        volatility="VOLATILE",
        language="plpgsql",
    )
    tenant.function(
        "common_sessions(p_until timestamptz)",
        "TABLE (code text, title text, kind text, organiser text, starts_on date, ends_on date, half_days integer, hours numeric,"
        " modality text, place text, validity_months integer)",
        COMMON,
    )
    tenant.function(
        "readable_regions()",
        "uuid[]",
        """SELECT reviewing_regions() || ARRAY(
             SELECT DISTINCT le.region_id FROM legal_entity le WHERE le.id = ANY (readable_establishments()))""",
    )
    op.execute(REGIONAL)
    op.execute("CREATE INDEX ix_regional_session_code ON regional_session (region_id, code, recorded_at DESC, id DESC)")
    op.execute("ALTER TABLE regional_session ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE regional_session FORCE ROW LEVEL SECURITY")
    op.execute("GRANT SELECT, INSERT ON regional_session TO vigie_app")
    op.execute(f"CREATE POLICY regional_session_read ON regional_session FOR SELECT TO vigie_app USING ({READ})")
    op.execute(
        f"CREATE POLICY regional_session_insert ON regional_session FOR INSERT TO vigie_app WITH CHECK ({WRITTEN})"
    )


def downgrade() -> None:
    op.execute("DROP TABLE regional_session")
    op.execute("DROP FUNCTION readable_regions, common_sessions, training_presence")
