"""The tags that a DAG may carry; tests make one of each group compulsory."""

from __future__ import annotations

from enum import StrEnum


class Tag(StrEnum):
    """What a DAG does (`does:`) and what starts it (`starts:`), for the filter of Airflow's list of DAGs."""

    LOADS = "does:load"
    BUILDS = "does:build"
    MAINTAINS = "does:maintain"
    BY_FILE = "starts:file"
    BY_ASSET = "starts:asset"
    BY_CLOCK = "starts:clock"
