"""Pages of a review: the queue, the desk, a batch, what an expert reads, what the candidate reads."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from compliance.services.review_queue import ExpectedEnd
from tests.pages import funding, samples

Context = Callable[[], dict[str, Any]]
IDS = [UUID(int=place) for place in range(1, 7)]
CAUSES = [("incorrect", "Inexacte"), ("incomplete", "Incomplète"), ("outdated", "Dépassée")]
STEPS = [
    {"icon": "met", "label": "Dossier transmis à l’ARS", "detail": "le 06/11/2026 ; ARS : 16 jours", "reason": ""},
    {
        "icon": "in_progress",
        "label": "Pièce retournée par l’ARS",
        "detail": "le 20/11/2026",
        "reason": "Le RETEX manque",
    },
]
HERE = {"icon": "in_progress", "label": "En instruction à l’ARS", "sentence": "L’ARS a le dossier depuis 16 jours"}
TEXT = "Le RETEX cite le PCA v1.2.\nLa v1.3 était approuvée depuis le 21/09."


def _line(place: int, days_left: int | None, reviewer: str = "") -> dict[str, Any]:
    return {
        "filing_id": IDS[place],
        "candidate_id": IDS[place],
        "name": f"GHT n° {place}",
        "kind": "GHT",
        "state": "in_progress",
        "state_label": "En instruction à l’ARS",
        "filed_on": samples.TODAY,
        "version": 2,
        "pieces": 61,
        "undecided": 4,
        "returned": place % 2,
        "effort": 7,
        "ends_on": None if days_left is None else samples.TODAY + timedelta(days=days_left),
        "confidence": "estimée",
        "with_candidate": bool(reviewer),
        "days_left": days_left,
        "reviewer": reviewer,
        "note": "Reste la sauvegarde" if reviewer else "",
    }


def _queue(*lines: dict[str, Any], level: str = "ars", error: str = "", who: str = "", total: int = 3) -> Context:
    people = [(IDS[4], "Morgan Delcourt"), (IDS[5], "Alix Renaudin")]
    return lambda: {
        "agency": "ARS Littoral-Nord",
        "today": samples.TODAY,
        "level": level,
        "definition": "Le moins d’effort d’abord, puis le moins de temps restant",
        "lines": list(lines),
        "total": total,
        "mine": 1,
        "unassigned": min(1, total),
        "filters": {"who": who, "state": ""},
        "states": [("ars_review", "En instruction à l’ARS")],
        "load": [
            {"name": "Morgan Delcourt", "dossiers": 2, "pieces": 5, "effort": 9},
            {"name": "", "dossiers": 1, "pieces": 4, "effort": 7},
        ]
        if total
        else [],
        "people": people,
        "colleagues": people,
        "candidates": [(line["candidate_id"], line["name"]) for line in lines],
        "can_assign": bool(error),
        "form": {"error": error, "candidate": "", "reviewer": "", "giver": "", "taker": "", "note": ""},
    }


def _listed(place: int, state: str, **more: Any) -> dict[str, Any]:
    return {
        "id": IDS[place],
        "filename": f"PSSI n° {place}.pdf",
        "row": "D2.P1",
        "title": "PSSI formalisée et à jour",
        "holder": "CH de Port-Aubry",
        "state": state,
        "fresh": False,
        "current": False,
    } | more


def _piece(state: str, kind: str) -> dict[str, Any]:
    return {
        "id": IDS[0],
        "filename": "PSSI_GHT_v3.pdf",
        "size": 812_000,
        "type": "PSSI",
        "establishment": "CH de Port-Aubry",
        "approved_on": samples.TODAY,
        "effective_on": None,
        "received_at": samples.NOW,
        "expires_on": None,
        "sha256": "ab12" * 16,
        "kind": kind,
        "text": "Politique de sécurité : <b>version 3</b>",
        "cut": True,
        "state": state,
        "read": "",
        "place": 1,
    }


def _expertise(state: str, **more: Any) -> dict[str, Any]:
    return {
        "id": IDS[3],
        "expert": "Sam Vasseur",
        "filename": "PSSI_GHT_v3.pdf",
        "question": "Ce schéma isole-t-il les sauvegardes ?",
        "due_on": samples.TODAY,
        "filing_id": IDS[1],
        "state": state,
        "favourable": False,
        "text": "Non : le compte d’administration est commun." if state == "answered" else "",
        "answered_on": samples.TODAY,
        "reminded_on": samples.TODAY,
        "late": False,
    } | more


DECISIONS = [
    {
        "accepted": False,
        "cause": "incomplete",
        "message": TEXT,
        "level": "ars",
        "author": "Morgan Delcourt",
        "at": samples.NOW,
        "version": 1,
    },
    {
        "accepted": True,
        "cause": "",
        "message": "",
        "level": "ans",
        "author": "Ada Martin",
        "at": samples.NOW,
        "version": 2,
    },
]
MESSAGES = [{"author": "Claire Le Goff", "level": "candidate", "at": samples.NOW, "text": "La page 4 est jointe."}]


def _desk(  # what a desk may show
    state: str = "undecided",
    kind: str = "pdf",
    level: str = "ars",
    *,
    judges: bool = True,
    decides: bool = False,
    error: str = "",
    refused: str = "",
    empty: bool = False,
    confirming: str = "",
) -> Context:
    check = {"state": "to_confirm", "text": "PSSI signée", "small": "Date d’approbation illisible"}
    return lambda: {
        "candidate": {"name": "GHT des Deux Caps"},
        "filing": {"id": IDS[1], "number": 2, "filed_at": samples.NOW, "signed": "par délégation (Décision 2026-14)"},
        "level": level,
        "here": HERE,
        "opening": None if judges or empty else {"to": "ars_review", "label": "Ouvrir l’instruction"},
        "steps": STEPS,
        "pieces": []
        if empty
        else [_listed(0, state, current=True), _listed(1, "returned"), _listed(2, "accepted"), _listed(4, "undecided", fresh=True)],
        "piece": None if empty else _piece(state, kind),
        "row": None
        if empty
        else {
            "code": "D2.P1",
            "title": "PSSI formalisée et à jour",
            "rule": "Une PSSI approuvée par la direction.",
            "source": "arrêté du 3 juillet 2025",
            "version": "2025-06-26",
            "state": "to_confirm",
            "reasons": samples.things([{"code": "X", "text": "Une date manque", "subject": ""}]),
            "doubts": [check],
            "held": [check | {"state": "met", "small": ""}],
        },
        "funding": {} if empty else funding.frozen(),
        "before": _piece("returned", "pdf") if state == "accepted" else None,
        "decided": DECISIONS if state != "undecided" else [],
        "messages": MESSAGES if state != "undecided" else [],
        "expertises": [_expertise("waiting"), _expertise("waiting", late=True)] if level == "ars" else [],
        "all_expertises": [_expertise("answered"), _expertise("withdrawn")] if level == "ars" else [],
        "form": {
            "error": error,
            "cause": "incomplete" if error else "",
            "message": "",
            "text": "",
            "question": "",
            "due_on": "",
            "expert": "",
        },
        "longest": 4000,
        "causes": CAUSES,
        "experts": [(IDS[2], "Sam Vasseur")] if judges else [],
        "may_judge": judges,
        "confirming": confirming,
        "confirmation_minutes": 60,
        "may_decide": decides,
        "may_ask": judges and level == "ars",
        "may_opine": level == "ars",
        "decision": {
            "error": refused,
            "choices": [("favourable", "Avis favorable", "Toutes les pièces sont acceptées."), ("unfavourable", "Avis défavorable", "Se motive.")],
            "choice": "",
            "reason": "",
            "why_not": "" if decides else "Il reste 4 pièces à examiner",
        },
        "ecare": "GHT des Deux Caps, version 2\nD2.P1 : PSSI_GHT_v3.pdf, acceptée",
        "versions": [{"id": IDS[1], "number": 2, "filed_at": samples.NOW}, {"id": IDS[2], "number": 1, "filed_at": samples.NOW}],
    }  # fmt: skip


def _batch(decision: str, error: str = "", *, ready: bool = True, refused: int = 0) -> Context:
    return lambda: {
        "candidate": {"name": "GHT des Deux Caps"},
        "filing": {"id": IDS[1], "number": 2},
        "decision": decision,
        "ready": ready,
        "refused": refused,
        "fingerprint": "ab" * 32,
        "pieces": [
            _listed(0, "undecided", effect="", refusal="C’est déjà décidé" if refused else ""),
            _listed(1, "returned", effect="Remplace la décision du 20/11/2026", refusal=""),
        ],
        "form": {"error": error, "cause": "incomplete" if ready else "", "message": TEXT if ready else ""},
        "causes": CAUSES,
        "longest": 4000,
    }  # fmt: skip


def _question(**more: Any) -> dict[str, Any]:
    return {
        "id": IDS[3],
        "filename": "PSSI_GHT_v3.pdf",
        "question": "Ce schéma isole-t-il les sauvegardes ?",
        "due_on": samples.TODAY,
        "late": True,
        "asked_by": "Morgan Delcourt",
        "reminded_on": samples.TODAY,
        "row": "D2.P1",
        "title": "PSSI formalisée et à jour",
        "rule": "Une PSSI approuvée par la direction.",
    } | more


def _questions(*questions: dict[str, Any]) -> Context:
    return lambda: {"agency": "ARS Littoral-Nord", "today": samples.TODAY, "questions": list(questions)}


def _answer(kind: str, error: str = "") -> Context:
    return lambda: {
        "question": _question(),
        "piece": _piece("undecided", kind),
        "form": {"error": error, "favourable": "yes" if error else "", "text": ""},
        "longest": 4000,
    }


def procedure(*, replaced: bool = False, pays: bool = False) -> dict[str, Any]:
    """What a candidate reads of its review, on the page of its dossier."""
    returned = {
        "piece": _piece("returned", "pdf") | {"id": IDS[0]},
        "row": "D2.P1",
        "title": "PSSI formalisée et à jour",
        "cause": "incomplete",
        "message": TEXT,
        "level": "ars",
        "author": "Morgan Delcourt",
        "at": samples.NOW,
        "after": _piece("undecided", "pdf") if replaced else None,
        "waiting": replaced,
        "aside": None if replaced else {"id": IDS[2], "filename": "pssi-v2.pdf", "reason": TEXT},
        "dates": {"approved_on": samples.TODAY, "effective_on": "", "expires_on": ""},
        "messages": MESSAGES,
        "answered": False,
    }
    return {
        "here": HERE,
        "over": pays,
        "since": samples.TODAY,
        "steps": STEPS,
        "expected": ExpectedEnd(12, 310, 60, (samples.TODAY, samples.TODAY + timedelta(days=40)) if replaced else None),
        "returned": [] if pays else [returned, returned | {"piece": returned["piece"] | {"id": IDS[1]}, "messages": []}],
        "talks": [{name: returned[name] for name in ("piece", "row", "title", "messages")}] if replaced or pays else [],
        "can_refile": not pays,
        "not_refilable": "" if replaced else "Remplacez d’abord les deux pièces",
        "moves": [{"to": "payment_requested", "label": "Demander le paiement", "password": True}] if pays else [],
        "longest": 4000,
    }  # fmt: skip


CASES: dict[str, tuple[str, Context]] = {
    "queue": ("compliance/review_queue.html", _queue(_line(0, -3), _line(1, 1), _line(2, None, "Morgan Delcourt"))),
    "queue_filtered": ("compliance/review_queue.html", _queue(who="mine")),
    "queue_refused": (
        "compliance/review_queue.html",
        _queue(_line(1, 12), error="Choisissez quelqu’un de la région"),
    ),
    "queue_empty": ("compliance/review_queue.html", _queue(total=0)),
    "queue_nation": ("compliance/review_queue.html", _queue(_line(1, 40), level="ans", total=1)),
    "review": ("compliance/review.html", _desk()),
    "review_image": ("compliance/review.html", _desk("returned", "image")),
    "review_text": ("compliance/review.html", _desk("accepted", "text", decides=True)),
    "review_other": ("compliance/review.html", _desk("undecided", "", error="Écrivez ce que le candidat doit faire")),
    "review_nation": ("compliance/review.html", _desk(level="ans", decides=True, refused="Ce mot de passe n’est pas le vôtre")),
    "review_confirm": ("compliance/review.html", _desk(error="Confirmez que c’est vous", confirming="return")),
    "review_confirm_accept": ("compliance/review.html", _desk(error="Confirmez que c’est vous", confirming="accept")),
    "review_before": ("compliance/review.html", _desk(judges=False)),
    "review_empty": ("compliance/review.html", _desk(judges=False, empty=True)),
    "batch_accept": ("compliance/review_batch.html", _batch("accept")),
    "batch_return": ("compliance/review_batch.html", _batch("return", "Ce mot de passe n’est pas le vôtre")),
    "batch_why": ("compliance/review_batch.html", _batch("return", ready=False)),
    "batch_impossible": ("compliance/review_batch.html", _batch("return", refused=1)),
    "expertises": ("compliance/expertises.html", _questions(_question(), _question(late=False, asked_by=""))),
    "expertises_none": ("compliance/expertises.html", _questions()),
    "expertise": ("compliance/expertise.html", _answer("pdf")),
    "expertise_text": ("compliance/expertise.html", _answer("text", "Dites pourquoi")),
    "procedure": ("compliance/_procedure.html", lambda: {"procedure": procedure(), "can_attach": True}),
    "procedure_replaced": (
        "compliance/_procedure.html",
        lambda: {"procedure": procedure(replaced=True), "can_attach": True, "can_file": True},
    ),
    "procedure_pays": ("compliance/_procedure.html", lambda: {"procedure": procedure(pays=True), "can_file": True}),
}  # fmt: skip
FRAGMENTS = ("procedure", "procedure_replaced", "procedure_pays")
ROUTES = {
    "compliance.review_queue": "/ars/32/file",
    "compliance.review_queue_workbook": "/ars/32/file.xlsx",
    "compliance.assign_review": "/ars/32/file/confier",
    "compliance.hand_over_reviews": "/ars/32/file/passer",
    "compliance.review": "/ars/32/dossiers/<filing_id>/instruction",
    "compliance.open_review": "/ars/32/dossiers/<filing_id>/instruction/ouvrir",
    "compliance.shown_piece": "/ars/32/dossiers/<filing_id>/instruction/<piece_id>/voir",
    "compliance.decide_piece": "/ars/32/dossiers/<filing_id>/instruction/<piece_id>",
    "compliance.say_on_piece": "/ars/32/dossiers/<filing_id>/instruction/<piece_id>/message",
    "compliance.ask_expert": "/ars/32/dossiers/<filing_id>/instruction/<piece_id>/expertise",
    "compliance.remind_expert": "/ars/32/dossiers/<filing_id>/expertises/<expertise_id>/rappeler",
    "compliance.withdraw_expert": "/ars/32/dossiers/<filing_id>/expertises/<expertise_id>/retirer",
    "compliance.preview_batch": "/ars/32/dossiers/<filing_id>/instruction/lot",
    "compliance.decide_batch": "/ars/32/dossiers/<filing_id>/instruction/lot/confirmer",
    "compliance.decide_dossier": "/ars/32/dossiers/<filing_id>/decision",
    "compliance.review_text": "/ars/32/dossiers/<filing_id>/ecare.txt",
    "compliance.expertises": "/ars/32/expertises",
    "compliance.expertise": "/ars/32/expertises/<expertise_id>",
    "compliance.expertise_shown": "/ars/32/expertises/<expertise_id>/voir",
    "compliance.expertise_piece": "/ars/32/expertises/<expertise_id>/piece",
    "compliance.answer_expertise": "/ars/32/expertises/<expertise_id>/repondre",
    "compliance.replace_piece": "/ght/GHT-DEUX-CAPS/dossier/pieces/<piece_id>/remplacer",
    "compliance.answer_on_piece": "/ght/GHT-DEUX-CAPS/dossier/pieces/<piece_id>/message",
    "compliance.refile": "/ght/GHT-DEUX-CAPS/dossier/transmettre-de-nouveau",
    "compliance.take_step": "/ght/GHT-DEUX-CAPS/dossier/etape",
}
