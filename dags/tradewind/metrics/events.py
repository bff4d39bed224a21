"""The event models that rules count, as the dbt project describes them; what of them rules name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tradewind.metrics.definition import MetricError, Post, Rule, Term
from tradewind.metrics.expressions import columns_of

HEADER = ("load_id", "row_number", "store_id", "platform", "business_date")
COUNTED = "is_counted"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Owned(_Part):
    """SQL that gives the object of an event whose owners may be credited."""

    type: str
    id: str


class Snapshots(_Part):
    """How long a row stands: to the day in column `until`. Model `by_day` has the days summed up."""

    until: str
    by_day: str


class EventMeta(_Part):
    """`meta.event` of a model: that its rows are events which a rule may count."""

    # SQL that says what an event is about
    description: str
    owner: Owned | None = None
    actor: str | None = None
    snapshots: Snapshots | None = None


class EventModel(_Part):
    """An event model: its columns by name, with their types, and what its meta says."""

    name: str
    columns: dict[str, str]
    meta: EventMeta = Field(repr=False)

    @property
    def counted(self) -> str:
        """SQL over it: which rows count at all."""
        return COUNTED if COUNTED in self.columns else "true"


def read_event_models(project: Path) -> dict[str, EventModel]:
    """The event models of the dbt project in folder `project`, by name.

    Raises:
        MetricError: a model's meta.event is wrong; the message names file, model and key.
    """
    models = {}
    for file in sorted((project / "models").rglob("_*__models.yml")):
        for model in yaml.safe_load(file.read_text(encoding="utf-8"))["models"]:
            meta = model.get("config", {}).get("meta", {})
            if "event" in meta:
                models[model["name"]] = _read_model(file, model, meta["event"])
    return models


def _read_model(file: Path, model: dict[str, Any], meta: Any) -> EventModel:
    columns = {column["name"]: column["data_type"] for column in model["columns"]}
    where = f"{file.name}: model {model['name']}: "
    try:
        event = EventMeta.model_validate(meta)
    except ValidationError as error:
        fault = error.errors()[0]
        raise MetricError(
            f"{where}key meta.event.{'.'.join(map(str, fault['loc']))}: {fault['msg']}"
        ) from error
    if missing := [name for name in HEADER if name not in columns]:
        raise MetricError(f"{where}an event has column {missing[0]}")
    return EventModel(name=model["name"], columns=columns, meta=event)


def check_references(posts: Iterable[Post], models: Mapping[str, EventModel]) -> None:
    """Hold what rules name against the event models.

    Raises:
        MetricError: a rule names a model, a column or an owner that is not there.
    """
    for post in posts:
        for rule in post.rules:
            for term in rule.terms:
                for key, fault in _faults(rule, term, models):
                    raise MetricError(
                        f"{post.file_name}: metric {rule.metric_id}: key rules.{rule.code}.{key}: {fault}"
                    )


def _faults(rule: Rule, term: Term, models: Mapping[str, EventModel]) -> Iterable[tuple[str, str]]:
    model = models.get(term.model)
    if model is None:
        yield "from", f"{term.model} is no event model: {sorted(models)} have meta.event in the dbt project"
        return
    for key, expression in {**term.expressions, "date": rule.date}.items():
        if unknown := sorted(columns_of(expression) - model.columns.keys()):
            yield key, f"{unknown[0]} is no column of {term.model}: it has {sorted(model.columns)}"
    if model.columns.get(rule.date, "date") != "date":
        yield "date", f"{rule.date} of {term.model} is no day but {model.columns[rule.date]}"
    if rule.credit == "owner" and model.meta.owner is None:
        yield (
            "credit",
            f"rows of {term.model} belong to no object: credit the store, or say meta.event.owner there",
        )
    if rule.credit == "actor" and model.meta.actor is None:
        yield "credit", f"rows of {term.model} name nobody who did it: say meta.event.actor there"
    if rule.kind == "snapshot" and model.meta.snapshots is None:
        yield "from", f"rows of {term.model} do not say how long they stand: say meta.event.snapshots there"
    if rule.segment and rule.segment not in model.columns:
        yield "segment", f"{rule.segment} is no column of {term.model}"
