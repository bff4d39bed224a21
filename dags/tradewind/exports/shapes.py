"""The standard shapes of reports, and how a contract's columns are mapped to their fields."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

SHAPES_FILE = Path(__file__).with_name("shapes.yml")

FieldType = Literal["text", "integer", "number", "amount", "moment", "date", "flag", "person"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ShapeField(_Part):
    """One field of a shape."""

    type: FieldType
    required: bool = False
    # of a number: a blank cell, and a report without it, is none; a file without its column does not know it
    blank_is_none: bool = False
    description: str


class AddsUp(_Part):
    """An amount that reports state themselves, and the fields it is made of.

    `of` are alternatives, each a product of fields, of which the first that a row has counts; `less` is taken
    off it.
    """

    net: str
    of: list[list[str]] = Field(min_length=1)
    less: list[str] = Field(min_length=1)

    @property
    def fields(self) -> set[str]:
        """The fields it names."""
        return {self.net, *self.less, *(name for product in self.of for name in product)}


class Shape(_Part):
    """A standard shape: its fields, and the one that gives the business date."""

    description: str
    date: str
    fields: dict[str, ShapeField]
    one_of: list[str] = []
    adds_up: AddsUp | None = None
    # a state at one time: a row whose day nothing states is of the day its file was made
    is_snapshot: bool = False

    @property
    def is_dated(self) -> bool:
        """Whether each row has its day: else the file may say it."""
        return self.fields[self.date].required

    @model_validator(mode="after")
    def _check(self) -> Shape:
        if unknown := {self.date, *self.one_of} - self.fields.keys():
            raise ValueError(f"date or one_of name no fields: {sorted(unknown)}")
        if self.adds_up and (unknown := self.adds_up.fields - self.fields.keys()):
            raise ValueError(f"adds_up names no fields: {sorted(unknown)}")
        return self


class OfOrder(_Part):
    """An amount of a whole order that stands on each of its lines, and the total that it is a part of.

    A line's part of it is as large as the line's part of the total. With `is_off_quantity` the quantities are
    less what was returned: then a part of the total tells nothing of a line.
    """

    amount: str
    total: str
    is_off_quantity: bool = False


class Source(_Part):
    """Where a field comes from: a column, a sum of columns, a share of what an order has, or a constant."""

    column: str | None = None
    # a sum of columns, a blank cell counting as 0
    sum: list[str] = []
    of_order: OfOrder | None = None
    value: str | None = None
    # of a flag: the cell is one of these texts; case makes no difference
    is_in: list[str] = Field([], alias="in")
    is_not_in: list[str] = Field([], alias="not_in")
    # of a number: multiplied by this, -1 to turn its sign, 60 to make minutes of hours
    times: str | None = Field(None, pattern=r"^-?[0-9]+(\.[0-9]+)?$")

    @property
    def columns(self) -> list[str]:
        """The columns it reads."""
        shared = [self.of_order.amount, self.of_order.total] if self.of_order else []
        return [*([self.column] if self.column else []), *self.sum, *shared]

    @model_validator(mode="after")
    def _check(self) -> Source:
        if sum((self.column is not None, bool(self.sum), bool(self.of_order), self.value is not None)) != 1:
            raise ValueError("give one of column, sum, of_order and value")
        return self


class Condition(_Part):
    """Which rows of a report are rows of its shape, by one cell: one of some texts, or none of them."""

    is_in: list[str] = Field([], alias="in")
    is_not_in: list[str] = Field([], alias="not")

    @model_validator(mode="after")
    def _check(self) -> Condition:
        if bool(self.is_in) == bool(self.is_not_in):
            raise ValueError('give the texts that count as a list, or not: with a list; "" is a blank cell')
        return self


def _as_condition(value: Any) -> Any:
    return {"in": value} if isinstance(value, list) else value


def _as_source(value: Any) -> Any:
    return {"column": value} if isinstance(value, str) else value


Mapping = dict[str, Annotated[Source, BeforeValidator(_as_source)]]
Conditions = dict[str, Annotated[Condition, BeforeValidator(_as_condition)]]


@lru_cache(maxsize=1)
def load_shapes() -> dict[str, Shape]:
    """The standard shapes by name."""
    content = yaml.safe_load(SHAPES_FILE.read_text(encoding="utf-8"))
    return {name: Shape.model_validate(item) for name, item in content.items()}


def check_mapping(
    shape: str, mapping: Mapping, columns: dict[str, str], pseudonymised: Collection[str]
) -> list[str]:
    """What is wrong with a mapping to a shape; `columns` are the contract's types by column name, and
    `pseudonymised` those of which raw holds pseudonyms.
    """
    known = load_shapes()
    if shape not in known:
        return [f"shape {shape!r} is not one of {sorted(known)}"]
    fields = known[shape].fields
    # every shape takes the row's own currency
    faults = [f"{name} is no field of shape {shape}" for name in mapping if name not in {*fields, "currency"}]
    missing = [name for name, field in fields.items() if field.required and name not in mapping]
    if missing:
        faults.append(f"shape {shape} needs {missing}")
    if (one_of := known[shape].one_of) and not any(name in mapping for name in one_of):
        faults.append(f"shape {shape} needs one of {one_of}")
    for name, source in mapping.items():
        if unknown := [column for column in source.columns if column not in columns]:
            faults.append(f"{name} names columns that are not among the columns: {unknown}")
        kind = fields[name].type if name in fields else "text"
        if source.of_order and (shape, name) != ("orders", "refund_amount"):
            faults.append(f"{name} is no refund of orders: only that is shared out over an order's lines")
        if kind == "person" and (plain := [item for item in source.columns if item not in pseudonymised]):
            faults.append(f"{name} is a person, so its column must be personal and not kept: {plain}")
        if kind in ("moment", "date") and any(
            columns.get(column) not in ("date", "datetime") for column in source.columns
        ):
            faults.append(f"{name} is a {kind}, and its column is neither date nor datetime")
        if (
            kind == "flag"
            and source.column
            and not (source.is_in or source.is_not_in)
            and (columns.get(source.column) != "boolean")
        ):
            faults.append(f"{name} is a flag: say in: or not_in:")
    return faults


def check_conditions(
    where: Conditions, columns: Collection[str], pseudonymised: Collection[str]
) -> list[str]:
    """What is wrong with the rows that a contract picks for its shape; arguments as of `check_mapping`."""
    faults = [f"where names {name}, which is not among the columns" for name in where if name not in columns]
    return faults + [
        f"where names {name}, which is personal: raw has pseudonyms in its place"
        for name in where
        if name in pseudonymised
    ]
