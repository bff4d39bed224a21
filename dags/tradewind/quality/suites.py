"""The suites of `expectations/` as typed objects: what is expected, of which column, how gravely, and why."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from tradewind.quality.errors import GateError

T = TypeVar("T", bound=BaseModel)
GateName = Literal["landing", "marts"]
Severity = Literal["error", "warning"]
Bound = int | date | Literal["tomorrow"]
# the safe loader of libyaml where it is there, ten times as fast
SAFE_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
TABLE_IN_QUERY = re.compile(r"\{((?:candidate|staging|marts|raw)\.[a-z_][a-z0-9_]*|batch)\}")
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
TableName = Annotated[str, Field(pattern=r"^(raw|ops|candidate|intermediate)\.[a-z_][a-z0-9_]*$")]
ColumnName = Annotated[str, Field(pattern=r"^[a-z_][a-z0-9_]*$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Expectation(_Strict):
    """What every expectation says: its name, unique in the suite, how grave a breach is, and why.

    It is held against every table of the suite, or those that `tables` names.
    """

    name: Name
    tables: list[TableName] | None = Field(None, min_length=1)
    severity: Severity
    why: str = Field(min_length=20)

    @property
    def subject(self) -> str | None:
        """The column or columns looked at; None when it is the whole table."""
        return None


class _OfColumn(_Expectation):
    column: ColumnName
    mostly: float = Field(1.0, gt=0, le=1)

    @property
    def subject(self) -> str | None:
        """The column."""
        return self.column


class NotNull(_OfColumn):
    """The column is filled."""

    expect: Literal["column_values_to_not_be_null"]


class MatchRegex(_OfColumn):
    """Every filled value matches Postgres's regular expression."""

    expect: Literal["column_values_to_match_regex"]
    regex: str


class InSet(_OfColumn):
    """Every filled value is one of a few."""

    expect: Literal["column_values_to_be_in_set"]
    value_set: list[str] = Field(min_length=1)


class Between(_OfColumn):
    """Every filled value lies within the bounds, which belong to it."""

    expect: Literal["column_values_to_be_between"]
    min_value: Bound | None = None
    max_value: Bound | None = None

    @model_validator(mode="after")
    def _has_a_bound(self) -> Between:
        if self.min_value is None and self.max_value is None:
            raise ValueError("give min_value, max_value or both")
        return self


class RowCount(_Expectation):
    """The table has at least, and where `max_value` is given at most, so many rows."""

    expect: Literal["table_row_count_to_be_between"]
    min_value: int
    max_value: int | None = None


class NotGreater(_Expectation):
    """In every row where both are filled, `smaller` is at most `greater`."""

    expect: Literal["column_pair_values_a_to_be_greater_than_b"]
    greater: ColumnName
    smaller: ColumnName
    mostly: float = Field(1.0, gt=0, le=1)

    @property
    def subject(self) -> str | None:
        """Both columns."""
        return f"{self.smaller}, {self.greater}"


class NoRows(_Expectation):
    """The query, which reads the table as `{batch}`, finds no row.

    It may read other tables beside it: in braces, `{candidate.fct_sales_line}`, the partitions of the batch,
    or `{raw.shopify_orders}`, whose columns are then what the cells hold, NULL where they hold nothing.
    Of an error its columns say where the fault lies: `load_id` (with `row_number`, `business_date`, and
    `object` or `field`, texts), or else `store_id` and `business_date`.
    """

    expect: Literal["no_rows"]
    query: str = Field(pattern=r"(?s)^\s*(select|with)\b.*\{batch\}")

    @property
    def published_tables(self) -> set[str]:
        """The tables of the last publication in braces: without one there is nothing to be held against."""
        return {name for name in TABLE_IN_QUERY.findall(self.query) if name.startswith("marts.")}


Expectation = Annotated[
    NotNull | MatchRegex | InSet | Between | RowCount | NotGreater | NoRows, Field(discriminator="expect")
]


class Parsed(_Strict):
    """A value read out of cells of a raw table, as the report's contract says: a number, the sum of several,
    a day, of several the first that is filled, or a text without the blanks around it.
    """

    number: ColumnName | None = None
    sum: list[ColumnName] | None = Field(None, min_length=2)
    day: ColumnName | list[ColumnName] | None = None
    text: ColumnName | None = None

    @model_validator(mode="after")
    def _is_one_of_them(self) -> Parsed:
        if len(self.model_fields_set) != 1:
            raise ValueError("give one of number, sum, day and text, with the name of the column")
        return self


Values = dict[ColumnName, Parsed | str]


class Suite(_Strict):
    """One file of `expectations/landing` or `expectations/marts`.

    `tables` gives each table the values that are worked out for the checks: what is read out of a text cell,
    or an SQL expression over the table's columns. So tables with other columns share the expectations.
    """

    name: Name
    gate: GateName
    about: str = Field(min_length=20)
    tables: dict[TableName, Values | None] = Field(min_length=1)
    expectations: list[Expectation] = Field(min_length=1)

    def expectations_of(self, table: str) -> list[Expectation]:
        """What is expected of one of the suite's tables."""
        return [item for item in self.expectations if item.tables is None or table in item.tables]

    @model_validator(mode="after")
    def _fits_together(self) -> Suite:
        names = [expectation.name for expectation in self.expectations]
        if repeated := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"two expectations are called {repeated[0]}")
        for expectation in self.expectations:
            if unknown := sorted(set(expectation.tables or ()) - self.tables.keys()):
                raise ValueError(f"{expectation.name} is about {unknown[0]}, which is not among the tables")
        if idle := [table for table in self.tables if not self.expectations_of(table)]:
            raise ValueError(f"nothing is expected of {idle[0]}")
        return self


class HoldAt(_Strict):
    """How many broken expectations of a severity hold the publication; None: they never do."""

    error: int = Field(ge=1)
    warning: int | None = Field(ge=1)


class Gate(_Strict):
    """A gate of `gates.yml`: its suites, in order, and what holds."""

    suites: list[Name] = Field(min_length=1)
    hold_at: HoldAt


class Gates(_Strict):
    """`gates.yml`."""

    landing: Gate
    marts: Gate


def load_gate(gate: GateName, expectations_dir: Path) -> tuple[Gate, list[Suite]]:
    """A gate and its suites, read and checked.

    Raises:
        GateError: a file is missing or wrong, or a suite belongs to no gate; names file, place and remedy.
    """
    gates = _validate(Gates, _read(expectations_dir / "gates.yml"), "gates.yml")
    found: Gate = getattr(gates, gate)
    files = {file.stem for file in (expectations_dir / gate).glob("*.yml")}
    if forgotten := sorted(files - set(found.suites)):
        raise GateError(
            f"expectations/{gate}/{forgotten[0]}.yml would never run: list it in gates.yml, {gate}.suites"
        )
    return found, [_load_suite(name, gate, expectations_dir) for name in found.suites]


def _load_suite(name: str, gate: GateName, expectations_dir: Path) -> Suite:
    content = _read(expectations_dir / gate / f"{name}.yml")
    return _validate(Suite, {"name": name, "gate": gate, **content}, f"{gate}/{name}.yml")


def _read(file: Path) -> dict[str, Any]:
    try:
        content = yaml.load(file.read_text(), Loader=SAFE_LOADER)  # noqa: S506
    except FileNotFoundError as error:
        raise GateError(f"expectations/{file.parent.name}/{file.name} is not there") from error
    except yaml.YAMLError as error:
        raise GateError(f"{file.parent.name}/{file.name} is not readable as YAML: {error}") from error
    if not isinstance(content, dict):
        raise GateError(f"{file.parent.name}/{file.name} must be a mapping: see expectations/README.md")
    return content


def _validate(model: type[T], content: dict[str, Any], file: str) -> T:
    try:
        return model.model_validate(content)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise GateError(f"expectations/{file}, {place or 'as a whole'}: {first['msg']}") from error
