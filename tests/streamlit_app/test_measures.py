"""What may be added, what is divided last, and how a value stands to its target."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insight.measures import (
    Amount,
    Kind,
    Metric,
    Money,
    NotAddableError,
    Standing,
    Target,
    VariantKey,
    add_up,
    difference,
    is_small,
    share_of,
    stand,
    target_over,
    value_of,
    variant_key,
    wilson_interval,
)
from insight.periods import (
    Period,
    months_between,
    parse_day,
    resolve_comparison,
    resolve_period,
)
from insight.queries.metrics import Coverage, Total
from insight.readings import Goals, break_down, off_since, read_metric, total_of, way_of, worst

RATE = Metric("m", "p", "M", Kind.RATIO, "ratio", "higher", True, True, None, Decimal(100), "")


DAYS = [date(2026, 9, number) for number in range(1, 31)]
KEY = VariantKey("m", "a", None, None, None)


def amount(numerator: int | None, denominator: int | None = None, **more: object) -> Amount:
    whole = Amount(
        KEY,
        None if numerator is None else Decimal(numerator),
        None if denominator is None else Decimal(denominator),
        Decimal(1),
        True,
    )
    return replace(whole, **more)  # type: ignore[arg-type]


def total(numerator: int, denominator: int, metric: Metric = RATE, **more: str) -> Total:
    parts = {"rule": "a", "platform": "meta_ads", "store": "s1", "person": "e1", "currency": "", **more}
    key = variant_key(metric, parts["rule"], parts["currency"], parts["platform"], parts["store"])
    return Total(
        "m",
        parts["rule"],
        parts["platform"],
        parts["store"],
        parts["person"],
        True,
        amount(numerator, denominator, key=key, days=frozenset(DAYS[:4])),
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
    assert value_of(Kind.DISTINCT, amount(300, days=frozenset(DAYS[:3]))) == 100


def test_platforms_that_claim_the_same_order_stay_apart() -> None:
    claimed = replace(RATE, is_additive_across_platforms=False)
    reading = read_metric(claimed, [total(1, 2, claimed), total(1, 2, claimed, platform="google_ads")], {})
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
    rows = [total(1, 10, metric, rule="window_90d"), total(9, 10, metric, rule="window_90d", store="s2")]
    reading = read_metric(metric, rows, {})
    assert [reading.value(variant) for variant in reading.variants] == [Decimal("0.1"), Decimal("0.9")]


def test_visitors_of_stores_are_not_added_up_and_each_store_has_its_average_day() -> None:
    metric = replace(RATE, kind=Kind.DISTINCT)
    reading = read_metric(metric, [total(100, 0, metric), total(60, 0, metric, store="s2")], {})
    assert [reading.value(variant) for variant in reading.variants] == [25, 15]


def test_reading_is_as_complete_as_the_rule_it_shows() -> None:
    def coverage(rule: str, days: int) -> dict[tuple[str, str, bool], Coverage]:
        return {("m", rule, True): Coverage("m", rule, True, days, DAYS[days - 1], None)}

    coverages = {**coverage("a", 4), **coverage("b", 30)}
    rows = [total(1, 2), total(1, 2, rule="b")]
    by_rule = {
        rule: read_metric(replace(RATE, headline_definition_code=rule), rows, coverages).coverage
        for rule in ("a", "b", None)
    }
    assert {rule: found and found.days for rule, found in by_rule.items()} == {"a": 4, "b": 30, None: 4}


def test_a_card_of_one_rule_never_takes_the_maturity_of_another() -> None:
    metric = replace(RATE, headline_definition_code="a")
    both = [total(1, 2), total(3, 4, rule="b")]
    for own in (date(2026, 9, 3), None):
        days = {"a": own, "b": date(2026, 9, 1)}
        coverages = {
            ("m", rule, True): Coverage("m", rule, True, 4, date(2026, 9, 4), day)
            for rule, day in days.items()
        }
        coverage = read_metric(metric, both, coverages).coverage
        assert coverage is not None and coverage.immature_from == own


def test_a_rule_has_its_own_unit() -> None:
    metric = replace(RATE, rule_units={"roas": "multiple"})
    assert (metric.unit_of("roas"), metric.unit_of("roi")) == ("multiple", "ratio")


def test_points_and_seconds_are_read_as_their_kind_says() -> None:
    assert value_of(Kind.EVENTS, amount(7)) == 7
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


KINDS = {
    Kind.SUM: replace(RATE, kind=Kind.SUM),
    Kind.RATIO: RATE,
    Kind.DISTINCT: replace(RATE, kind=Kind.DISTINCT),
    Kind.SNAPSHOT: replace(RATE, kind=Kind.SNAPSHOT),
}
PARTS = st.lists(
    st.tuples(
        *(st.sampled_from(names) for names in ("ab", "pq", "st", "ef", ("USD", "EUR"))), st.integers(0, 9)
    ),
    max_size=12,
)


@pytest.mark.parametrize("adds_platforms", [True, False])
@pytest.mark.parametrize("kind", KINDS)
@given(parts=PARTS)
def test_no_total_holds_two_things_that_must_not_be_added(
    kind: Kind, adds_platforms: bool, parts: list[tuple[str, str, str, str, str, int]]
) -> None:
    metric = replace(KINDS[kind], is_additive_across_platforms=adds_platforms)
    assert metric.kind is kind
    rows = [
        total(number, 1, metric, rule=rule, platform=platform, store=store, person=person, currency=currency)
        for rule, platform, store, person, currency, number in parts
    ]
    reading = read_metric(metric, rows, {})
    entities = (lambda row: row.store_id, lambda row: row.employee_id)
    shown = [variant.now for variant in (*reading.variants, *reading.others)]
    shown += [
        part.now for rule in "ab" for entity in entities for part in break_down(metric, rows, rule, entity)
    ]
    for whole in shown:
        assert whole is not None
        members = [row for row in rows if row.amount.key == whole.key]
        apart = [{(row.definition_code, row.amount.key.currency) for row in members}]
        if kind.counts_people or not adds_platforms:
            apart.append({row.platform for row in members})
        if kind.counts_people:
            apart.append({row.store_id for row in members})
        assert [len(one) for one in apart] == [1] * len(apart)
    for rule in "ab":
        keys = {row.amount.key for row in rows if row.definition_code == rule}
        if len(keys) > 1:
            with pytest.raises(NotAddableError):
                total_of(metric, rows, rule)
        else:
            whole = total_of(metric, rows, rule)
            numbers = [part[-1] for part in parts if part[0] == rule]
            assert (whole and whole.numerator) == (sum(numbers) if numbers else None)


@pytest.mark.parametrize(
    "other",
    [
        {"key": KEY._replace(metric_id="n")},
        {"key": KEY._replace(definition_code="b")},
        {"key": KEY._replace(currency="EUR")},
        {"key": KEY._replace(platform="meta_ads")},
        {"key": KEY._replace(store_id="s2")},
        {"taken_on": DAYS[1]},
    ],
)
def test_amounts_of_two_things_cannot_be_added(other: dict[str, object]) -> None:
    first, second = amount(1, taken_on=DAYS[0]), amount(2, **{"taken_on": DAYS[0], **other})
    with pytest.raises(NotAddableError):
        add_up([first, second])
    if "key" in other:
        with pytest.raises(NotAddableError):
            difference(first, second)
        with pytest.raises(NotAddableError):
            share_of(first, second)


def test_money_of_two_currencies_cannot_be_added_or_shared() -> None:
    dollar, euro = Money(Decimal(1), "USD"), Money(Decimal(4), "EUR")
    assert dollar + dollar == Money(Decimal(2), "USD")
    assert dollar.share_of(dollar + dollar) == Decimal("0.5")
    assert dollar.share_of(Money(Decimal(0), "USD")) is None
    for forbidden in (dollar.__add__, dollar.share_of):
        with pytest.raises(NotAddableError):
            forbidden(euro)


def test_way_of_a_sum_is_by_its_largest_gain_first() -> None:
    metric = KINDS[Kind.SUM]
    rows = [total(5, 1, metric), total(9, 1, metric, store="s2")]
    before = [
        row._replace(is_current=False) for row in (total(8, 1, metric), total(1, 1, metric, store="s2"))
    ]
    way = way_of(break_down(metric, rows + before, "a", lambda row: row.store_id))
    assert way == (9, [("s2", 8), ("s1", -3)], 14)
