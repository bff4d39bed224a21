"""What dbt's manifest says of the models to publish: their keys, partitions and descriptions."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from tradewind.publishing.errors import PublicationError

CANDIDATE = "candidate"
MARTS = "marts"


@dataclass(frozen=True)
class Partition:
    """Which rows of a model a build may have changed: `by` of its rows of intermediate.touched."""

    model: str
    by: tuple[str, ...]


class PublishedBy(BaseModel):
    """`meta.publish` of a model whose changes are looked for in the touched partitions alone."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    by: tuple[Literal["store_id", "business_date", "customer_key"], ...] = Field(min_length=1)


class ModelMeta(BaseModel):
    """The part of a model's `meta` that publishing reads."""

    model_config = ConfigDict(frozen=True)

    primary_key: tuple[str, ...] = ()
    publish: Literal["whole", "view"] | PublishedBy

    @field_validator("primary_key", mode="before")
    @classmethod
    def _one_column_is_a_key_too(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value


class PublishedModel(BaseModel):
    """One model of the candidate schema that is published under the same name in marts."""

    model_config = ConfigDict(frozen=True)

    name: str
    description: str
    column_descriptions: dict[str, str]
    primary_key: tuple[str, ...]
    publish: Literal["whole", "view"] | PublishedBy

    @property
    def is_view(self) -> bool:
        """Whether marts gets a view over its own tables instead of rows."""
        return self.publish == "view"

    @property
    def partition(self) -> Partition | None:
        """By what the touched rows are found; None when the table is compared whole."""
        return Partition(self.name, self.publish.by) if isinstance(self.publish, PublishedBy) else None


def read_published_models(manifest_file: Path) -> list[PublishedModel]:
    """The models and seeds of schema `candidate` that carry `meta.publish`: tables by name, then views.

    Raises:
        PublicationError: the manifest is missing, or a model's meta is wrong (the message names the model).
    """
    try:
        manifest = json.loads(manifest_file.read_text())
    except FileNotFoundError as error:
        raise PublicationError(
            "manifest_missing", f"dbt's manifest {manifest_file.name} is not there: build the models first"
        ) from error
    models = [
        _read_model(node)
        for node in manifest["nodes"].values()
        if node["resource_type"] in ("model", "seed")
        and node["schema"] == CANDIDATE
        and "publish" in _meta(node)
    ]
    return sorted(models, key=lambda model: (model.is_view, model.name))


def _meta(node: dict[str, Any]) -> dict[str, Any]:
    return {**node.get("meta", {}), **node.get("config", {}).get("meta", {})}


def _read_model(node: dict[str, Any]) -> PublishedModel:
    name = node.get("alias") or node["name"]
    try:
        meta = ModelMeta.model_validate(_meta(node))
    except ValidationError as error:
        raise PublicationError(
            "wrong_model_meta",
            f"model {name}: meta.publish must be `whole`, `view`, or `by: [columns]`; meta.primary_key a "
            f"list of columns ({error.errors()[0]['msg']})",
        ) from error
    if meta.publish != "view" and not meta.primary_key:
        raise PublicationError(
            "wrong_model_meta", f"model {name} has no meta.primary_key: name its key columns"
        )
    return PublishedModel(
        name=name,
        description=node.get("description", "").strip(),
        column_descriptions={
            column["name"]: column.get("description", "").strip()
            for column in node.get("columns", {}).values()
        },
        primary_key=meta.primary_key,
        publish=meta.publish,
    )
