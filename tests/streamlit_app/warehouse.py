"""Writes a small published warehouse, so that the pages are tested on numbers that a reader can check by
hand."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import psycopg

from tradewind.settings import Settings
from tradewind.warehouse import Role, connect

FIRST_DAY, LAST_DAY = date(2026, 7, 1), date(2026, 9, 30)
POSTS = (
    ("customer_service", "Customer service", "客服"),
    ("network_promotion", "Network promotion", "网络推广"),
    ("visual_design", "Visual design", "视觉设计"),
    ("site_operation", "Site operation", "站点运营"),
    ("storage", "Storage", "仓储"),
)
# metric, post, names, kind, unit, adds up over platforms, headline rule, smallest denominator
LIVE = (
    (
        "promo_attributed_sales",
        "network_promotion",
        "Promotion sales",
        "推广销售额",
        "sum",
        "money",
        False,
        "platform_claimed",
        None,
    ),
    (
        "promo_return_on_investment",
        "network_promotion",
        "Return on investment",
        "投入产出比",
        "ratio",
        "multiple",
        False,
        "roi",
        None,
    ),
    (
        "promo_unique_visitors",
        "network_promotion",
        "Unique visitors",
        "访客数",
        "distinct",
        "count",
        True,
        None,
        None,
    ),
    (
        "promo_click_through_rate",
        "network_promotion",
        "Click-through rate",
        "点击率",
        "ratio",
        "ratio",
        True,
        None,
        1000,
    ),
    (
        "ops_gross_merchandise_value",
        "site_operation",
        "Gross sales",
        "销售总额",
        "sum",
        "money",
        True,
        "gross_sales",
        None,
    ),
    (
        "ops_conversion_rate",
        "site_operation",
        "Conversion rate",
        "转化率",
        "ratio",
        "ratio",
        True,
        None,
        100,
    ),
    (
        "ops_repeat_purchase_rate",
        "site_operation",
        "Repurchase rate",
        "复购率",
        "snapshot",
        "ratio",
        True,
        "window_90d",
        30,
    ),
)
WAITING = (
    (
        "cs_first_response_time",
        "customer_service",
        "First response",
        "首次响应时间",
        "tickets (Zendesk)",
        "工单（Zendesk）",
    ),
    ("design_bounce_rate", "visual_design", "Bounce rate", "跳失率", "GA4 sessions", "GA4 会话"),
    ("wh_order_error_rate", "storage", "Error rate", "差错率", "wh_errors.csv", "wh_errors.csv"),
    ("ops_major_mistakes", "site_operation", "Major mistakes", "重大失误", "incidents.csv", "incidents.csv"),
)
STORES = (
    ("lumen-au", "Lumen Home Australia", "shopify", "AU", "Australia/Sydney", "AUD"),
    ("lumen-de", "Lumen Home Deutschland", "amazon", "DE", "Europe/Berlin", "EUR"),
)
PEOPLE = (
    ("E01", "Mia Chen", "network_promotion", "T1"),
    ("E02", "Jonas [Weber](http://x.example)", "network_promotion", "T1"),
    ("E03", "Priya Nair", "site_operation", "T2"),
)
# the rules by which a metric is counted, by platform
RULES = {
    "promo_attributed_sales": (("platform_claimed", "meta_ads"), ("platform_claimed", "google_ads")),
    "promo_return_on_investment": (
        ("roi", "meta_ads"),
        ("roi", "google_ads"),
        ("roas", "meta_ads"),
        ("roas", "google_ads"),
    ),
    "promo_unique_visitors": (("daily_visitors", "shopify"),),
    "promo_click_through_rate": (("link_clicks", "meta_ads"), ("link_clicks", "google_ads")),
    "ops_gross_merchandise_value": (("gross_sales", "shopify"), ("paid_sales", "shopify")),
    "ops_conversion_rate": (("shopify_session", "shopify"), ("amazon_session", "amazon")),
    "ops_repeat_purchase_rate": (("window_90d", "shopify"), ("window_180d", "shopify")),
}
PARTS = {
    "promo_attributed_sales": (500, None),
    "roi": (40, 100),
    "roas": (300, 100),
    "promo_unique_visitors": (200, None),
    "promo_click_through_rate": (30, 1000),
    "gross_sales": (1000, None),
    "paid_sales": (400, None),
    "ops_conversion_rate": (4, 200),
    "ops_repeat_purchase_rate": (12, 60),
}


def create_marts(settings: Settings) -> None:
    """Make the empty tables, readable by the app."""
    with connect(Role.ADMIN, settings) as connection:
        connection.execute("set role tradewind_publisher")
        connection.execute(Path(__file__).with_name("marts.sql").read_bytes())


def fill(settings: Settings) -> None:
    """Write the numbers, one file with one bad record, and a publication."""
    with connect(Role.ADMIN, settings) as connection:
        _write_dimensions(connection)
        _write_facts(connection)
        _write_files(connection)
        publish(connection)


def publish(connection: psycopg.Connection, state: str = "published", code: str | None = None) -> None:
    """Write a build and its publication or hold."""
    row = connection.execute(
        "insert into ops.build (state, project_sha256, finished_at) values (%s, 'x', "
        "now()) returning build_id",
        [state],
    ).fetchone()
    assert row is not None
    reason = "suite orders: 3 of 10 rows fail" if code else None
    connection.execute(
        "insert into ops.publication (build_id, state, reason_code, reason, rows_inserted) "
        "values (%s, %s, %s, %s, 5)",
        [row[0], state, code, reason],
    )
    connection.execute(
        "insert into ops.gate_result (build_id, gate, suite, expectation, success, severity, why, observed) "
        "values (%s, 'marts', 'fct_metric_daily', 'no_negative_sales', %s, 'error', 'sales "
        "cannot be negative', %s)",
        [row[0], state == "published", '{"table": "candidate.fct_metric_daily", "rows": 10, "broken": 3}'],
    )
    connection.execute(
        "insert into ops.dbt_result (build_id, node, resource_type, status, "
        "execution_seconds, rows_affected) "
        "values (%(build)s, 'model.tradewind.fct_metric_daily', 'model', 'success', 0.42, 10000), "
        "(%(build)s, 'dbt build', 'invocation', 'success', 0.42, null)",
        {"build": row[0]},
    )


def _write_dimensions(connection: psycopg.Connection) -> None:
    for order, post in enumerate(POSTS):
        connection.execute("insert into marts.dim_post values (%s, %s, %s, %s)", [post[0], order, *post[1:]])
    for order, (metric, post, en, zh, kind, unit, adds, rule, minimum) in enumerate(LIVE):
        _write_metric(connection, metric, post, order, en, zh, kind, unit, adds, rule, minimum, None, None)
    for order, (metric, post, en, zh, waits_en, waits_zh) in enumerate(WAITING, len(LIVE)):
        _write_metric(
            connection,
            metric,
            post,
            order,
            en,
            zh,
            "ratio",
            "ratio",
            True,
            None,
            None,
            waits_en,
            waits_zh,
        )
    for store in STORES:
        connection.execute(
            "insert into marts.dim_store values (%s, %s, %s, %s, %s, %s, '2024-01-01', true)", store
        )
    connection.execute(
        "insert into marts.dim_team values ('T1', 'Ads', 'network_promotion'), ('T2', "
        "'Shops', 'site_operation')"
    )
    for person, name, post, team in PEOPLE:
        connection.execute(
            "insert into marts.dim_employee values (%s, %s, 'store_operator', %s, %s, "
            "'Sales', 'AU', '2024-01-01', null)",
            [person, name, post, team],
        )
    for metric, rules in RULES.items():
        own_unit = next(row[5] for row in LIVE if row[0] == metric)
        for code in sorted({code for code, _ in rules}):
            unit = "multiple" if code == "roas" else own_unit
            parts = "money" if own_unit == "money" or code in ("roas", "roi") else "count"
            connection.execute(
                "insert into marts.dim_definition values (%s, %s, %s, %s, %s, %s, %s, %s, 0)",
                [
                    code,
                    metric,
                    f"rule {code}",
                    f"口径 {code}",
                    f"Note on {code}",
                    f"说明 {code}",
                    unit,
                    parts,
                ],
            )
    months = ((7, 31), (8, 31), (9, 30))
    for month, days in months:
        connection.execute(
            "insert into marts.dim_target values (%s, 'ops_gross_merchandise_value', "
            "'company', 'company', 50000, 60000, "
            "70000, 'USD', %s, %s, 'test')",
            [f"gross-{month}", date(2026, month, 1), date(2026, month, days)],
        )
    connection.execute(
        "insert into marts.dim_target values ('ctr', 'promo_click_through_rate', "
        "'company', 'company', 0.03, 0.04, 0.05, "
        "null, '2026-01-01', null, 'test')"
    )

    connection.execute(
        "insert into marts.dim_target values ('au', 'promo_page_views', 'store', 'lumen-au', 500, 1000, "
        "1500, 'AUD', '2026-09-01', '2026-09-30', 'test')"
    )
    connection.execute(
        "insert into marts.dim_exchange_rate values ('2026-09-01', 'AUD', 'USD', '2026-09-01', 0.66, 'ecb'), "
        "('2026-09-02', 'AUD', 'USD', '2026-09-02', 0.99, 'ecb')"
    )


def _write_metric(
    connection: psycopg.Connection,
    metric: str,
    post: str,
    order: int,
    en: str,
    zh: str,
    kind: str,
    unit: str,
    adds: bool,
    rule: str | None,
    minimum: int | None,
    waits_en: str | None,
    waits_zh: str | None,
) -> None:
    connection.execute(
        "insert into marts.dim_metric values (" + ", ".join(["%s"] * 27) + ")",
        [
            metric,
            post,
            order,
            en,
            zh,
            en.lower(),
            metric,
            kind,
            f"Meaning of {en}.",
            f"{zh}的含义。",
            f"sum({metric})",
            "sum(base)" if kind in ("ratio", "snapshot") else "-",
            "store x day",
            unit,
            "higher",
            "plan",
            "none",
            "an export",
            "S1",
            waits_en,
            waits_zh,
            waits_en is None,
            adds,
            rule,
            minimum,
            30,
            "seed",
        ],
    )


def _write_facts(connection: psycopg.Connection) -> None:
    with connection.cursor().copy("copy marts.fct_metric_daily from stdin") as copy:
        for metric, post, *_ in LIVE:
            people = [person for person, _, own_post, _ in PEOPLE if own_post == post]
            for code, platform in RULES[metric]:
                numerator, denominator = PARTS.get(code) or PARTS[metric]
                for store, *_ in STORES:
                    if metric == "ops_conversion_rate" and (platform == "amazon") != (store == "lumen-de"):
                        continue
                    for person in people:
                        for day in _days():
                            # the second store halves in September
                            fell = store == "lumen-de" and day.month == 9
                            part = Decimal(numerator) / (2 if fell else 1)
                            copy.write_row(
                                (
                                    metric,
                                    code,
                                    person,
                                    store,
                                    platform,
                                    day,
                                    part,
                                    denominator,
                                    1,
                                    "USD",
                                    day if day < date(2026, 9, 25) else date.max,
                                )
                            )
    connection.execute(
        "insert into marts.fct_sales_country_daily select store_id, platform, case "
        "store_id when 'lumen-au' then 'AU' "
        "else 'DE' end, business_date, 'AUD', sum(numerator) * 1.5, sum(numerator), 0, "
        "sum(numerator), 10, 12 "
        "from marts.fct_metric_daily where metric_id = 'ops_gross_merchandise_value' and "
        "definition_code = 'gross_sales' group by 1, 2, 4"
    )
    # a shop may sell in another currency than its own
    connection.execute(
        "insert into marts.fct_sales_country_daily values ('lumen-au', 'shopify', 'NZ', '2026-09-30', 'NZD', "
        "110, 60, 0, 110, 2, 2)"
    )
    # each published cell is made of two contributions
    connection.execute(
        "insert into marts.metric_evidence select metric_id, definition_code, employee_id, "
        "store_id, platform, "
        "business_date, numerator / 2, denominator / 2, 1, 'fct_sales_line', 1, n, 'order #' || n "
        "from marts.fct_metric_daily cross join generate_series(1, 2) as n"
    )
    connection.execute(
        "insert into marts.fct_record_exclusion values (1, 2, 'test_orders', "
        "'no_exchange_rate', '2026-09-01', 'lumen-au')"
    )
    connection.execute(
        "insert into marts.fct_record_flag values (1, 3, 'test_orders', "
        "'refund_above_goods', '2026-09-01', 'lumen-au')"
    )


def _days() -> list[date]:
    return [FIRST_DAY + timedelta(days=number) for number in range((LAST_DAY - FIRST_DAY).days + 1)]


def _write_files(connection: psycopg.Connection) -> None:
    # these reports alone
    connection.execute("truncate ops.report cascade")
    contract = (
        '{"titles": {"zh": "测试 > 订单"}, "columns": [{"name": "order_id"},'
        ' {"name": "email", "personal": true, "headers": {"zh": ["电子邮件"]}}]}'
    )
    for report, platform, title in (
        ("test_orders", "shopify", "Orders"),
        ("tradewind_roster", "tradewind", "Roster"),
        ("meta_ads_campaign_daily", "meta_ads", "Meta campaigns"),
    ):
        connection.execute(
            "insert into ops.report values (%s, %s, %s, 'one row an order', %s, 'x')",
            [report, platform, title, contract],
        )
    for name, state, code, reason in (
        ("orders.csv", "loaded", None, None),
        ("broken.csv", "refused", "unknown_report", "no contract knows this header"),
        ("half.csv", "waiting", None, None),
    ):
        loaded = state == "loaded"
        connection.execute(
            "insert into ops.load (file_name, file_path, file_sha256, file_size, "
            "file_modified_at, report, state, store_id, "
            "records_read, records_loaded, records_quarantined, reason_code, reason, finished_at) "
            "values (%s, %s, %s, 10, now(), %s, %s, 'lumen-au', %s, %s, %s, %s, %s, now())",
            [
                name,
                f"store=lumen-au/{name}",
                hashlib.sha256(name.encode()).hexdigest(),
                "test_orders" if loaded else None,
                state,
                3 if loaded else 0,
                2 if loaded else 0,
                1 if loaded else 0,
                code,
                reason,
            ],
        )
    connection.execute(
        "insert into ops.quarantined_row (load_id, row_number, column_name, reason_code, reason, raw_record) "
        "values (1, 3, 'order_id', 'empty_value', 'order_id is empty', 'secret')"
    )
    connection.execute("set local role tradewind_loader")
    connection.execute(
        "create table raw.test_orders (order_id text, email text, load_id bigint, row_number bigint, "
        "primary key (load_id, row_number))"
    )
    connection.execute(
        "insert into raw.test_orders values ('#1001', 'who@example.com', 1, 1), ('#1002', null, 1, 2)"
    )
    connection.execute("reset role")
