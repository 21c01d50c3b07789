"""Rows of the BIA, of plans and of support functions, as the rules read them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from compliance.rules import dependency
from compliance.rules.plan import Loss, Plan
from compliance.rules.support import SupportAnswer, SupportFunction
from compliance.services.perimeter import PerimeterRecord
from compliance.services.register import Row


def activity_of(row: Row) -> dependency.Activity:
    """An activity of the BIA."""
    values = row.values
    return dependency.Activity(
        party=row.finess,
        perimeter=values["perimeter_code"],
        number=values["number"],
        name=values["name"],
        criticality=values["criticality"] or "",
        dima=values["dima_minutes"],
        pdma=values["pdma_minutes"],
        hold=values["degraded_hold_minutes"],
    )


def need_of(row: Row) -> dependency.Need:
    """A resource that something depends on."""
    values = row.values
    return dependency.Need(
        party=row.finess,
        perimeter=values["perimeter_code"],
        number=values["activity_number"] or "",
        kind=values["kind"],
        label=values["label"],
        tolerated=values["tolerated_minutes"],
        system=values["system_code"] or "",
        ref=str(row.id),
    )


def system_of(row: Row) -> dependency.System:
    """A critical system, by what it promises."""
    values = row.values
    return dependency.System(
        owner=row.finess,
        code=values["code"],
        application=values["application"],
        parties=frozenset(values["finess_list"] or [row.finess]),
        activities=frozenset(values["activities"]),
        rto=values["rto_minutes"],
        pdma=values["pdma_minutes"],
        frequency=values["frequency_minutes"],
        ref=str(row.id),
    )


def plan_of(record: PerimeterRecord, content: Mapping[str, Any] | None) -> Plan:
    """The PCRA of a perimeter, from what is known of it and from its content, None when that was never typed."""
    values: Mapping[str, Any] = defaultdict(lambda: None) if content is None else content
    return Plan(
        party=record.finess,
        code=record.code,
        name=record.name,
        recorded=content is not None,
        pca=record.pca,
        pca_on=record.pca_on,
        pra=record.pra,
        pra_on=record.pra_on,
        owner=values["owner_function"] or "",
        losses=tuple(loss for loss in Loss if values[f"loss_{loss}"]),
        degraded_after=values["degraded_after_minutes"],
        interruption=values["interruption_minutes"],
        capacity=values["capacity"],
        hold=values["hold_minutes"],
        relief=values["relief"] or "",
        reviewed_on=values["reviewed_on"],
        next_review_on=values["next_review_on"],
        links=tuple(values["linked_plans"] or ()),
        paper_copy=record.paper_copy,
        paper_place=record.paper_place,
        printed_on=record.printed_on,
    )


def held(plans: Iterable[Plan]) -> list[dependency.Held]:
    """How long each plan that exists holds, beside the activities that hold by themselves."""
    return [dependency.Held(plan.code, f"PCRA {plan.title}", plan.hold) for plan in plans if plan.exists]


def answer_of(function: SupportFunction, values: Mapping[str, Any]) -> SupportAnswer:
    """What an establishment says of a support function."""
    return SupportAnswer(
        function=function,
        can_run_again=values["can_run_again"],
        run_by=values["run_by"] or "",
        channel=values["channel"] or "",
        hold=values["hold_minutes"],
        checked_on=values["checked_on"],
    )
