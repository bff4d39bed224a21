"""What is checked in is what would be written, and rules name what the dbt project has."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from tradewind.metrics import MetricError, check_references, generated_files, load_metrics, read_event_models
from tradewind.metrics.generated import wide_columns, write
from tradewind.settings import PROJECT_ROOT

PROJECT = PROJECT_ROOT / "dbt_project"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A repository whose metrics may be changed."""
    for folder in ("dbt_project", "expectations"):
        shutil.copytree(PROJECT_ROOT / folder, tmp_path / folder)
    return tmp_path


def change(root: Path, post: str, old: str, new: str) -> None:
    file = root / "dbt_project" / "metrics" / f"{post}.yml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_what_is_checked_in_is_what_would_be_written() -> None:
    stale = [
        str(path)
        for path, text in generated_files(PROJECT_ROOT).items()
        if not (PROJECT_ROOT / path).exists() or (PROJECT_ROOT / path).read_text() != text
    ]
    assert not stale, "run `make metrics` and check in what it writes"


def test_only_what_changed_is_written(copy: Path) -> None:
    assert write(copy) == []
    change(copy, "storage", "better: lower", "better: higher")
    assert write(copy) == [Path("dbt_project/seeds/metric_catalogue.csv")]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("from: fct_store_fee", "from: fct_fee", "roi.from: fct_fee is no event model: ["),
        ("numerator: unit_count", "numerator: units", "amazon_unit_session.numerator: units is no"),
        ("where: is_sale and is_paid", "where: is_sold and is_paid", "paid_sales.where: is_sold is no"),
        ("credit: store\n    headline: roi", "credit: owner\n    headline: roi", "roi.credit: rows of fct_s"),
        ("credit: store\n    headline: roi", "credit: actor\n    headline: roi", "roi.credit: rows of fct_s"),
        ("platform: shopify", "date: order_id", "shopify_session.date: order_id"),
        ("platform: shopify", "segment: market", "shopify_session.segment: market is no column"),
        ("from: fct_customer_repurchase", "from: fct_sales_line", "window_90d.numerator: previous_date"),
    ],
)  # fmt: skip
def test_a_rule_names_what_is_there(copy: Path, old: str, new: str, expected: str) -> None:
    change(copy, "site_operation", old, new)
    before = (copy / "dbt_project/seeds/definitions.csv").read_text()
    with pytest.raises(MetricError) as raised:
        write(copy)
    assert str(raised.value).startswith("site_operation.yml: metric ops_")
    assert expected in str(raised.value)
    assert (copy / "dbt_project/seeds/definitions.csv").read_text() == before


def test_a_kind_that_no_fact_holds_is_refused_and_not_summed(copy: Path) -> None:
    change(copy, "network_promotion", "value: visitor_count", "key: page")
    with pytest.raises(MetricError, match=r"rules.daily_visitors: no fact of the warehouse holds a distinct"):
        write(copy)


def test_an_event_without_a_value_adds_one(copy: Path) -> None:
    change(copy, "network_promotion", "kind: sum", "kind: events")
    change(copy, "network_promotion", "        value: conversion_value_amount_reporting\n", "")
    write(copy)
    macro = (copy / "dbt_project/macros/metrics/metric_rules.sql").read_text()
    assert "column: attributed_sales_platform_claimed\n      where: 'true'\n      numerator: '1'" in macro


def test_every_event_model_says_what_its_rows_are_about() -> None:
    models = read_event_models(PROJECT)
    assert {
        term.model for post in load_metrics(PROJECT / "metrics") for r in post.rules for term in r.terms
    } == set(models)
    check_references(load_metrics(PROJECT / "metrics"), models)


def test_a_wrong_event_of_a_model_names_file_model_and_key(copy: Path) -> None:
    file = copy / "dbt_project/models/marts/events/_events__models.yml"
    file.write_text(file.read_text().replace("event: {description: page}", "event: {about: page}"))
    with pytest.raises(MetricError, match=r"_events__models.yml: model fct_web_traffic: key meta.event"):
        read_event_models(copy / "dbt_project")


def test_a_guard_stands_once_in_the_metrics_files() -> None:
    """Each of the rules of a metric has one filter, whatever is made of it."""
    macro = (PROJECT / "macros/metrics/metric_rules.sql").read_text()
    rules = yaml.safe_load(macro.split("{%- set rules -%}\n")[1].split("{%- endset -%}")[0])
    for post in rules.values():
        counted = {(term["column"], term["where"]) for source in post["sources"] for term in source["terms"]}
        assert len(counted) == sum(len(source["terms"]) for source in post["sources"])
        assert len(post["contributions"]) == len(counted)


def test_columns_of_a_rule_in_its_wide_fact() -> None:
    (rule,) = [r for post in load_metrics(PROJECT / "metrics") for r in post.rules if r.code == "roas"]
    assert [name for name, _ in wide_columns(rule)] == [
        "return_on_investment_roas_numerator",
        "return_on_investment_roas_denominator",
        "return_on_investment_roas_event_count",
    ]
