"""What is written from the metrics' files: seeds, the rules' macro, the posts' wide facts, a suite."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from tradewind.metrics.definition import MetricError, Post, Rule, Term, load_metrics
from tradewind.metrics.events import EventModel, check_references, read_event_models

COMMAND = "make metrics"
NOTE = f"written by `{COMMAND}` from dbt_project/metrics: change it there"
# what sums of a day per owner can hold
DAILY_KINDS = ("sum", "events", "ratio", "distinct", "snapshot")
SIDES = {
    "numerator": "numerator",
    "denominator": "denominator",
    "event_count": "events that take part, not shared out",
}


def generated_files(root: Path) -> dict[Path, str]:
    """The text of every generated file, by its path below the repository's root.

    Raises:
        MetricError: a file of metrics is wrong, or names what the dbt project does not have.
    """
    project = root / "dbt_project"
    posts = load_metrics(project / "metrics")
    models = read_event_models(project)
    check_references(posts, models)
    for post in posts:
        for rule in post.rules:
            _check_daily(post, rule)
    live = [post for post in posts if post.rules]
    daily = Path("dbt_project/models/marts/daily")
    return {
        Path("dbt_project/seeds/metric_catalogue.csv"): _csv(_catalogue(posts)),
        Path("dbt_project/seeds/definitions.csv"): _csv(_definitions(posts)),
        Path("dbt_project/seeds/targets_default.csv"): _csv(_targets(posts)),
        Path("dbt_project/macros/metrics/metric_rules.sql"): _macro(live, models),
        daily / "_posts__models.yml": _wide_models(live),
        **{daily / f"fct_{post.post_id}_daily.sql": _wide_model(post) for post in live},
        Path("expectations/marts/metric_rules.yml"): _suite(live, models),
    }


def write(root: Path) -> list[Path]:
    """Write what is not as it should be; returns those paths.

    Raises:
        MetricError: a file of metrics is wrong, and nothing was written.
    """
    changed = []
    for path, text in generated_files(root).items():
        file = root / path
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            file.write_text(text, encoding="utf-8")
            changed.append(path)
    return changed


def _check_daily(post: Post, rule: Rule) -> None:
    place = f"{post.file_name}: metric {rule.metric_id}: key rules.{rule.code}"
    if rule.kind not in DAILY_KINDS or any(term.key for term in rule.terms):
        raise MetricError(f"{place}: no fact of the warehouse holds a {rule.kind} of this form yet")
    if rule.date != "business_date":
        raise MetricError(f"{place}.date: builds follow business_date alone so far")
    if rule.segment:
        raise MetricError(f"{place}.segment: the daily facts have no segment yet")


def _csv(rows: Iterable[Mapping[str, Any]]) -> str:
    rows = list(rows)
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0].keys(), lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows)
    return text.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else value


def _catalogue(posts: list[Post]) -> Iterator[dict[str, Any]]:
    for post in posts:
        for metric in post.metrics:
            text = metric.text
            yield {
                "metric_id": metric.metric_id,
                "post_id": post.post_id,
                "sort_order": text.place,
                "name_en": text.name.en,
                "name_zh": text.name.zh,
                "seed_wording": text.wording,
                "base_measure": text.measure,
                "kind": text.kind,
                "meaning_en": text.meaning.en,
                "meaning_zh": text.meaning.zh,
                "numerator_text": text.numerator_text,
                "denominator_text": text.denominator_text,
                "grain": text.grain,
                "unit": text.unit,
                "direction": text.better,
                "default_target_text": text.target_text,
                "edge_cases": text.edge_cases,
                "source_exports": text.exports,
                "sources": text.sources,
                "waiting_for_en": text.waiting_for.en,
                "waiting_for_zh": text.waiting_for.zh,
                "is_implemented": bool(metric.rules),
                "is_additive_across_platforms": text.adds_across_platforms,
                "headline_definition_code": text.headline,
                "min_denominator": text.enough,
                "maturity_days": text.matures_after,
                "origin": text.origin,
            }


def _definitions(posts: list[Post]) -> Iterator[dict[str, Any]]:
    for rule in (rule for post in posts for rule in post.rules):
        yield {
            "metric_id": rule.metric_id,
            "definition_code": rule.code,
            "name_en": rule.name.en,
            "name_zh": rule.name.zh,
            "note_en": rule.note.en,
            "note_zh": rule.note.zh,
            "unit": rule.unit,
            "parts_unit": rule.parts,
            "maturity_days": rule.matures_after,
            "numerator_may_be_negative": "numerator" in rule.may_be_negative,
            "denominator_may_be_negative": "denominator" in rule.may_be_negative,
            "is_part_of_whole": rule.is_part,
        }


def _targets(posts: list[Post]) -> Iterator[dict[str, Any]]:
    for metric in (metric for post in posts for metric in post.metrics):
        for target in metric.text.targets:
            yield {
                "metric_id": metric.metric_id,
                "floor_value": target.floor,
                "target_value": target.target,
                "stretch_value": target.stretch,
                "valid_from": target.valid_from,
                "source_url": target.source,
            }


def _macro(posts: list[Post], models: Mapping[str, EventModel]) -> str:
    content = {
        post.post_id: {
            "sources": _sources(post, models),
            "rules": [
                {
                    "metric": rule.metric_id,
                    "code": rule.code,
                    "column": rule.column,
                    "has_denominator": rule.has_denominator,
                    "is_money": rule.parts == "money",
                    "matures_after": rule.matures_after,
                    **_window(rule.terms[0]),
                    **_snapshots(rule, models[rule.terms[0].model]),
                }
                for rule in post.rules
            ],
            "contributions": [
                _contribution(rule, term, models[term.model]) for rule in post.rules for term in rule.terms
            ],
        }
        for post in posts
    }
    text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=110)
    return (
        f"{{#- The rules of the live metrics; {NOTE}.\n"
        "    sources        what a post counts, an event model and a credit each: what rows add to columns\n"
        "    rules          what stands in which columns of the wide fact\n"
        "    contributions  what a row of an event model adds to which rule -#}\n"
        "{% macro metric_rules() %}\n{%- set rules -%}\n"
        f"{text}"
        "{%- endset -%}\n{{ return(fromyaml(rules)) }}\n{% endmacro %}\n"
    )


def _sources(post: Post, models: Mapping[str, EventModel]) -> list[dict[str, Any]]:
    sources: dict[tuple[str, str, bool], dict[str, Any]] = {}
    for rule in post.rules:
        for term in rule.terms:
            model = models[term.model]
            source = sources.setdefault(
                (term.model, rule.credit, rule.kind == "snapshot"),
                {
                    "name": f"{term.model.partition('_')[2]}_of_{rule.credit}"
                    + ("_by_day" if rule.kind == "snapshot" else ""),
                    "model": term.model,
                    "counted": model.counted,
                    **_credit(rule, model),
                    **_snapshots(rule, model),
                    "terms": [],
                },
            )
            source["terms"].append(
                {
                    "column": rule.column,
                    "where": rule.filter_of(term),
                    **_sides(rule, term),
                    **_window(term),
                }
            )
    return list(sources.values())


def _contribution(rule: Rule, term: Term, model: EventModel) -> dict[str, Any]:
    return {
        "metric": rule.metric_id,
        "code": rule.code,
        "model": term.model,
        "where": " and ".join(part for part in (model.counted, rule.filter_of(term)) if part != "true")
        or "true",
        **_sides(rule, term),
        "has_denominator": rule.has_denominator,
        **_credit(rule, model),
        "description": model.meta.description,
        **_window(term),
        **_snapshots(rule, model),
    }


def _credit(rule: Rule, model: EventModel) -> dict[str, str]:
    owner, actor = model.meta.owner, model.meta.actor
    if rule.credit == "actor" and actor is not None:
        return {"actor": actor}
    if rule.credit == "owner" and owner is not None:
        return {"object_type": owner.type, "object_id": owner.id}
    return {"object_type": "'store'", "object_id": "store_id"}


def _sides(rule: Rule, term: Term) -> dict[str, str]:
    # an event is worth one where nothing says what it is worth
    numerator = term.value or term.numerator or ("1" if rule.kind == "events" else None)
    return {
        **({"numerator": numerator} if numerator is not None else {}),
        **({"denominator": term.denominator} if term.denominator is not None else {}),
    }


def _window(term: Term) -> dict[str, int]:
    return {} if term.window is None else {"window": term.window}


def _snapshots(rule: Rule, model: EventModel) -> dict[str, Any]:
    return dict(model.meta.snapshots) if rule.kind == "snapshot" and model.meta.snapshots else {}


def _wide_model(post: Post) -> str:
    return (
        f"-- One row per employee, store, platform and day; {NOTE}.\n"
        "{{ config(materialized='incremental', incremental_strategy='touched_partitions') }}\n\n"
        f"{{{{ wide_daily_fact('{post.post_id}') }}}}\n"
    )


def _wide_models(posts: list[Post]) -> str:
    lines = [f"# {NOTE[0].upper()}{NOTE[1:]}.", "models:"]
    for post in posts:
        lines += [
            f"  - name: fct_{post.post_id}_daily",
            "    description: >-",
            "      One row per employee, store, platform and day: numerator, denominator and number of",
            "      events of each rule of the post's metrics, shared out to those credited. Snapshots and",
            "      distinct counts are never summed over days.",
            "    config:",
            "      meta:",
            "        primary_key: [employee_id, store_id, platform, business_date]",
            "        publish: {by: [store_id, business_date]}",
            "    constraints:",
            "      - {type: primary_key, columns: [employee_id, store_id, platform, business_date]}",
            "    columns:",
        ]
        for name, kind, description, parent in (
            ("employee_id", "text", "Employee credited, or unassigned.", "dim_employee"),
            ("store_id", "text", "Store.", "dim_store"),
            ("platform", "text", "Platform of the events.", None),
            ("business_date", "date", "Day, in the store's time zone.", None),
            ("currency", "text", "The reporting currency, of every amount here.", None),
        ):
            lines += [*_column(name, kind, description), "        constraints: [{type: not_null}]"]
            if parent:
                lines += [
                    "        data_tests:",
                    f"          - relationships: {{arguments: {{to: ref('{parent}'), field: {name}}}}}",
                ]
        names = {metric.metric_id: metric.text.name.en for metric in post.metrics}
        for rule in post.rules:
            for name, side in wide_columns(rule):
                what = SIDES[side]
                if rule.parts == "money" and side != "event_count":
                    what += ", in the reporting currency"
                kind = "bigint" if side == "event_count" else "numeric"
                lines += _column(name, kind, f"{names[rule.metric_id]}, {rule.name.en}: {what}.")
        lines.append("")
    return "\n".join(lines[:-1]) + "\n"


def wide_columns(rule: Rule) -> list[tuple[str, str]]:
    """The columns of a rule in its post's wide fact, and which side each of them is."""
    sides = ["numerator", *(["denominator"] if rule.has_denominator else []), "event_count"]
    return [(f"{rule.column}_{side}", side) for side in sides]


def _column(name: str, kind: str, description: str) -> list[str]:
    quoted = yaml.safe_dump(description, width=1000, allow_unicode=True).split("\n")[0]
    return [f"      - name: {name}", f"        data_type: {kind}", f"        description: {quoted}"]


def _suite(posts: list[Post], models: Mapping[str, EventModel]) -> str:
    branches = [
        f"select '{rule.metric_id}' as metric_id, '{rule.code}' as definition_code where exists ("  # noqa: S608
        f"select from {{candidate.{term.model}}} as e"
        f" where {_contribution(rule, term, models[term.model])['where']})"
        for post in posts
        for rule in post.rules
        for term in rule.terms
    ]
    union = "\n      union ".join(branches)
    return _SUITE.replace("NOTE", NOTE[0].upper() + NOTE[1:]).replace("BRANCHES", union)


_SUITE = """\
# NOTE.
about: What people read - whether the events of every rule reach its numbers.
tables:
  candidate.fct_metric_daily: {}
expectations:
  - name: events_reach_their_metrics
    expect: no_rows
    query: >-
      select from (
      BRANCHES
      ) as expected
      where not exists (
      select from {batch} as b
      where b.metric_id = expected.metric_id and b.definition_code = expected.definition_code
      )
    severity: error
    why: >-
      Events are there and the rule that counts them has no row; its page would claim that a file is missing.
"""
