"""The kinds on a small table of events: what is added, what is merged, and what is counted once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tradewind.metrics import EventModel, MetricError, Rule, read_post
from tradewind.metrics.events import EventMeta
from tradewind.metrics.kinds import daily_parts, distinct_counts, histogram, quantile
from tradewind.settings import Settings
from tradewind.warehouse import Role, connect

POST = "customer_service"
WORDS = {"en": "Words", "zh": "词"}
COLUMNS = {
    "load_id": "bigint", "row_number": "bigint", "store_id": "text", "platform": "text",
    "business_date": "date", "is_counted": "boolean", "channel": "text", "agent": "text", "queue": "text",
    "buyer": "text", "reply_seconds": "numeric", "ordered_on": "date", "rating": "numeric",
    "weight": "numeric", "rater": "text", "points": "numeric",
}  # fmt: skip
MODEL = EventModel(
    name="fct_contact",
    columns=COLUMNS,
    meta=EventMeta.model_validate(
        {"description": "buyer", "actor": "agent", "owner": {"type": "'queue'", "id": "queue"}}
    ),
)
# store, day, counted, channel, agent, queue, buyer, seconds, ordered on, rating, weight, rater, points
EVENTS = [
    ("s", "2026-04-01", True, "chat", "ann", "q", "b1", 10, "2026-03-30", 5, 2, "r1", 3),
    ("s", "2026-04-01", True, "chat", "ann", "q", "b1", 20, "2026-03-30", 1, 1, "r2", 1),
    ("s", "2026-04-02", True, "email", None, "q", "b1", 4000, "2026-04-01", 3, 1, "r1", 2),
    ("s", "2026-04-08", True, "email", "bob", "q", "b2", 100, "2026-04-01", None, 1, "r3", None),
    ("s", "2026-05-01", True, "chat", "bob", "q", "b1", 30, "2026-04-30", 4, 1, "r1", 5),
    ("s", "2026-05-01", False, "chat", "bob", "q", "b9", 999, "2026-04-30", 1, 9, "r9", 99),
]


@pytest.fixture(scope="module")
def contacts(database_settings: Settings) -> Iterator[psycopg.Connection]:
    with connect(Role.ADMIN, database_settings) as connection:
        columns = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
        connection.execute(f"create temporary table contact ({columns})")
        for number, event in enumerate(EVENTS, 1):
            marks = ", ".join(["%s"] * len(COLUMNS))
            connection.execute(
                f"insert into contact values ({marks})", [1, number, event[0], "desk", *event[1:]]
            )
        connection.execute(
            "create temporary table owned as select distinct 'customer_service' as post_id, object_type,"
            " case object_type when 'store' then store_id else queue end as object_id, store_id, platform,"
            " business_date, employee_id, share from contact cross join (values ('store', 'zoe', 1.0),"
            " ('queue', 'ann', 0.25), ('queue', 'bob', 0.75)) as v (object_type, employee_id, share)"
        )
        yield connection


def rule(tmp_path: Path, kind: str, **changes: Any) -> Rule:
    file = tmp_path / f"{POST}.yml"
    own = {"name": WORDS, "note": WORDS, "from": "fct_contact", **changes}
    metric = {
        "place": 1, "name": WORDS, "wording": "w", "measure": "m", "kind": kind, "unit": "count",
        "better": "lower", "meaning": WORDS, "numerator_text": "a", "grain": "g", "waiting_for": WORDS,
        "credit": "actor", "headline": "own", "rules": {"own": own},
    }  # fmt: skip
    file.write_text(json.dumps({"post": POST, "metrics": {"cs_m": metric}}))
    return read_post(file).rules[0]


def rows(connection: psycopg.Connection, names: str, select: str, behind: str = "") -> list[tuple[Any, ...]]:
    return connection.execute(f"select {names} from ({select}) as made {behind}").fetchall()


def parts(connection: psycopg.Connection, made: Rule) -> list[tuple[Any, ...]]:
    names = "employee_id, business_date::text, numerator, denominator, event_count"
    select = daily_parts(made, MODEL, "contact", "owned", POST)
    return rows(connection, names, select, "order by 2, 1")


def test_a_duration_is_the_actor_s_and_what_names_nobody_is_unassigned(
    contacts: psycopg.Connection, tmp_path: Path
) -> None:
    made = rule(tmp_path, "duration", value="reply_seconds", parts="seconds")
    assert parts(contacts, made) == [
        ("ann", "2026-04-01", 30, 2, 2),
        ("unassigned", "2026-04-02", 4000, 1, 1),
        ("bob", "2026-04-08", 100, 1, 1),
        ("bob", "2026-05-01", 30, 1, 1),
    ]


def test_histograms_merge_into_mean_median_and_p90_of_any_period_and_team(
    contacts: psycopg.Connection, tmp_path: Path
) -> None:
    made = rule(tmp_path, "duration", value="reply_seconds")
    buckets = f"({histogram(made, MODEL, 'contact', 'owned', POST)}) as h"
    assert rows(contacts, "sum(event_count)", histogram(made, MODEL, "contact", "owned", POST)) == [(5,)]
    # 10, 20, 30, 100, 4000
    ((median,),) = contacts.execute(quantile(buckets, (), "0.5")).fetchall()
    assert abs(median - 30) < Decimal("1.5")
    ((p90,),) = contacts.execute(quantile(buckets, (), "0.9")).fetchall()
    assert abs(p90 - 4000) < 200
    by_person = dict(contacts.execute(quantile(buckets, ("employee_id",), "0.5")).fetchall())
    assert by_person.keys() == {"ann", "bob", "unassigned"}
    assert abs(by_person["ann"] - 10) < 1


@pytest.mark.parametrize("seconds", ["0", "0.4", "1", "59.99", "3600", "86400", "31536000"])
def test_a_duration_is_right_to_a_twentieth(
    contacts: psycopg.Connection, tmp_path: Path, seconds: str
) -> None:
    made = rule(tmp_path, "duration", value=seconds)
    buckets = f"({histogram(made, MODEL, 'contact', 'owned', POST)}) as h"
    ((found,),) = contacts.execute(quantile(buckets, (), "0.5")).fetchall()
    assert abs(found - Decimal(seconds)) <= max(Decimal(seconds) * Decimal("0.052"), Decimal(1))


def test_a_distinct_count_of_a_period_is_counted_from_its_events(
    contacts: psycopg.Connection, tmp_path: Path
) -> None:
    made = rule(tmp_path, "distinct", key="buyer")
    select = distinct_counts(made, MODEL, "contact", "owned", POST)
    names = "period_type, period_start::text, distinct_count"
    everybody = "where employee_id is null and store_id is null and platform is null"
    found = rows(contacts, names, select, f"{everybody} order by 1, 2")
    assert found == [
        ("day", "2026-04-01", 1),
        ("day", "2026-04-02", 1),
        ("day", "2026-04-08", 1),
        ("day", "2026-05-01", 1),
        ("month", "2026-04-01", 2),
        ("month", "2026-05-01", 1),
        ("quarter", "2026-04-01", 2),
        ("week", "2026-03-30", 1),
        ("week", "2026-04-06", 1),
        ("week", "2026-04-27", 1),
    ]
    # the parts of two people are not the whole: both served b1
    of_people = rows(
        contacts,
        "employee_id, distinct_count",
        select,
        "where period_type = 'quarter' and employee_id is not null and store_id is null and platform is null"
        " order by 1",
    )
    assert of_people == [("ann", 1), ("bob", 2), ("unassigned", 1)]


def test_a_distinct_count_is_never_shared_out(contacts: psycopg.Connection, tmp_path: Path) -> None:
    made = rule(tmp_path, "distinct", key="buyer", credit="owner")
    select = distinct_counts(made, MODEL, "contact", "owned", POST)
    found = rows(
        contacts,
        "employee_id, distinct_count",
        select,
        "where period_type = 'month' and period_start = '2026-04-01' and store_id = 's' and platform = 'desk'"
        " order by 1",
    )
    assert found == [("ann", 2), ("bob", 2), (None, 2)]


def test_a_score_is_weighted_points_over_possible_points_with_its_raters(
    contacts: psycopg.Connection, tmp_path: Path
) -> None:
    made = rule(
        tmp_path, "score", value="rating", lowest="1", highest="5", weight="weight", rater="rater",
    )  # fmt: skip
    assert parts(contacts, made) == [
        ("ann", "2026-04-01", 8, 12, 2),
        ("unassigned", "2026-04-02", 2, 4, 1),
        ("bob", "2026-05-01", 3, 4, 1),
    ]
    raters = rows(
        contacts,
        "distinct_count",
        distinct_counts(made, MODEL, "contact", "owned", POST),
        "where period_type = 'quarter' and employee_id is null and store_id is null and platform is null",
    )
    assert raters == [(2,)]


def test_events_are_counted_and_with_a_value_their_points_are_added(
    contacts: psycopg.Connection, tmp_path: Path
) -> None:
    counted = rule(tmp_path, "events", credit="store")
    assert parts(contacts, counted)[0] == ("zoe", "2026-04-01", 2, None, 2)
    pointed = rule(tmp_path, "events", credit="owner", value="points")
    assert parts(contacts, pointed)[:2] == [
        ("ann", "2026-04-01", 1, None, 2),
        ("bob", "2026-04-01", 3, None, 2),
    ]


def test_two_date_bases_are_two_rules_and_a_segment_is_one_more_dimension(
    contacts: psycopg.Connection, tmp_path: Path
) -> None:
    made = rule(tmp_path, "events", date="ordered_on", segment="channel", matures_after=30)
    select = daily_parts(made, MODEL, "contact", "owned", POST)
    names = "segment, business_date::text, event_count, matures_on::text"
    assert rows(contacts, names, select, "order by 2, 1, 3") == [
        ("chat", "2026-03-30", 2, "2026-04-29"),
        ("email", "2026-04-01", 1, "2026-05-01"),
        ("email", "2026-04-01", 1, "2026-05-01"),
        ("chat", "2026-04-30", 1, "2026-05-30"),
    ]


def test_what_must_not_be_added_has_no_daily_parts(tmp_path: Path) -> None:
    made = rule(tmp_path, "distinct", key="buyer")
    with pytest.raises(MetricError, match="rule own of cs_m is a distinct, whose days are never added"):
        daily_parts(made, MODEL, "contact", "owned", POST)
    with pytest.raises(MetricError, match="is a events, which has no histogram"):
        histogram(rule(tmp_path, "events"), MODEL, "contact", "owned", POST)
