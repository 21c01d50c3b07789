"""Nobody signs for a candidate and decides on candidates; a filing made by a delegate keeps the deed by which it was."""

from __future__ import annotations

from alembic import op

from migrations import operations as tenant

revision = "0026"
down_revision = "0025"

# Ended memberships do not count; for who is to be named, one to come does. Source: programme.md, an ARS must never see drafts.
AUTHORITY = """
SELECT EXISTS (SELECT 1 FROM membership m WHERE m.user_id = p_user
  AND m.role IN ('ars_reviewer', 'ars_lead', 'expert', 'ans_reviewer')
  AND m.valid_from <= p_on AND (m.valid_to IS NULL OR m.valid_to >= paris_today()))
"""

# As in 0019. Who became an authority since loses what was delegated, at the next request: every right and the identity read it here.
DELEGATIONS = """
SELECT last.* FROM (
  SELECT DISTINCT ON (d.establishment_id, d.ght_id) d.* FROM delegation d WHERE d.delegate_id = p_user
   ORDER BY d.establishment_id, d.ght_id, d.recorded_at DESC, d.id DESC) last
 WHERE NOT last.withdrawn AND last.starts_on <= paris_today() AND last.ends_on >= paris_today()
   AND NOT is_authority(p_user, paris_today())"""

# As in 0022: an authority is answered like an address without account, so that nobody learns who decides.
DELEGATE = """
BEGIN
  IF NOT p_establishment = ANY (delegating_establishments()) THEN
    RAISE EXCEPTION 'establishment out of scope' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN (SELECT u.id FROM user_account u WHERE u.email = lower(btrim(p_email)) AND u.disabled_at IS NULL
             AND NOT is_authority(u.id, 'infinity'));
END
"""

# As in 0022. A withdrawal is recorded of anybody.
TO = (
    "(ght_id IS NULL OR ght_id = ANY ((SELECT signed_ghts())::uuid[])) AND EXISTS (SELECT 1 FROM candidate c"
    " WHERE c.establishment_id = delegation.establishment_id AND c.ght_id IS NOT DISTINCT FROM delegation.ght_id)"
    " AND (withdrawn OR NOT is_authority(delegate_id, 'infinity'))"
)


def upgrade() -> None:
    op.execute("ALTER TABLE filing ADD COLUMN deed text NOT NULL DEFAULT ''")
    tenant.function("is_authority(p_user uuid, p_on date)", "boolean", AUTHORITY)
    for signature, returns, language, body in (
        ("delegations_of(p_user uuid)", "SETOF delegation", "sql", DELEGATIONS),
        ("account_to_delegate(p_establishment uuid, p_email text)", "uuid", "plpgsql", DELEGATE),
    ):
        op.execute(
            f"CREATE OR REPLACE FUNCTION {signature} RETURNS {returns} LANGUAGE {language} STABLE SECURITY DEFINER"
            f" SET search_path = pg_catalog, public, pg_temp AS $function${body}$function$"
        )
    op.execute(f"ALTER POLICY delegation_to ON delegation WITH CHECK ({TO})")


def downgrade() -> None:
    raise NotImplementedError("whoever decides on dossiers does not read drafts again")
