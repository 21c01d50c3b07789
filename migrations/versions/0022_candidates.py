"""Candidates opened by the operator before anything is entered; who may delegate, and to whom; the day of an official state."""

from __future__ import annotations

from alembic import op

from migrations import operations as tenant

revision = "0022"
down_revision = "0021"

# A delegation is the signatory's own: a delegate files, and delegates nothing. It is for a candidate that exists, and one made
# for a GHT is given by who signs for that GHT, not by who signs for its support alone.
TO = (
    "(ght_id IS NULL OR ght_id = ANY ((SELECT signed_ghts())::uuid[])) AND EXISTS (SELECT 1 FROM candidate c"
    " WHERE c.establishment_id = delegation.establishment_id AND c.ght_id IS NOT DISTINCT FROM delegation.ght_id)"
)

DELEGATE = """
BEGIN
  IF NOT p_establishment = ANY (delegating_establishments()) THEN
    RAISE EXCEPTION 'establishment out of scope' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN (SELECT u.id FROM user_account u WHERE u.email = lower(btrim(p_email)) AND u.disabled_at IS NULL);
END
"""

# A member does not read the row of its GHT's candidate: it learns which it is a part of, and nothing else.
CANDIDATE_OF = """
SELECT c.id FROM candidate c
 WHERE c.domain = p_domain AND p_establishment = ANY (readable_establishments())
   AND EXISTS (SELECT 1 FROM ght_member m WHERE m.ght_id = c.ght_id AND m.legal_entity_id = p_establishment
                 AND m.valid_from <= paris_today() AND (m.valid_to IS NULL OR m.valid_to >= paris_today()))
 ORDER BY c.id LIMIT 1
"""


def upgrade() -> None:
    tenant.by_function("candidate", "INSERT")
    op.execute("ALTER TABLE candidature ADD COLUMN ecare_state_on date")
    tenant.function("delegating_establishments()", "uuid[]", tenant.reach(("signatory",), ("signatory",)))
    tenant.function("signed_ghts()", "uuid[]", tenant.narrowed("ght", ("signatory",)))
    tenant.function("account_to_delegate(p_establishment uuid, p_email text)", "uuid", DELEGATE, language="plpgsql")
    tenant.function("candidate_of(p_establishment uuid, p_domain text)", "uuid", CANDIDATE_OF)
    op.execute(
        "ALTER POLICY delegation_insert_right ON delegation"
        " WITH CHECK (establishment_id = ANY ((SELECT delegating_establishments())::uuid[]))"
    )
    for command, clause in (
        ("update", "USING ({0}) WITH CHECK ({0})"),
        ("delete", "USING ({0})"),
    ):
        allowed = "establishment_id = ANY ((SELECT delegating_establishments())::uuid[])"
        op.execute(f"ALTER POLICY delegation_{command}_right ON delegation {clause.format(allowed)}")
    op.execute(f"CREATE POLICY delegation_to ON delegation AS RESTRICTIVE FOR INSERT TO vigie_app WITH CHECK ({TO})")


def downgrade() -> None:
    raise NotImplementedError("who signed for whom is not thrown away")
