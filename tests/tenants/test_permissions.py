"""The policy on a page, against the table of the programme ("Who may do what")."""

from __future__ import annotations

import pytest

from tenants.permissions import GRANTS, ROLE_LABELS, SCOPES, Permission, Role, granted, public, requires, signed_in

P = Permission
# Written from programme.md, column by column.
PROGRAMME = {
    "referent": {P.READ, P.IMPORT, P.ATTACH_EVIDENCE, P.BUILD_DOSSIER},
    "director": {P.READ},
    "establishment_admin": {P.READ, P.IMPORT, P.ATTACH_EVIDENCE, P.BUILD_DOSSIER, P.MANAGE_CANDIDATE, P.PUBLISH},
    "ght_manager": {P.READ, P.IMPORT, P.ATTACH_EVIDENCE, P.BUILD_DOSSIER, P.MANAGE_CANDIDATE, P.PUBLISH},
    "ght_admin": {P.READ},
    "signatory": {P.READ, P.FILE_DOSSIER, P.DELEGATE},
    "delegate": {P.READ, P.FILE_DOSSIER},
    "ars_reviewer": {P.READ_FILED, P.GIVE_OPINION, P.REVIEW, P.OPEN_SESSIONS},
    "ars_lead": {P.READ_FILED, P.GIVE_OPINION, P.REVIEW, P.ASSIGN_REVIEWS, P.OPEN_SESSIONS},
    "expert": {P.GIVE_EXPERTISE},
    "ans_reviewer": {P.READ_FILED, P.REVIEW},
}


def test_each_role_grants_what_the_programme_says():
    assert {str(role): set(permissions) for role, permissions in GRANTS.items()} == PROGRAMME


def test_every_role_has_grants_and_a_french_name():
    assert set(GRANTS) == set(Role) == set(ROLE_LABELS)
    assert all(ROLE_LABELS.values())


def test_every_permission_is_granted_to_somebody():
    assert granted(Role) == frozenset(Permission)


def test_only_the_signatory_and_a_delegate_file_and_a_delegate_is_never_granted():
    assert {role for role in Role if P.FILE_DOSSIER in GRANTS[role]} == {Role.SIGNATORY, Role.DELEGATE}
    assert SCOPES[Role.DELEGATE] == frozenset()


@pytest.mark.parametrize("role", [Role.ARS_REVIEWER, Role.ARS_LEAD])
def test_the_agency_reads_what_was_filed_decides_on_it_and_never_reads_a_draft(role):
    assert GRANTS[role] - {P.ASSIGN_REVIEWS} == {P.READ_FILED, P.GIVE_OPINION, P.REVIEW, P.OPEN_SESSIONS}


def test_several_roles_add_up_and_no_role_gives_nothing():
    assert granted([Role.DIRECTOR, Role.SIGNATORY]) == {P.READ, P.FILE_DOSSIER, P.DELEGATE}
    assert granted([]) == frozenset()


def test_a_mark_says_what_it_asks_and_changes_nothing_else():
    def view():
        return "seen"

    assert requires(P.READ)(view) is view
    assert view.permission is P.READ
    assert public(view).public
    assert signed_in(view).signed_in
    assert view() == "seen"
