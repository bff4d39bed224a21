"""What a metric is: the format of the files in `dbt_project/metrics/`, which its README explains."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from tradewind.metrics.expressions import check_expression

Kind = Literal["sum", "ratio", "duration", "distinct", "snapshot", "score", "events"]
Unit = Literal["ratio", "money", "money_per_buyer", "count", "seconds", "score", "pages", "multiple"]
Direction = Literal["higher", "lower", "band", "zero"]
Credit = Literal["actor", "owner", "store"]
Segment = Literal["channel", "market", "warehouse", "carrier", "ad_type"]
Side = Literal["numerator", "denominator"]
Expression = Annotated[str, AfterValidator(check_expression)]
ColumnName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
# the prefix of its post, and its name
MetricId = Annotated[str, Field(pattern=r"^[a-z]+_[a-z][a-z0-9_]*$")]

# what a term of each kind says: a term has what is needed and may have the rest
SIDES: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "sum": (frozenset({"value"}), frozenset()),
    "ratio": (frozenset(), frozenset({"numerator", "denominator"})),
    "duration": (frozenset({"value"}), frozenset()),
    "distinct": (frozenset(), frozenset({"value", "key"})),
    "snapshot": (frozenset({"window", "numerator", "denominator"}), frozenset()),
    "score": (frozenset({"value", "lowest", "highest", "rater"}), frozenset({"weight"})),
    "events": (frozenset(), frozenset({"value"})),
}
ALL_SIDES = frozenset().union(*(needed | allowed for needed, allowed in SIDES.values()))
# what a row adds; a snapshot's are dates, of which one that is not there lies in no window
ADDED_SIDES = ("value", "numerator", "denominator", "key", "lowest", "highest", "weight")
# PostgreSQL cuts longer names off
LONGEST_COLUMN = 63


class MetricError(ValueError):
    """A file of metrics is wrong; the message names the file, the metric, the key and what is expected."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Words(_Part):
    """A text in both languages."""

    en: str = Field(min_length=1)
    zh: str = Field(min_length=1)


class Target(_Part):
    """A default target for the company, with the place where it was published."""

    floor: Decimal | None = None
    target: Decimal
    stretch: Decimal | None = None
    valid_from: date = Field(alias="from")
    source: str = Field(min_length=1)


class Term(_Part):
    """One event model that a rule counts: which of its rows take part, and what each of them adds."""

    model: ColumnName = Field(alias="from")
    where: Expression = "true"
    value: Expression | None = None
    numerator: Expression | None = None
    denominator: Expression | None = None
    # of a distinct count: what is counted, once a period
    key: ColumnName | None = None
    # of a snapshot: how many days, of which the day itself is the last
    window: int | None = Field(None, ge=1)
    # of a score: the ends of its scale, how much a rating weighs, and who gave it
    lowest: Expression | None = None
    highest: Expression | None = None
    weight: Expression | None = None
    rater: ColumnName | None = None

    @property
    def said(self) -> frozenset[str]:
        """Which of the sides it gives."""
        return frozenset(name for name in ALL_SIDES if getattr(self, name) is not None)

    @property
    def expressions(self) -> dict[str, str]:
        """Its SQL over the event model's columns, by key."""
        named = {name: getattr(self, name) for name in ("where", *sorted(ALL_SIDES - {"window"}))}
        return {name: text for name, text in named.items() if text is not None}


def _as_terms(value: Any) -> Any:
    """A rule of one event model is its own term."""
    if not isinstance(value, dict) or "terms" in value:
        return value
    keys = {"from", "where", *ALL_SIDES}
    rule = {key: item for key, item in value.items() if key not in keys}
    return {**rule, "terms": [{key: item for key, item in value.items() if key in keys}]}


class RuleText(_Part):
    """One way in which a metric is counted."""

    name: Words
    note: Words
    terms: list[Term] = Field(min_length=1)
    # where the rule differs from its metric
    unit: Unit | None = None
    credit: Credit | None = None
    segment: Segment | None = None
    matures_after: int | None = Field(None, ge=0)
    # what its parts are: amounts have a currency
    parts: Literal["count", "money", "seconds", "points"] | None = None
    platform: str | None = Field(None, pattern=r"^[a-z][a-z0-9_]*$")
    date: ColumnName = "business_date"
    may_be_negative: list[Side] = []
    # the numerator is some of the denominator
    is_part: bool = False


class MetricText(_Part):
    """One index of the documents, as its file says it."""

    place: int = Field(ge=1)
    name: Words
    wording: str
    measure: str
    kind: Kind
    unit: Unit
    better: Direction
    meaning: Words
    numerator_text: str
    denominator_text: str | None = None
    grain: str
    edge_cases: str | None = None
    exports: str | None = None
    sources: str | None = None
    waiting_for: Words
    origin: Literal["document", "ours"] = "document"
    target_text: str | None = None
    targets: list[Target] = []
    enough: int = Field(0, ge=0)
    matures_after: int = Field(0, ge=0)
    adds_across_platforms: bool = False
    credit: Credit | None = None
    segment: Segment | None = None
    headline: str | None = None
    rules: dict[ColumnName, Annotated[RuleText, BeforeValidator(_as_terms)]] = {}

    @model_validator(mode="after")
    def _check(self) -> MetricText:
        if self.headline is not None and self.headline not in self.rules:
            known = sorted(self.rules) or "no rules yet"
            raise ValueError(f"headline {self.headline!r} is no rule of it: {known}")
        if len(self.rules) == 1 and self.headline is None:
            raise ValueError(f"headline is missing: it has the one rule {next(iter(self.rules))!r}")
        if self.kind in ("distinct", "snapshot") and self.adds_across_platforms:
            raise ValueError(
                f"adds_across_platforms cannot be said of a {self.kind}: who is on two counts once"
            )
        if len({target.valid_from for target in self.targets}) < len(self.targets):
            raise ValueError("targets begin on the same day: a day has one target")
        faults = [
            f"rules.{code}: {fault}" for code, rule in self.rules.items() for fault in self._faults(rule)
        ]
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def _faults(self, rule: RuleText) -> Iterator[str]:
        needed, allowed = SIDES[self.kind]
        for term in rule.terms:
            if missing := sorted(needed - term.said):
                yield f"a rule of kind {self.kind} needs {missing}"
            if surplus := sorted(term.said - needed - allowed):
                yield f"a rule of kind {self.kind} has no {surplus}: it says {sorted(needed | allowed)}"
            if self.kind == "ratio" and not term.said:
                yield f"a term over {term.model} adds nothing: give numerator, denominator or both"
            if self.kind == "distinct" and len(term.said & {"value", "key"}) != 1:
                yield "give key (what we count) or value (what the platform counted for a day), not both"
        if self.kind == "ratio":
            sides = frozenset().union(*(term.said for term in rule.terms))
            if missing := sorted({"numerator", "denominator"} - sides):
                yield f"none of its terms has a {missing[0]}"
        if len(rule.terms) > 1 and self.kind not in ("sum", "ratio", "events"):
            yield f"a rule of kind {self.kind} counts one event model, not {len(rule.terms)}"
        models = Counter(term.model for term in rule.terms)
        if twice := [model for model, count in models.items() if count > 1]:
            yield f"two terms over {twice[0]}: write one, with one filter"
        if not (rule.credit or self.credit):
            yield "credit is missing: actor, owner or store"
        if self.kind == "snapshot" and (rule.credit or self.credit) != "store":
            yield "credit of a snapshot is store: whose an object was changes within the window"
        if self.kind != "ratio" and rule.may_be_negative and rule.may_be_negative != ["numerator"]:
            yield f"may_be_negative of kind {self.kind} is [numerator]: it has no denominator of its own"


class PostText(_Part):
    """One file of metrics."""

    post: ColumnName
    metrics: dict[MetricId, MetricText] = Field(min_length=1)


class Rule(_Part):
    """A rule with all that it takes from its metric."""

    metric_id: str
    code: str
    is_headline: bool
    kind: Kind
    unit: Unit
    parts: str
    credit: Credit
    segment: Segment | None
    matures_after: int
    platform: str | None
    date: str
    may_be_negative: frozenset[str]
    is_part: bool
    name: Words
    note: Words
    terms: tuple[Term, ...]

    @property
    def column(self) -> str:
        """What its columns in the wide fact of its post begin with."""
        return f"{self.metric_id.partition('_')[2]}_{self.code}"

    @property
    def has_denominator(self) -> bool:
        """Whether it is a quotient."""
        return self.kind not in ("sum", "distinct", "events")

    def filter_of(self, term: Term) -> str:
        """SQL over the event model: which of its rows take part, in both sides and count alike."""
        filters = [f"platform = '{self.platform}'"] if self.platform else []
        if term.where != "true":
            filters.append(f"({term.where})" if re.search(r"\bor\b", term.where) else term.where)
        # what is not known is not none, so a row takes part where it knows all that it would add
        known = [getattr(term, side) for side in ADDED_SIDES] if self.kind != "snapshot" else []
        filters += [
            f"{side} is not null" if side.isidentifier() else f"({side}) is not null"
            for side in dict.fromkeys(known)
            if side is not None
        ]
        return " and ".join(filters) or "true"


class Metric(_Part):
    """One index with its rules."""

    metric_id: str
    post_id: str
    text: MetricText
    rules: tuple[Rule, ...]


class Post(_Part):
    """The indices of one post, in the order of the documents."""

    post_id: str
    file_name: str
    metrics: tuple[Metric, ...]

    @property
    def rules(self) -> list[Rule]:
        """All rules of its metrics."""
        return [rule for metric in self.metrics for rule in metric.rules]


def read_post(file: Path) -> Post:
    """Read and check one file of metrics.

    Raises:
        MetricError: the message names file, metric, key and what is expected there.
    """
    try:
        content = yaml.load(file.read_text(encoding="utf-8"), Loader=_UniqueKeyLoader)  # noqa: S506
        text = PostText.model_validate(content)
    except yaml.YAMLError as error:
        raise MetricError(f"{file.name} is not valid YAML: {error}") from error
    except ValidationError as error:
        faults = "; ".join(_describe(item) for item in error.errors())
        raise MetricError(f"{file.name}: {faults}") from error
    if text.post != file.stem:
        raise MetricError(f"{file.name}: key post: {text.post!r} must be the file's name, {file.stem!r}")
    metrics = [_with_rules(text.post, name, metric) for name, metric in text.metrics.items()]
    seen: set[str] = set()
    for rule in (rule for metric in metrics for rule in metric.rules):
        place = f"{file.name}: metric {rule.metric_id}: key rules.{rule.code}: "
        if len(longest := f"{rule.column}_denominator") > LONGEST_COLUMN:
            raise MetricError(
                f"{place}{longest} is longer than {LONGEST_COLUMN} letters: give the rule a shorter code"
            )
        if rule.column in seen:
            raise MetricError(
                f"{place}the columns {rule.column}_… are another rule's too: give it another code"
            )
        seen.add(rule.column)
    return Post(
        post_id=text.post,
        file_name=file.name,
        metrics=tuple(sorted(metrics, key=lambda metric: metric.text.place)),
    )


class _UniqueKeyLoader(yaml.SafeLoader):
    """YAML takes the last of two equal keys; a metric that is described twice would lose one silently."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """The mapping, if each of its keys stands once."""
        keys = Counter(key.value for key, _ in node.value)
        if twice := [key for key, count in keys.items() if count > 1]:
            raise yaml.constructor.ConstructorError(
                None, None, f"{twice[0]} is described twice", node.start_mark
            )
        return super().construct_mapping(node, deep)


def _with_rules(post_id: str, metric_id: str, text: MetricText) -> Metric:
    rules = [
        Rule(
            metric_id=metric_id,
            code=code,
            is_headline=code == text.headline,
            kind=text.kind,
            unit=rule.unit or text.unit,
            parts=rule.parts or ("money" if (rule.unit or text.unit) == "money" else "count"),
            credit=rule.credit or text.credit,
            segment=rule.segment or text.segment,
            matures_after=text.matures_after if rule.matures_after is None else rule.matures_after,
            platform=rule.platform,
            date=rule.date,
            may_be_negative=frozenset(rule.may_be_negative),
            is_part=rule.is_part,
            name=rule.name,
            note=rule.note,
            terms=tuple(rule.terms),
        )
        for code, rule in text.rules.items()
    ]
    return Metric(metric_id=metric_id, post_id=post_id, text=text, rules=tuple(rules))


def _describe(fault: Any) -> str:
    place = [str(part) for part in fault["loc"]]
    metric = ""
    if len(place) > 1 and place[0] == "metrics":
        metric, place = f"metric {place[1]}: ", place[2:]
    where = f"key {'.'.join(place)}: " if place else ""
    return metric + where + fault["msg"].removeprefix("Value error, ")


def load_metrics(folder: Path) -> list[Post]:
    """All posts of a folder, in the order of the documents.

    Raises:
        MetricError: a file is wrong, or two files disagree.
    """
    posts = [read_post(file) for file in sorted(folder.glob("*.yml"))]
    if not posts:
        raise MetricError(f"{folder} holds no file of metrics")
    seen: dict[object, str] = {}
    for post in posts:
        for metric in post.metrics:
            for mark in (metric.metric_id, metric.text.place):
                if mark in seen:
                    said = f"key place: {mark}" if isinstance(mark, int) else "it"
                    raise MetricError(
                        f"{post.file_name}: metric {metric.metric_id}: {said} stands in {seen[mark]} already"
                    )
                seen[mark] = post.file_name
    return sorted(posts, key=lambda post: post.metrics[0].text.place)
