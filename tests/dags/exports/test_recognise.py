"""What a file is, from its header alone."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import PurePath

import pytest
import yaml
from pydantic import ValidationError

from tradewind.exports import Header, RefusedFileError, load_contracts, recognise
from tradewind.exports.contract import Contract
from tradewind.exports.facts import FileFacts, read_facts

GERMAN = (
    "(Übergeordnete) ASIN,(Untergeordnete) ASIN,Titel,Sitzungen – Summe,Seitenaufrufe – Summe,"
    "Bestellte Einheiten,Durch bestellte Produkte erzielter Umsatz\n"
)
JAPANESE = "（親）ASIN,（子）ASIN,タイトル,セッション - 合計,注文された商品点数,注文商品の売上額\n"
CHINESE = "(父)ASIN,（子）ASIN,标题,会话数 - 总计,页面浏览量 - 总计,已订购商品数量,已订购商品销售额\n"
AMERICAN = "(Parent) ASIN,(Child) ASIN,Title,SKU,Sessions - Total,Units Ordered,Ordered Product Sales\n"
BRITISH = AMERICAN.replace("Sessions - Total", "Sessions – Total")
MOBILE = (
    "(Parent) ASIN,(Child) ASIN,Title,SKU,Sessions – Mobile app,Sessions – Mobile APP – B2B,"
    "Sessions – Browser,Sessions – Total,Units ordered,Ordered Product Sales\n"
)
SALES = "Day,Product title,Product variant SKU,Net items sold,Gross sales,Net sales,Total sales,Orders\n"
STOCK = ",".join(
    column.all_headers()[0] for column in load_contracts()["linnworks_inventory"].columns if column.required
)
GOOGLE = "Campaign,Currency code,Clicks,Impr.,Cost\n"


def recognised(text: str, report: str | None = None) -> Header:
    return recognise(text, load_contracts(), report)


def refusal(text: str, report: str | None = None) -> RefusedFileError:
    with pytest.raises(RefusedFileError) as refused:
        recognised(text, report)
    return refused.value


def facts_of(text: str, path: str, first_row: dict[str, str] | None = None) -> FileFacts:
    return read_facts(recognised(text), PurePath(path), first_row or {}, datetime(2026, 5, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("text", "locale"),
    [
        (GERMAN, "de"),
        (JAPANESE, "ja"),
        (CHINESE, "zh"),
        (AMERICAN, "en_us"),
        (BRITISH, "en_gb"),
        (MOBILE, "en_gb"),
    ],
)
def test_business_report_is_known_in_every_language(text: str, locale: str) -> None:
    header = recognised(text)
    assert (header.contract.report, header.locale) == ("amazon_business_report_asin", locale)
    assert not header.extra_names


def test_columns_may_come_in_any_order() -> None:
    header = recognised("Sessions,Online store visitors,Day\n")
    assert [column.name for column in header.columns if column] == [
        "sessions",
        "online_store_visitors",
        "day",
    ]


def test_comparison_columns_are_set_aside_though_their_names_repeat() -> None:
    header = recognised(
        "Day,Online store visitors,Sessions,Day (previous_period),Online store visitors (previous_period),"
        "Sessions (previous_period),Online store visitors (previous_period) ,Sessions (previous_period) \n"
    )
    assert header.contract.report == "shopify_visitors"
    assert len(header.extra_names) == 5 == len(set(header.extra_names.values()))


def test_header_that_names_a_column_twice_is_refused() -> None:
    fault = refusal(SALES.replace("Orders", "Orders,orders"))
    assert (fault.code, fault.parameters["columns"]) == ("header_ambiguous", ["orders"])


def test_unknown_header_is_refused_with_what_differs_from_the_nearest() -> None:
    fault = refusal(SALES.replace("Gross sales", "Brutto"))
    assert fault.code == "unknown_report"
    assert fault.parameters["nearest"] == "shopify_sales_by_variant"
    assert fault.parameters["missing"] == ["Gross sales"]
    assert fault.parameters["unknown"] == ["Brutto"]


def test_cells_of_a_file_without_header_are_not_repeated() -> None:
    fault = refusal("#1001,anna@example.com,paid,12.00\n#1002,berta@example.com,paid,3.00\n")
    assert fault.code == "resembles_no_report"
    assert "example.com" not in repr(fault.parameters)


def test_header_that_fits_two_reports_is_refused_with_both_names() -> None:
    contracts = dict(load_contracts())
    twin = contracts["shopify_visitors"].model_copy(update={"report": "other_visitors"})
    with pytest.raises(RefusedFileError) as refused:
        recognise("Day,Online store visitors,Sessions\n", {**contracts, "other_visitors": twin})
    assert refused.value.parameters == {"candidates": ["other_visitors", "shopify_visitors"]}
    assert recognise("Day,Online store visitors,Sessions\n", contracts, "shopify_visitors").contract.report


def test_named_report_must_fit_and_exist() -> None:
    assert refusal(SALES, "shopify_orders").code == "header_does_not_fit"
    assert refusal(SALES, "shopfy").code == "no_such_report"


def test_lines_above_the_header_only_where_the_contract_has_them() -> None:
    assert recognised("Campaign report\n1 May 2026 - 8 May 2026\n" + GOOGLE).preamble[0] == "Campaign report"
    fault = refusal("My shop\n" + SALES)
    assert (fault.code, fault.parameters["row"]) == ("lines_above_header", 2)


def test_delimiter_outside_the_contract_is_refused_by_name() -> None:
    fault = refusal(SALES.replace(",", "|"))
    assert (fault.code, fault.parameters["found"]) == ("delimiter_not_allowed", "|")


def test_google_layouts_are_told_apart() -> None:
    assert recognised("Day," + GOOGLE).contract.report == "google_ads_campaign_daily"
    assert recognised(GOOGLE).contract.report == "google_ads_campaign_period"
    assert recognised("Search term,Match type,Ad group," + GOOGLE).contract.report == "google_ads_search_term"
    assert recognised("Keyword,Match type,Ad group," + GOOGLE).contract.report == "google_ads_search_keyword"


def test_both_layouts_of_meta_and_its_empty_period_are_one_report() -> None:
    wide = (
        "Campaign name,Ad set name,Ad name,Day,Delivery status,Amount spent (USD),Impressions,Reach,"
        "Ad set name,Purchases,Purchases conversion value,Link clicks,Reporting starts,Reporting ends\n"
    )
    empty = "Reporting starts,Reporting ends,Campaign name,Reach,Impressions,Amount spent (USD),Ends\n"
    for text in (wide, empty):
        header = recognised(text)
        assert (header.contract.report, header.currency) == ("meta_ads_campaign_daily", "USD")


@pytest.mark.parametrize(
    ("line", "start", "end"),
    [
        ("27 January 2026 - 23 February 2026", date(2026, 1, 27), date(2026, 2, 23)),
        ("January 27, 2026 - February 23, 2026", date(2026, 1, 27), date(2026, 2, 23)),
    ],
)
def test_period_is_read_from_the_lines_above_the_header(line: str, start: date, end: date) -> None:
    facts = facts_of(f'Campaign report\n"{line}"\n{GOOGLE}'.replace('"', ""), "report.csv")
    assert (facts.period_start, facts.period_end) == (start, end)


@pytest.mark.parametrize(
    ("path", "start", "end"),
    [
        ("BusinessReport 2025-10-01 to 2025-10-31.csv", date(2025, 10, 1), date(2025, 10, 31)),
        ("Report - 2025-10-01 - 2025-10-31 (2).csv", date(2025, 10, 1), date(2025, 10, 31)),
        ("report_2025-10-09_2025-10-09.csv", date(2025, 10, 9), date(2025, 10, 9)),
        ("store=uk/date=2025-10-09/BusinessReport-15-10-2025.csv", date(2025, 10, 9), date(2025, 10, 9)),
        ("date=2025-10-01..2025-10-31/BusinessReport.csv", date(2025, 10, 1), date(2025, 10, 31)),
        ("date=2025-10-01 to 2025-10-31/2025-11-02.csv", date(2025, 10, 1), date(2025, 10, 31)),
    ],
)
def test_period_is_read_from_two_days_in_the_name_or_from_the_folder(
    path: str, start: date, end: date
) -> None:
    facts = facts_of(BRITISH, path, {"ordered_product_sales": "£12,897.84"})
    assert (facts.period_start, facts.period_end, facts.currency) == (start, end, "GBP")


@pytest.mark.parametrize("text", [BRITISH, AMERICAN])
@pytest.mark.parametrize(
    "path",
    [
        "BusinessReport-23-07-2026.csv",
        "BusinessReport-23-07-2026 (3).csv",
        "BusinessReport-10-15-25.csv",
        "BusinessReport-2026-07-23.csv",
        "report.csv",
        "2026-07-01 2026-07-31 2026-08-02.csv",
        "2026-07-31 to 2026-07-01.csv",
        "2026-07-01 of 2026-07-31.csv",
        "2026-07-01/report.csv",
        # the second day is as often that of the download
        "report 2026-03-01 2026-04-02.csv",
        "report-2026-03-01-2026-04-02.csv",
        "BusinessReport_2026-04-22_2026-05-01.csv",
        "report_2026-05-01_2026-05-01.csv",
    ],
)
def test_the_day_of_a_download_is_not_the_day_of_its_rows(text: str, path: str) -> None:
    with pytest.raises(RefusedFileError) as refused:
        facts_of(text, path)
    assert refused.value.code == "period_unknown"


@pytest.mark.parametrize(
    "day", ["2026-07", "July 2026", "2026-13-01", "2026-07-31..2026-07-01", "2026-07-01, drafts"]
)
def test_a_folder_whose_day_cannot_be_read_is_not_passed_over(day: str) -> None:
    for text, path in ((BRITISH, "r-2026-07-01-to-2026-07-31.csv"), (STOCK, "stock-2026-07-01.csv")):
        with pytest.raises(RefusedFileError) as refused:
            facts_of(text, f"store=uk/date={day}/{path}")
        assert refused.value.code == "folder_date_unclear"


@pytest.mark.parametrize(
    "path",
    [
        "r-2026-07-01-to-2062-07-31.csv",
        "r-1999-12-31-to-2000-01-31.csv",
        "date=2026-07-01..2062-07-31/r.csv",
        "date=0026-07-01/r.csv",
        "date=2099-01-01/r.csv",
    ],
)
def test_days_that_no_report_may_cover_are_refused_at_both_ends(path: str) -> None:
    with pytest.raises(RefusedFileError) as refused:
        facts_of(BRITISH, path)
    assert refused.value.code == "period_impossible"
    assert facts_of(BRITISH, f"date=2000-01-01..{datetime.now(UTC).date()}/r.csv").period_start


@pytest.mark.parametrize(
    ("text", "path", "days"),
    [
        (BRITISH, "date=2026-07-02/r-2026-07-01-to-2026-07-02.csv", ["2026-07-02", "2026-07-01..2026-07-02"]),
        (
            "2026-03-01 ~ 2026-03-31\n" + BRITISH, "r-2026-04-01-to-2026-04-30.csv",
            ["2026-03-01..2026-03-31", "2026-04-01..2026-04-30"],
        ),
    ],
)  # fmt: skip
def test_two_statements_of_the_days_that_differ_are_refused_with_both(
    text: str, path: str, days: list[str]
) -> None:
    with pytest.raises(RefusedFileError) as refused:
        facts_of(text, path)
    assert (refused.value.code, refused.value.parameters) == ("period_differs", {"days": days})


@pytest.mark.parametrize("fact", ["store", "account", "date", "report"])
def test_two_folders_that_say_unlike_things_are_refused_with_both(fact: str) -> None:
    with pytest.raises(RefusedFileError) as refused:
        facts_of(SALES, f"{fact}=a/export.zip/{fact}=b/sales.csv")
    assert refused.value.code == "folders_differ"
    assert refused.value.parameters == {"folders": [f"{fact}=a", f"{fact}=b"]}
    assert facts_of(SALES, "store=a/export.zip/store=a/sales.csv").store_id == "a"


@pytest.mark.parametrize(
    ("folder", "account"),
    [
        ("Main  Shop", "main shop"), ("ＭＡＩＮ", "main"), ("123-456-7890", "1234567890"),
        ("act_123456789", "123456789"), ("１２３４５６７", "1234567"), ("a-1", "a-1"), ("2024-1", "2024-1"),
        ("000000", "000000"),
    ],
)  # fmt: skip
def test_the_account_that_a_folder_names_has_one_spelling(folder: str, account: str) -> None:
    assert facts_of(SALES, f"account={folder}/sales.csv").account == account


def test_a_stock_is_of_the_day_in_its_name() -> None:
    facts = facts_of(STOCK, "stock 2026-07-23.csv")
    assert (facts.period_start, facts.period_end) == (date(2026, 7, 23), date(2026, 7, 23))


def test_dollar_sign_names_no_currency() -> None:
    assert facts_of(AMERICAN, "date=2026-01-01/r.csv", {"ordered_product_sales": "$1.00"}).currency is None
    assert facts_of(AMERICAN, "date=2026-01-01/r.csv", {"ordered_product_sales": "MX$1.00"}).currency == "MXN"


def test_folders_name_store_and_account() -> None:
    facts = facts_of(SALES, "store=lumen-au/account=main/sales.csv")
    assert (facts.store_id, facts.account) == ("lumen-au", "main")
    assert facts_of(SALES, "sales.csv").store_id == "unassigned"


UNDATED_ADS = """
report: bazaar_ads
platform: bazaar_ads
title: Bazaar > Ads
description: One row per campaign.
facts: {period: [{from: folder}]}
key: [campaign]
columns:
  - {name: day, headers: [Day], type: date}
  - {name: campaign, headers: [Campaign], type: text, required: true, not_empty: true}
  - {name: shown, headers: [Shown], type: integer, required: true}
  - {name: clicks, headers: [Clicks], type: integer, required: true}
  - {name: cost, headers: [Cost], type: decimal, required: true}
shape: ads
mapping:
  last_date: day
  campaign_name: campaign
  impression_count: shown
  click_count: clicks
  spend_amount: cost
"""


def test_an_ads_export_without_its_column_of_days_needs_a_period() -> None:
    contracts = {"bazaar_ads": Contract.model_validate(yaml.safe_load(UNDATED_ADS))}
    header = recognise("Campaign,Shown,Clicks,Cost\n", contracts)
    with pytest.raises(RefusedFileError) as refused:
        read_facts(header, PurePath("ads.csv"), {}, datetime(2026, 5, 1, tzinfo=UTC))
    assert refused.value.code == "period_unknown"
    facts = read_facts(header, PurePath("date=2026-04-30/ads.csv"), {}, datetime(2026, 5, 1, tzinfo=UTC))
    assert (facts.period_start, facts.period_end) == (date(2026, 4, 30), date(2026, 4, 30))
    dated = recognise("Day,Campaign,Shown,Clicks,Cost\n", contracts)
    assert read_facts(dated, PurePath("ads.csv"), {}, datetime(2026, 5, 1, tzinfo=UTC)).period_end is None


def test_a_contract_whose_rows_have_no_day_requires_a_period() -> None:
    content = yaml.safe_load(UNDATED_ADS)
    del content["mapping"]["last_date"]
    with pytest.raises(
        ValidationError, match="rows of shape ads have a day: map one, or say period_required"
    ):
        Contract.model_validate(content)
    assert Contract.model_validate({**content, "period_required": True}).day_of_rows is None


def test_columns_of_numbers_that_a_file_lacks_are_noted() -> None:
    assert facts_of(SALES, "sales.csv").attributes["missing_columns"] == ["discounts", "returns", "taxes"]
