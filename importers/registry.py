"""The workbooks of the kit: one line each."""

from __future__ import annotations

from importers.workbooks import bia_pcra_store
from importers.workbooks.bia_pcra import BIA_PCRA

WORKBOOKS = {BIA_PCRA.code: (BIA_PCRA, bia_pcra_store)}
