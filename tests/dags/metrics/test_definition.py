"""A file of metrics is read whole, or refused with file, metric, key and what is expected there."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tradewind.metrics import MetricError, Rule, load_metrics, read_post
from tradewind.settings import PROJECT_ROOT

FOLDER = PROJECT_ROOT / "dbt_project" / "metrics"
WORDS = {"en": "Words", "zh": "词"}
TEXT: dict[str, Any] = {
    "place": 1, "name": WORDS, "wording": "w", "measure": "m", "kind": "ratio", "unit": "ratio",
    "better": "higher", "meaning": WORDS, "numerator_text": "a", "grain": "g", "waiting_for": WORDS,
    "credit": "store", "headline": "plain",
    "rules": {
        "plain": {
            "name": WORDS, "note": WORDS, "from": "fct_order", "numerator": "good", "denominator": "seen",
        }
    },
}  # fmt: skip


def written(folder: Path, metric: dict[str, Any], name: str = "ops_rate") -> Path:
    file = folder / "site_operation.yml"
    file.write_text(json.dumps({"post": "site_operation", "metrics": {name: metric}}))
    return file


def with_rule(**changes: Any) -> dict[str, Any]:
    rule = {**TEXT["rules"]["plain"], **changes}
    return {**TEXT, "rules": {"plain": {key: value for key, value in rule.items() if value is not None}}}


def the_rule(folder: Path, metric: dict[str, Any]) -> Rule:
    return read_post(written(folder, metric)).rules[0]


def test_the_five_posts_describe_the_45_indices_in_the_order_of_the_documents() -> None:
    posts = load_metrics(FOLDER)
    assert [post.post_id for post in posts] == [
        "customer_service", "network_promotion", "visual_design", "site_operation", "storage",
    ]  # fmt: skip
    assert [metric.text.place for post in posts for metric in post.metrics] == list(range(1, 46))
    assert sum(bool(metric.rules) for post in posts for metric in post.metrics) == 12


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        ({**TEXT, "kind": "average"}, "key kind: Input should be 'sum', 'ratio', 'duration'"),
        ({**TEXT, "unit": "percent"}, "key unit: Input should be 'ratio', 'money'"),
        ({**TEXT, "better": "up"}, "key better: Input should be 'higher', 'lower', 'band' or 'zero'"),
        ({**TEXT, "headline": "roi"}, "headline 'roi' is no rule of it: ['plain']"),
        ({**TEXT, "headline": None}, "headline is missing: it has the one rule 'plain'"),
        ({**TEXT, "colour": "red"}, "key colour: Extra inputs are not permitted"),
        ({**TEXT, "name": {"en": "Rate"}}, "key name.zh: Field required"),
        ({**TEXT, "credit": None}, "rules.plain: credit is missing: actor, owner or store"),
        ({**TEXT, "targets": [{"target": 1, "from": "2026-01-01"}]}, "key targets.0.source: Field required"),
        ({**TEXT, "kind": "sum"}, "a rule of kind sum needs ['value']; rules.plain: a rule of kind sum"),
        (with_rule(denominator=None), "rules.plain: none of its terms has a denominator"),
        (with_rule(value="points"), "of kind ratio has no ['value']: it says ['denominator', 'numerator']"),
        (with_rule(where="good::int > 0"), "key rules.plain.terms.0.where: 'good::int > 0' is not plain SQL"),
        (with_rule(where="true; drop table x"), "is not plain SQL"),
        (with_rule(where="name = '{{ this }}'"), "is not plain SQL"),
        (with_rule(where=" "), "an expression is empty"),
        ({**TEXT, "kind": "snapshot"}, "a rule of kind snapshot needs ['window']"),
        ({**TEXT, "kind": "distinct", "adds_across_platforms": True}, "cannot be said of a distinct"),
        (with_rule(terms=[]), "key rules.plain"),
    ],
)  # fmt: skip
def test_what_is_wrong_names_file_metric_key_and_what_is_expected(
    tmp_path: Path, metric: dict[str, Any], expected: str
) -> None:
    with pytest.raises(MetricError) as raised:
        read_post(written(tmp_path, metric))
    assert str(raised.value).startswith("site_operation.yml: metric ops_rate: ")
    assert expected in str(raised.value)


def test_a_file_is_named_for_its_post(tmp_path: Path) -> None:
    file = written(tmp_path, TEXT).rename(tmp_path / "storage.yml")
    with pytest.raises(MetricError, match=r"storage.yml: key post: 'site_operation' must be the file's name"):
        read_post(file)


def test_a_metric_described_twice_is_refused(tmp_path: Path) -> None:
    file = written(tmp_path, TEXT)
    once = json.dumps({"ops_rate": TEXT})[1:-1]
    file.write_text(f'{{"post": "site_operation", "metrics": {{{once}, {once}}}}}')
    with pytest.raises(MetricError, match="ops_rate is described twice"):
        read_post(file)


def test_two_posts_have_no_place_in_common(tmp_path: Path) -> None:
    written(tmp_path, TEXT)
    (tmp_path / "storage.yml").write_text(json.dumps({"post": "storage", "metrics": {"wh_rate": TEXT}}))
    with pytest.raises(
        MetricError, match=r"metric wh_rate: key place: 1 stands in site_operation.yml already"
    ):
        load_metrics(tmp_path)


def test_two_terms_over_one_event_model_are_one_filter(tmp_path: Path) -> None:
    term = {"from": "fct_order", "numerator": "good", "denominator": "seen"}
    rule = {"name": WORDS, "note": WORDS, "terms": [term, term]}
    with pytest.raises(MetricError, match="two terms over fct_order: write one, with one filter"):
        read_post(written(tmp_path, {**TEXT, "rules": {"plain": rule}}))


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["ops_" + "long" * 12], "is longer than 63 letters: give the rule a shorter code"),
        (["ops_rate", "store_rate"], "the columns rate_plain_… are another rule's too"),
        (["rate"], "metric rate: key"),
    ],
)
def test_each_rule_has_columns_of_its_own(tmp_path: Path, names: list[str], expected: str) -> None:
    file = tmp_path / "site_operation.yml"
    metrics = {name: {**TEXT, "place": place} for place, name in enumerate(names, 1)}
    file.write_text(json.dumps({"post": "site_operation", "metrics": metrics}))
    with pytest.raises(MetricError) as raised:
        read_post(file)
    assert expected in str(raised.value)


def test_a_snapshot_is_the_store_s(tmp_path: Path) -> None:
    metric = {**with_rule(window=90, numerator="second_date", denominator="first_date"), "kind": "snapshot"}
    assert the_rule(tmp_path, metric).terms[0].window == 90
    with pytest.raises(MetricError, match="credit of a snapshot is store"):
        read_post(written(tmp_path, {**metric, "credit": "owner"}))


def test_a_rule_takes_what_it_does_not_say_from_its_metric(tmp_path: Path) -> None:
    metric = {**TEXT, "matures_after": 30}
    assert the_rule(tmp_path, metric).matures_after == 30
    own = with_rule(matures_after=0, unit="multiple", credit="owner")
    rule = the_rule(tmp_path, {**own, "matures_after": 30})
    assert (rule.matures_after, rule.unit, rule.credit) == (0, "multiple", "owner")
    assert the_rule(tmp_path, {**TEXT, "unit": "money"}).parts == "money"


def test_one_filter_takes_the_rows_that_know_what_they_would_add(tmp_path: Path) -> None:
    rule = the_rule(tmp_path, with_rule(where="is_new or is_old", platform="amazon", numerator="good - bad"))
    assert rule.filter_of(rule.terms[0]) == (
        "platform = 'amazon' and (is_new or is_old) and (good - bad) is not null and seen is not null"
    )


def test_the_examples_of_the_readme_are_rules_of_their_kind(tmp_path: Path) -> None:
    examples = re.findall(r"\*\*(\w+)\*\*.*?```yaml\n(.*?)```", (FOLDER / "README.md").read_text(), re.DOTALL)
    assert [kind for kind, _ in examples] == [
        "sum", "ratio", "duration", "distinct", "snapshot", "score", "events",
    ]  # fmt: skip
    for kind, text in examples:
        rules = yaml.safe_load(text)
        metric = {**TEXT, "kind": kind, "rules": rules, "headline": next(iter(rules))}
        assert the_rule(tmp_path, metric).kind == kind
