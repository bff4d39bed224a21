"""What may be added, what is divided last, and how a value stands to its target."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from dashboard.measures import (
    Amount,
    Kind,
    Metric,
    Standing,
    Target,
    add_up,
    is_small,
    stand,
    target_over,
    value_of,
    wilson_interval,
)
from dashboard.periods import (
    Period,
    months_between,
    parse_day,
    resolve_comparison,
    resolve_period,
)
from dashboard.queries.metrics import Coverage, Total
from dashboard.readings import Goals, VariantKey, off_since, read_metric, worst

RATE = Metric("m", "p", "M", Kind.RATIO, "ratio", "higher", True, True, None, Decimal(100), "")


def amount(numerator: int | None, denominator: int | None = None, days: int = 1) -> Amount:
    return Amount(
        None if numerator is None else Decimal(numerator),
        None if denominator is None else Decimal(denominator),
        Decimal(1),
        days,
        True,
    )


def total(numerator: int, denominator: int, **more: str) -> Total:
    parts = {"rule": "a", "platform": "meta_ads", "store": "s1", "person": "e1", **more}
    return Total(
        "m",
        parts["rule"],
        parts["platform"],
        parts["store"],
        parts["person"],
        True,
        amount(numerator, denominator),
    )


def target(goal: str, floor: str | None = None, **more: object) -> Target:
    whole = Target(
        "m",
        "company",
        "",
        Decimal(floor) if floor else None,
        Decimal(goal),
        None,
        None,
        date(2026, 9, 1),
        None,
    )
    return replace(whole, **more)


def test_ratio_is_the_ratio_of_sums_and_never_an_average() -> None:
    assert value_of(Kind.RATIO, add_up([amount(1, 10), amount(90, 100)])) == Decimal(91) / Decimal(110)


def test_zero_denominator_has_no_value() -> None:
    assert value_of(Kind.RATIO, amount(5, 0)) is None
    assert value_of(Kind.SUM, None) is None


def test_distinct_count_is_an_average_day() -> None:
    assert value_of(Kind.DISTINCT, amount(300, None, days=3)) == 100


def test_platforms_that_claim_the_same_order_stay_apart() -> None:
    claimed = replace(RATE, is_additive_across_platforms=False)
    reading = read_metric(claimed, [total(1, 2), total(1, 2, platform="google_ads")], {})
    assert [variant.key.platform for variant in reading.variants] == ["google_ads", "meta_ads"]


def test_platforms_that_may_be_added_are_one_value() -> None:
    reading = read_metric(RATE, [total(1, 2), total(1, 4, platform="google_ads")], {})
    assert [reading.value(variant) for variant in reading.variants] == [Decimal(2) / Decimal(6)]


def test_other_rules_stand_beside_the_headline_rule() -> None:
    metric = replace(RATE, headline_definition_code="a")
    reading = read_metric(metric, [total(1, 2), total(3, 4, rule="b")], {})
    assert [variant.key.definition_code for variant in reading.variants] == ["a"]
    assert [variant.key.definition_code for variant in reading.others] == ["b"]


def test_customers_of_stores_are_not_added_up() -> None:
    metric = replace(RATE, kind=Kind.SNAPSHOT, headline_definition_code="window_90d")
    rows = [total(1, 10, rule="window_90d"), total(9, 10, rule="window_90d", store="s2")]
    reading = read_metric(metric, rows, {})
    assert [reading.value(variant) for variant in reading.variants] == [Decimal("0.1"), Decimal("0.9")]


def test_average_day_counts_the_days_that_any_store_has() -> None:
    metric = replace(RATE, kind=Kind.DISTINCT)
    coverage = {("m", True): Coverage("m", True, 4, date(2026, 9, 4), {})}
    reading = read_metric(metric, [total(100, 0), total(100, 0, store="s2")], coverage)
    assert reading.value(reading.variants[0]) == 50


def test_a_card_of_one_rule_never_takes_the_maturity_of_another() -> None:
    metric = replace(RATE, headline_definition_code="a")
    days = {"a": date(2026, 9, 3), "b": date(2026, 9, 1)}
    coverage = {("m", True): Coverage("m", True, 4, date(2026, 9, 4), days)}
    both = [total(1, 2), total(3, 4, rule="b")]
    assert read_metric(metric, both, coverage).immature_from == date(2026, 9, 3)
    coverage = {("m", True): Coverage("m", True, 4, date(2026, 9, 4), {"b": date(2026, 9, 1)})}
    assert read_metric(metric, both, coverage).immature_from is None


def test_a_rule_has_its_own_unit() -> None:
    metric = replace(RATE, rule_units={"roas": "multiple"})
    assert (metric.unit_of("roas"), metric.unit_of("roi")) == ("multiple", "ratio")


def test_points_and_seconds_are_read_as_their_kind_says() -> None:
    assert value_of(Kind.EVENTS, amount(7, None, days=3)) == 7
    assert value_of(Kind.DURATION, amount(90, 4)) == Decimal("22.5")
    assert value_of(Kind.SCORE, amount(3, 4)) == Decimal("0.75")


def test_wilson_interval_holds_the_share_and_stays_within_bounds() -> None:
    low, high = wilson_interval(Decimal(0), Decimal(10)) or (1, 0)
    assert low == 0 and 0.25 < high < 0.32
    assert wilson_interval(Decimal(3), Decimal(2)) is None
    assert wilson_interval(Decimal(0), Decimal(0)) is None


def test_small_sample_is_one_below_the_metrics_own_minimum() -> None:
    assert is_small(RATE, amount(1, 99))
    assert not is_small(RATE, amount(1, 100))
    assert not is_small(replace(RATE, min_denominator=None), amount(1, 1))


@pytest.mark.parametrize(
    ("direction", "value", "expected"),
    [
        ("higher", "0.04", Standing.ON),
        ("higher", "0.035", Standing.NEAR),
        ("higher", "0.02", Standing.OFF),
        ("lower", "0.04", Standing.ON),
        ("zero", "0", Standing.ON),
        ("zero", "1", Standing.OFF),
    ],
)
def test_standing_follows_the_direction(direction: str, value: str, expected: Standing) -> None:
    assert stand(direction, Decimal(value), target("0.04", "0.03")) is expected


def test_lower_is_better_turns_the_floor_around() -> None:
    late = target("0.04", "0.06")
    assert [stand("lower", Decimal(value), late) for value in ("0.03", "0.05", "0.07")] == [
        Standing.ON,
        Standing.NEAR,
        Standing.OFF,
    ]


def test_no_target_and_no_value_are_no_failure() -> None:
    assert stand("higher", Decimal(1), None) is Standing.NO_TARGET
    assert stand("higher", None, target("1")) is Standing.NO_VALUE
    assert worst([Standing.ON, Standing.OFF, Standing.NEAR]) is Standing.OFF


def test_target_of_a_sum_counts_by_its_days() -> None:
    september = target("3000", valid_to=date(2026, 9, 30))
    half = target_over([september], Kind.SUM, date(2026, 9, 1), date(2026, 9, 15))
    assert half is not None and half.target == 1500


def test_target_of_a_sum_that_misses_a_day_is_none() -> None:
    september = target("3000", valid_to=date(2026, 9, 30))
    assert target_over([september], Kind.SUM, date(2026, 8, 31), date(2026, 9, 15)) is None


def test_target_of_a_rate_is_the_one_valid_at_the_end() -> None:
    old, new = target("0.1", valid_from=date(2020, 1, 1)), target("0.2")
    found = target_over([new, old], Kind.RATIO, date(2026, 9, 1), date(2026, 9, 30))
    assert found is not None and found.target == Decimal("0.2")


def test_stores_targets_are_added_only_where_every_store_has_one() -> None:
    metric = replace(RATE, kind=Kind.SUM)
    rows = [
        target("10", scope_type="store", scope_id=store, valid_to=date(2026, 9, 30)) for store in ("s1", "s2")
    ]
    goals, september = Goals(rows, "USD"), Period(date(2026, 9, 1), date(2026, 9, 30))
    whole = goals.add_up(metric, september, ["s1", "s2"])
    assert whole is not None and whole.target == 20
    assert goals.add_up(metric, september, ["s1", "s2", "s3"]) is None


def test_target_in_a_currency_that_is_not_reported_is_no_yardstick() -> None:
    goals = Goals([target("1", currency="EUR")], "USD")
    assert goals.find(RATE, Period(date(2026, 9, 1), date(2026, 9, 2)), [("company", "")]) is None


def test_off_since_is_the_start_of_the_unbroken_run() -> None:
    days = [date(2026, 9, number) for number in (7, 14, 21, 28)]
    weeks = list(zip(days, [amount(5, 100), amount(1, 100), amount(5, 100), amount(1, 100)], strict=True))
    assert off_since(RATE, weeks, lambda _: target("0.04")) == date(2026, 9, 28)
    assert off_since(RATE, weeks[:3], lambda _: target("0.04")) is None


def test_periods_are_resolved_from_the_last_day_with_data() -> None:
    last = date(2026, 9, 30)
    assert resolve_period("28d", last) == Period(date(2026, 9, 3), last)
    assert resolve_period("2026-02", last) == Period(date(2026, 2, 1), date(2026, 2, 28))
    assert resolve_comparison("previous", Period(date(2026, 9, 3), last)) == Period(
        date(2026, 8, 6), date(2026, 9, 2)
    )
    assert resolve_comparison("none", Period(last, last)) is None
    assert months_between(date(2026, 7, 15), date(2026, 9, 1)) == ["2026-09", "2026-08", "2026-07"]
    assert parse_day("2026-13-01") is None


def test_variant_key_is_what_must_not_be_added() -> None:
    assert VariantKey("a", None, None) != VariantKey("b", None, None)
