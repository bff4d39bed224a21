"""The contract of a report type: one YAML file says all that the loader has to know of it."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from tradewind.exports.dates import have_two_readings
from tradewind.exports.headers import CURRENCY, normalise
from tradewind.exports.numbers import NUMBER_FORMATS, NUMBER_TYPES, decimal_mark
from tradewind.exports.reading import CELL, account_id, readings
from tradewind.exports.shapes import Conditions, Mapping, check_conditions, check_mapping, load_shapes

CONTRACTS_DIR = Path(__file__).parent / "contracts"
ANY_LOCALE = ""
EXTRA_COLUMNS = "extra_columns"
RESERVED_COLUMNS = {"load_id", "row_number", EXTRA_COLUMNS}
SPREADSHEET_DELIMITERS = (",", ";", "\t")
# libyaml's, where it is there: a run reads all contracts, and in Python that takes seconds
_YAML_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

ColumnType = Literal["text", "integer", "decimal", "percent", "money", "date", "datetime", "boolean"]
Encoding = Literal["utf-8", "utf-16", "cp1252", "iso-8859-1", "cp932", "gb18030", "big5", "cp1251"]


def _as_locales(value: Any) -> Any:
    return {ANY_LOCALE: value} if isinstance(value, list) else value


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, dict) else value


def _compiles(value: str) -> str:
    re.compile(value)
    return value


ByLocale = Annotated[dict[str, list[str]], BeforeValidator(_as_locales)]
Pattern = Annotated[str, BeforeValidator(_compiles)]


class ContractError(ValueError):
    """A contract file is wrong; the message names the file, the key and what is expected."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Column(_Part):
    """One column: its name in the warehouse and all that its header may be called."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")
    headers: ByLocale
    type: ColumnType
    required: bool = False
    not_empty: bool = False
    personal: bool = False
    kept: bool = False
    pseudonym_of: Pattern | None = None
    may_repeat: bool = False
    formats: ByLocale = {}
    pattern: Pattern | None = None
    one_of: list[str] = []
    # of an id: the same whatever stands between its digits
    same_digits: bool = False

    @property
    def is_pseudonymised(self) -> bool:
        """Whether raw holds pseudonyms in place of its values."""
        return self.personal and not self.kept

    @property
    def is_number(self) -> bool:
        """Whether its cells are counts or amounts."""
        return self.type in ("integer", "decimal", "percent", "money")

    def all_headers(self) -> list[str]:
        """Every header of this column, of all locales."""
        return [header for headers in self.headers.values() for header in headers]

    def formats_for(self, locale: str) -> list[str]:
        """The date formats, or the number format, of a file in this locale."""
        return self.formats.get(locale) or self.formats.get(ANY_LOCALE) or self._default_formats

    @property
    def _default_formats(self) -> list[str]:
        return ["en"] if self.type in NUMBER_TYPES else ["%Y-%m-%d"]

    def readings(self, null_tokens: list[str]) -> dict[str, str]:
        """SQL of what a cell holds, by kind of value: see `reading.py`."""
        found = readings(self.type, self.formats, self._default_formats, null_tokens)
        return found | {"account": account_id(CELL)} if self.same_digits else found

    @model_validator(mode="after")
    def _check(self) -> Column:
        if not self.all_headers():
            raise ValueError(f"column {self.name} has no header")
        formats = {item for items in self.formats.values() for item in items}
        if self.type in ("date", "datetime"):
            if wrong := [item for item in formats if "%" not in item]:
                raise ValueError(
                    f"column {self.name}: formats of a {self.type} are like %Y-%m-%d, not {wrong}"
                )
            if any(map(have_two_readings, self.formats.values())):
                raise ValueError(
                    f"column {self.name}: two formats of one locale read the same text as different days"
                )
        elif formats - NUMBER_FORMATS.keys():
            raise ValueError(
                f"column {self.name}: formats of a {self.type} are of {sorted(NUMBER_FORMATS)}, "
                f"not {sorted(formats)}"
            )
        elif self.type != "integer":
            for items in filter(None, self.formats.values()):
                decimal_mark(items)
        if self.type == "datetime" and not self.formats:
            raise ValueError(f"column {self.name}: a datetime has to say its formats")
        if self.same_digits and (self.type != "text" or self.is_pseudonymised):
            raise ValueError(f"column {self.name}: same_digits is said of a text that raw holds as it is")
        if self.pattern and self.one_of:
            raise ValueError(f"column {self.name}: give pattern or one_of, not both")
        if self.kept and not self.personal:
            raise ValueError(f"column {self.name}: kept is said of a personal column")
        if self.pseudonym_of and not self.is_pseudonymised:
            raise ValueError(
                f"column {self.name}: pseudonym_of is said of a personal column that is not kept"
            )
        if self.pseudonym_of and re.compile(self.pseudonym_of).groups != 1:
            raise ValueError(f"column {self.name}: pseudonym_of needs exactly one group")
        return self


class Preamble(_Part):
    """Lines above the header: up to `max_lines` of them, or all that begin with `comment`."""

    max_lines: int = Field(0, ge=0, le=50)
    comment: str | None = None


class RowPattern(_Part):
    """A row that is no record, told by the text of one cell (a regular expression for the whole cell)."""

    cell: Literal["first_non_empty", "any"] = "first_non_empty"
    pattern: Pattern


class PeriodSource(_Part):
    """Where the days that a file covers may be read; the pattern has a group `start`, and `end` if there are
    two. A name has two days, the first and the last, unless `one_day` counts: platforms write the day of the
    download into it. `because` says why what stands there is a fact.
    """

    source: Literal["preamble", "file_name", "folder"] = Field(alias="from")
    pattern: Pattern | None = None
    formats: list[str] = ["%Y-%m-%d"]
    one_day: bool = False
    because: str | None = None

    @model_validator(mode="after")
    def _check(self) -> PeriodSource:
        if self.source == "file_name" and not self.because:
            raise ValueError(
                "a file's name mostly tells of its download: say because: why its days are the report's"
            )
        if self.one_day and self.source != "file_name":
            raise ValueError("one_day is said of a file's name")
        if self.source == "file_name" and self.pattern and not self.one_day and "?P<end>" not in self.pattern:
            raise ValueError("a pattern that finds one day in a file's name needs one_day")
        return self


class CurrencySource(_Part):
    """Where the currency of all amounts of a file may be read."""

    source: Literal["header", "column", "cell", "first_row", "preamble"] = Field(alias="from")
    column: str | None = None
    pattern: Pattern | None = None


class AttributeSource(_Part):
    """A further fact that the file states outside its rows; the pattern has a group `value`."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    source: Literal["preamble", "file_name"] = Field(alias="from")
    pattern: Pattern


class ExtractedAtSource(_Part):
    """Where the file says when the platform made it; the pattern has a group `value`."""

    source: Literal["preamble", "file_name"] = Field(alias="from")
    pattern: Pattern
    formats: list[str]


class Facts(_Part):
    """What holds for a file as a whole; of several sources the first that answers counts."""

    period: Annotated[list[PeriodSource], BeforeValidator(_as_list)] = []
    currency: Annotated[list[CurrencySource], BeforeValidator(_as_list)] = []
    attributes: list[AttributeSource] = []
    extracted_at: ExtractedAtSource | None = None


class BlankFill(_Part):
    """Columns that stand on the first row of a group alone and hold for all its rows."""

    within: list[str]
    columns: list[str]


class Settled(_Part):
    """What stays as it is of a named thing, so that another of the same name is told from a later download.

    `ids` are its own: where both files fill them they decide. Else the sums of `amounts` do, over the days
    that had long been over when the files were made.
    """

    name: str
    # the first filled one; without any the days are the file's
    day: list[str] = []
    ids: list[str] = []
    amounts: list[str] = Field(min_length=1)


class Contract(_Part):
    """A report type. Fields are explained in `README.md` beside this file."""

    report: str = Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")
    platform: str
    title: str
    titles: dict[Literal["zh"], str] = {}
    description: str
    reference: bool = False
    file_types: list[Literal["csv", "xlsx", "json"]] = ["csv"]
    transposed: bool = False
    delimiters: list[str] = [","]
    encodings: list[Encoding] = ["utf-8"]
    quoted: bool | list[str] = True
    # whether the last record of a whole file has a line end, as the others have
    last_line_end: bool = True
    preamble: Preamble = Preamble(max_lines=0)
    footer: list[RowPattern] = []
    total_rows: list[RowPattern] = []
    null_tokens: list[str] = []
    facts: Facts = Facts()
    period_required: bool = False
    key: list[str] = Field(min_length=1)
    latest_by: str | None = None
    # columns that say whose a row is, part of the key: the first filled one
    account: list[str] = []
    # the key names one thing on the platform, in whichever store's folder its file lies
    unique_on_platform: bool = False
    # what the platform calls a thing, where the key is what people call it
    platform_id: str | None = None
    settled: Settled | None = None
    blank_fill: BlankFill | None = None
    absent: list[str] = []
    any_of: list[list[str]] = []
    set_aside: list[Pattern] = []
    columns: list[Column]
    # of moments without a zone in their text; without it they are local to the store
    timezone: str | None = None
    shape: str | None = None
    mapping: Mapping = {}
    # the rows of the report that are rows of the shape; without it all of them
    where: Conditions = {}

    @property
    def is_snapshot(self) -> bool:
        """Whether the rows are a state at one time."""
        return self.shape is not None and load_shapes()[self.shape].is_snapshot

    @property
    def day_of_rows(self) -> Column | None:
        """The column of a shape's day, if the rows have one."""
        source = self.mapping.get(load_shapes()[self.shape].date) if self.shape else None
        return self.by_name[source.column] if source and source.column else None

    def is_quoted(self, delimiter: str) -> bool:
        """Whether quotes enclose cells in files with this delimiter, or are ordinary characters.

        A delimiter that the platform does not write comes from a spreadsheet, which quotes where it must.
        """
        if delimiter not in self.delimiters and delimiter != "\t":
            return True
        return self.quoted if isinstance(self.quoted, bool) else delimiter in self.quoted

    def may_be_delimited_by(self, delimiter: str) -> bool:
        """Whether files of the report are read with this delimiter: those of spreadsheets always are."""
        return delimiter in SPREADSHEET_DELIMITERS or delimiter in self.delimiters

    @cached_property
    def by_name(self) -> dict[str, Column]:
        """The columns by their name in the warehouse."""
        return {column.name: column for column in self.columns}

    @cached_property
    def by_header(self) -> dict[str, Column]:
        """The columns by normalised header, for headers without a currency in them."""
        return {
            normalise(header): column
            for column in self.columns
            for header in column.all_headers()
            if CURRENCY not in header
        }

    @cached_property
    def _required_headers(self) -> list[frozenset[str]]:
        """The normalised headers of each required column that has none with a currency in it."""
        return [
            frozenset(map(normalise, headers))
            for headers in (column.all_headers() for column in self.columns if column.required)
            if not any(CURRENCY in header for header in headers)
        ]

    def may_fit(self, headers: frozenset[str]) -> bool:
        """Whether normalised headers could be a file's of this report: cheap, and never wrongly no."""
        return not any(names.isdisjoint(headers) for names in self._required_headers)

    def resemblance(self, headers: frozenset[str]) -> tuple[float, int]:
        """How many of the required columns are among normalised headers: their share, and their number."""
        found = sum(not names.isdisjoint(headers) for names in self._required_headers)
        return found / (len(self._required_headers) or 1), found

    def knows_any(self, headers: frozenset[str]) -> bool:
        """Whether one of the normalised headers, without a currency in it, is of this report."""
        return not headers.isdisjoint(self.by_header)

    @cached_property
    def currency_headers(self) -> list[tuple[re.Pattern[str], Column]]:
        """The headers that name a currency, as patterns with a group `currency`."""
        return [
            (
                re.compile(
                    re.escape(normalise(header)).replace(re.escape(CURRENCY), "(?P<currency>[a-z]{3})")
                ),
                column,
            )
            for column in self.columns
            for header in column.all_headers()
            if CURRENCY in header
        ]

    @cached_property
    def sha256(self) -> str:
        """Hash of the contract, so that a load tells by which version it was read."""
        return hashlib.sha256(self.as_json().encode()).hexdigest()

    def as_json(self) -> str:
        """The contract for `ops.report`; columns nobody described count as personal."""
        content = self.model_dump(mode="json", by_alias=True)
        for column, described in zip(self.columns, content["columns"], strict=True):
            # the SQL by which the models read it
            described["readings"] = column.readings(self.null_tokens)
        content["columns"].append({"name": EXTRA_COLUMNS, "type": "text", "personal": True})
        return json.dumps(content, sort_keys=True, ensure_ascii=False)

    @model_validator(mode="after")
    def _check(self) -> Contract:
        names = Counter(column.name for column in self.columns)
        if repeated := [name for name, count in names.items() if count > 1]:
            raise ValueError(f"columns named twice: {repeated}")
        if taken := RESERVED_COLUMNS & names.keys():
            raise ValueError(f"column names that the loader itself uses: {sorted(taken)}")
        headers: dict[str, str] = {}
        for column in self.columns:
            for header in {normalise(header) for header in column.all_headers()}:
                if header in headers:
                    raise ValueError(f"header {header!r} stands for both {headers[header]} and {column.name}")
                headers[header] = column.name
        if not any(column.required and column.not_empty for column in self.columns):
            raise ValueError(
                "at least one column must be both required and not_empty, or blank lines count as rows"
            )
        self._check_references(set(names))
        if self.shape:
            types: dict[str, str] = {item.name: item.type for item in self.columns}
            pseudonymised = {item.name for item in self.columns if item.is_pseudonymised}
            faults = check_mapping(self.shape, self.mapping, types, pseudonymised)
            faults += check_conditions(self.where, types, pseudonymised)
            if not faults and self.day_of_rows is None and not self.period_required and not self.is_snapshot:
                faults.append(f"rows of shape {self.shape} have a day: map one, or say period_required: true")
            if faults:
                raise ValueError("; ".join(faults))
        elif self.mapping or self.where:
            raise ValueError(f"a {'mapping' if self.mapping else 'where'} needs a shape")
        return self

    def _check_references(self, names: set[str]) -> None:
        used = {
            "key": [name for name in self.key if not name.startswith("load.")],
            "latest_by": [self.latest_by] if self.latest_by else [],
            "account": self.account,
            "platform_id": [self.platform_id] if self.platform_id else [],
            "settled": [self.settled.name, *self.settled.day, *self.settled.ids, *self.settled.amounts]
            if self.settled
            else [],
            "blank_fill": [*self.blank_fill.within, *self.blank_fill.columns] if self.blank_fill else [],
            "any_of": [name for group in self.any_of for name in group],
            "facts.currency": [source.column for source in self.facts.currency if source.column],
        }
        for place, wanted in used.items():
            if unknown := [name for name in wanted if name not in names]:
                raise ValueError(f"{place} names columns that are not among the columns: {unknown}")
        if self.latest_by and self.by_name[self.latest_by].type not in ("date", "datetime"):
            kind = self.by_name[self.latest_by].type
            raise ValueError(f"latest_by is a date or a datetime, and {self.latest_by} is of type {kind}")
        facts = {"period_start", "period_end", "currency"} | {item.name for item in self.facts.attributes}
        if unknown := [name for name in self.key if name.startswith("load.") and name[5:] not in facts]:
            raise ValueError(f"key names facts that the contract does not read: {unknown}")
        if self.period_required and not self.facts.period:
            raise ValueError("period_required needs at least one source under facts.period")


def read_contract(file: Path) -> Contract:
    """Read and check one contract file.

    Raises:
        ContractError: the file is no contract; the message names file, key and what is expected there.
    """
    try:
        content = yaml.load(file.read_text(encoding="utf-8"), Loader=_YAML_LOADER)  # noqa: S506
        contract = Contract.model_validate(content)
    except yaml.YAMLError as error:
        raise ContractError(f"{file.name} is not valid YAML: {error}") from error
    except ValidationError as error:
        faults = "; ".join(_describe(item, content) for item in error.errors())
        raise ContractError(f"{file.name}: {faults}") from error
    if contract.report != file.stem:
        raise ContractError(
            f"{file.name}: report is {contract.report!r} and must be the file's name, {file.stem!r}"
        )
    return contract


def _describe(fault: Any, content: Any) -> str:
    place = list(fault["loc"])
    if len(place) > 1 and place[0] == "columns" and isinstance(place[1], int):
        described = content["columns"][place[1]]
        place[1] = described.get("name", place[1]) if isinstance(described, dict) else place[1]
    where = ".".join(str(part) for part in place)
    message = fault["msg"].removeprefix("Value error, ")
    return f"key {where}: {message}" if where else message


@lru_cache(maxsize=4)
def load_contracts(folder: Path = CONTRACTS_DIR) -> dict[str, Contract]:
    """All contracts by report id, in the order of their names.

    Raises:
        ContractError: one of the files is no valid contract.
    """
    return {file.stem: read_contract(file) for file in sorted(folder.glob("*.yml"))}
