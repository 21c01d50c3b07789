"""Exercises: what is planned, what was done, what is to be mended since."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import ARRAY, Text
from sqlalchemy.orm import Mapped, mapped_column

from compliance.models.register import Register
from tenants.db import Base


class Exercise(Register, Base):
    """An exercise, or a real event run on the plans, for one establishment or several."""

    __tablename__ = "exercise"
    code: Mapped[str]
    finess_list: Mapped[list[str]] = mapped_column(ARRAY(Text))
    finess_et: Mapped[str | None]
    nature: Mapped[str | None]
    kit_level: Mapped[str | None]
    perimeters: Mapped[list[str]] = mapped_column(ARRAY(Text))
    scenario: Mapped[str | None]
    unannounced: Mapped[bool | None]
    planned_on: Mapped[date]
    starts_at: Mapped[str | None]
    ends_at: Mapped[str | None]
    facilitator: Mapped[str | None]
    status: Mapped[str]
    status_reason: Mapped[str | None]
    postponed_to: Mapped[date | None]
    label: Mapped[str | None]
    teams: Mapped[list[str]] = mapped_column(ARRAY(Text))
    storyline: Mapped[str | None]  # told to who prepares it; to the others from the day on


class ExerciseResult(Register, Base):
    """What an exercise gave: who took part, what was run, its RETEX."""

    __tablename__ = "exercise_result"
    exercise_code: Mapped[str]
    held_on: Mapped[date]
    duration_minutes: Mapped[int]
    participants: Mapped[int]
    management_present: Mapped[bool]
    departments_present: Mapped[bool]
    dmcc_present: Mapped[bool | None]
    cell_activated: Mapped[str | None]
    activation_minutes: Mapped[int | None]
    log_kept: Mapped[bool | None]
    paper_directory_used: Mapped[bool | None]
    degraded_modes: Mapped[str]
    care_assessed: Mapped[bool]
    rating: Mapped[int | None]
    strengths: Mapped[str | None]
    weaknesses: Mapped[str | None]
    scenario_file: Mapped[str | None]
    report_file: Mapped[str | None]
    retex_file: Mapped[str | None]
    retex_on: Mapped[date | None]
    attendance: Mapped[str | None]
    functions: Mapped[list[str]] = mapped_column(ARRAY(Text))  # who took part, by function


class PlanResult(Register, Base):
    """What an exercise gave for one of the plans it tried: delays and capacity observed, dependencies found."""

    __tablename__ = "plan_result"
    exercise_code: Mapped[str]
    perimeter_code: Mapped[str]
    plan_version: Mapped[str | None]
    result: Mapped[str]
    degraded_after_minutes: Mapped[int | None]
    interruption_minutes: Mapped[int | None]
    capacity: Mapped[Decimal | None]  # share of the usual activity that was held, 0 to 100
    dependencies_found: Mapped[list[str]] = mapped_column(ARRAY(Text))
    comment: Mapped[str | None]


class ExerciseAction(Register, Base):
    """One action: from an exercise, an incident or a gap of a row, to the proof or the new test that closes it."""

    __tablename__ = "exercise_action"
    exercise_code: Mapped[str | None]
    incident_code: Mapped[str | None]
    objective: Mapped[str | None]
    number: Mapped[str]
    finding: Mapped[str]
    action: Mapped[str]
    kind: Mapped[str | None]
    priority: Mapped[str | None]
    owner_function: Mapped[str | None]
    due_on: Mapped[date]
    status: Mapped[str | None]
    closed_on: Mapped[date | None]
    pca_updated: Mapped[bool | None]
    pca_version: Mapped[str | None]
    proof_file: Mapped[str | None]
    retest_code: Mapped[str | None]
