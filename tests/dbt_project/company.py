"""The smallest company in which every rule of the models has something to do; 1 GBP = 2 USD."""

from __future__ import annotations

from tests.dbt_project.arrivals import Arrival


def _table(header: str, *lines: str) -> list[dict[str, str]]:
    names = [name.strip() for name in header.split("|")]
    return [dict(zip(names, (cell.strip() for cell in line.split("|")), strict=True)) for line in lines]


STORES = Arrival(1, "tradewind_stores", _table(
    "store_id | store_name | platform | country | timezone | currency | opened_on",
    "us | US shop | shopify | US | America/New_York | USD | 2026-01-01",
    "trade | Trade | webshop | GB | Europe/London | GBP |",
    "uk | UK | amazon | GB | Europe/London | GBP |",
))  # fmt: skip
RATES = Arrival(2, "tradewind_exchange_rates", _table(
    "rate_date | currency | units_per_eur | source",
    "2026-04-01 | USD | 1 | ECB",
    "2026-04-01 | GBP | 0.5 | ECB",
))  # fmt: skip
COSTS = Arrival(3, "tradewind_product_costs", _table(
    "store_id | sku | unit_cost | currency | valid_from",
    "us | A | 4 | USD | 2026-01-01",
    "trade | 85123A | 1 | GBP | 2026-01-01",
))  # fmt: skip
ROSTER = Arrival(4, "tradewind_roster", _table(
    "employee_id | employee_name | role_id | team_id | team_name | department | manager_id | country"
    " | hired_on | left_on",
    "P1 | Ann | marketing_promoter | promo | Promotion | Promotion | | US | 2020-01-01 |",
    "P2 | Bob | marketing_promoter | promo | Promotion | Promotion | P1 | US | 2020-01-01 |",
    "O1 | Cy | store_operator | ops | Operation | Operation | | US | 2020-01-01 |",
))  # fmt: skip
ASSIGNMENTS = Arrival(5, "tradewind_assignments", _table(
    "employee_id | post_id | object_type | object_id | store_id | platform | share | valid_from | valid_to",
    "P1 | network_promotion | campaign | Spring | us | meta_ads | 0.6 | 2026-04-01 |",
    "P2 | network_promotion | store | us | us | | 1 | 2026-04-01 |",
    "O1 | site_operation | store | us | us | | 1 | 2026-04-01 | 2026-04-02",
    "O1 | site_operation | store | trade | trade | | 0.5 | 2026-04-01 |",
    "O2 | site_operation | listing | 85123A | trade | | 1 | 2026-04-01 |",
))  # fmt: skip

ORDER = (
    "name | email | financial_status | currency | shipping_country | created_at | lineitem_quantity"
    " | lineitem_name | lineitem_price | lineitem_sku | discount_amount | refunded_amount"
)
ORDERS = Arrival(10, "shopify_orders", _table(
    ORDER,
    "#1 | a@x.test | paid | USD | US | 2026-04-01 23:30:00 -0400 | 2 | Lamp | 10.00 | A | 1.50 | 0.00",
    "#1 | a@x.test | | | | 2026-04-01 23:30:00 -0400 | 1 | Bulb | 3.33 | B | |",
    "#2 | a@x.test | paid | USD | US | 2026-04-02 02:00:00 +0000 | 1 | Lamp | 10.00 | A | 0.00 | 0.00",
    "#3 | b@x.test | pending | USD | US | 2026-04-05 12:00:00 -0400 | 1 | Lamp | 10.00 | A | 0.00 | 0.00",
), store_id="us", extracted_at="2026-04-04")  # fmt: skip
# #2 was refunded, #3 was paid and is of three pieces, #4 is new and a guest's
LATER_ORDERS = Arrival(11, "shopify_orders", _table(
    ORDER,
    "#2 | a@x.test | partially_refunded | USD | US | 2026-04-02 02:00:00 +0000"
    " | 1 | Lamp | 10.00 | A | 0.00 | 4.00",
    "#3 | b@x.test | paid | USD | US | 2026-04-05 12:00:00 -0400 | 3 | Lamp | 10.00 | A | 0.00 | 0.00",
    "#4 | | paid | USD | US | 2026-04-05 12:00:00 -0400 | 1 | Bulb | 3.00 | B | 0.00 | 0.00",
), store_id="us", extracted_at="2026-04-06")  # fmt: skip

INVOICE = (
    "invoice_no | stock_code | description | quantity | invoice_date | unit_price | customer_id | country"
)
INVOICES = Arrival(12, "online_retail", _table(
    INVOICE,
    "536365 | 85123A | HEART | 6 | 2026-04-01 08:26:00 | 2.55 | 17850.0 | United Kingdom",
    "536365 | 85123A | HEART | 6 | 2026-04-01 08:26:00 | 2.55 | 17850.0 | United Kingdom",
    "536366 | POST | POSTAGE | 1 | 2026-04-01 09:00:00 | 18.00 | | France",
    "C53637 | 85123A | HEART | -2 | 2026-04-01 10:00:00 | 2.55 | 17850.0 | United Kingdom",
    "536368 | 22222 | damages | -10 | 2026-04-01 11:00:00 | 0.00 | | United Kingdom",
), store_id="trade", extracted_at="2026-04-02")  # fmt: skip
LATER_INVOICES = Arrival(13, "online_retail", _table(
    INVOICE,
    "536365 | 85123A | HEART | 5 | 2026-04-01 08:26:00 | 2.55 | 17850.0 | United Kingdom",
    "536370 | 85123A | HEART | 1 | 2026-04-02 08:00:00 | 2.55 | 17850.0 | United Kingdom",
), store_id="trade", extracted_at="2026-04-03")  # fmt: skip

AD = (
    "day | campaign_name | amount_spent | impressions | reach | link_clicks | purchases"
    " | purchases_conversion_value"
)
ADS = Arrival(14, "meta_ads_campaign_daily", _table(
    AD,
    "2026-04-01 | Spring | 10.00 | 1,000 | 900 | 20 | 2 | 50.00",
    "2026-04-01 | Spring | 5.00 | 500 | 400 | 5 | |",
    "2026-04-02 | Brand | 7.00 | 700 | 600 | 7 | 1 | 20.00",
), store_id="us", extracted_at="2026-04-03", currency="USD")  # fmt: skip
LATER_ADS = Arrival(15, "meta_ads_campaign_daily", _table(
    AD,
    "2026-04-02 | Brand | 7.00 | 700 | 600 | 7 | 2 | 45.00",
    "2026-04-03 | Brand | 3.00 | 100 | 90 | 0 | |",
), store_id="us", extracted_at="2026-04-04", currency="USD")  # fmt: skip
ADS_WITHOUT_CURRENCY = Arrival(16, "pinterest_ads_daily", _table(
    "date | campaign_name | ad_group_name | spend_in_account_currency | impressions | outbound_clicks",
    "2026-04-01 | Pins | one | 0.76 | 100 | 2",
), store_id="elsewhere")  # fmt: skip
CAMPAIGN = "campaign | currency_code | clicks | impr | cost | conversions | conv_value"
MONTH_OF_ADS = Arrival(17, "google_ads_campaign_period", _table(
    CAMPAIGN, "Search | GBP | 603 | 31,193 | 798.88 | 49.00 | 1,286.58",
), store_id="uk", period=("2026-04-01", "2026-04-30"))  # fmt: skip
DAY_OF_ADS = Arrival(18, "google_ads_campaign_period", _table(
    CAMPAIGN, "Search | GBP | 10 | 100 | 5.00 | 1.50 | 30.00",
), store_id="uk", period=("2026-04-02", "2026-04-02"))  # fmt: skip

VISITORS = Arrival(19, "shopify_visitors", _table(
    "day | online_store_visitors | sessions",
    "2026-04-01 | 40 | 50",
    "2026-04-02 | 30 | 35",
    "2026-04-05 | 9 | 10",
), store_id="us")  # fmt: skip
SALES_REPORT = Arrival(20, "shopify_sales_by_variant", _table(
    "day | product_title | product_variant_sku | net_items_sold | gross_sales | discounts | returns"
    " | net_sales | orders",
    "2026-04-01 | Lamp | A | 2 | 20.00 | -1.50 | 0 | 18.50 | 1",
    "2026-04-04 | Lamp | A | 1 | 10.00 | 0 | -2.00 | 8.00 | 1",
), store_id="us")  # fmt: skip
LISTING = (
    "child_asin | sku | title | sessions_total | page_views_total | units_ordered | ordered_product_sales"
    " | total_order_items"
)
LISTINGS = Arrival(21, "amazon_business_report_asin", _table(
    LISTING,
    "B000000001 | | Oil | 1,100 | 1,500 | 20 | £1,000.00 | 18",
    "B000000002 | | Rice | 100 | 150 | 1 | £5.50 | 1",
), store_id="uk", period=("2026-04-01", "2026-04-01"), currency="GBP", extracted_at="2026-04-02")  # fmt: skip
LISTINGS_BY_SKU = Arrival(22, "amazon_business_report_asin", _table(
    LISTING,
    "B000000001 | OIL-1 | Oil | 1.200 | 1.600 | 21 | 1.010,50 £ | 19",
), store_id="uk", period=("2026-04-01", "2026-04-01"), currency="GBP", extracted_at="2026-04-03",
    dialect={"locale": "de"})  # fmt: skip
SETTLEMENT = Arrival(23, "amazon_settlement", _table(
    "settlement_id | settlement_start_date | total_amount | currency | transaction_type | posted_date"
    " | price_type | price_amount | item_related_fee_type | item_related_fee_amount | other_fee_amount"
    " | other_fee_reason_description",
    "77 | 2026-03-31T22:00:00+00:00 | 90.00 | GBP | | | | | | | |",
    "77 | | | | Order | 2026-04-01T23:30:00+00:00 | Principal | 100.00 | | | |",
    "77 | | | | Order | 2026-04-01T23:30:00+00:00 | | | Commission | -9.63 | |",
    "77 | | | | ServiceFee | 01.04.2026 09:00:00 UTC | | | | | -54.08 | Cost of Advertising",
), store_id="uk", currency="GBP")  # fmt: skip
# P1 takes the whole campaign, from a file that replaces the earlier one row by row
LATER_ASSIGNMENTS = Arrival(24, "tradewind_assignments", _table(
    "employee_id | post_id | object_type | object_id | store_id | platform | share | valid_from | valid_to",
    "P1 | network_promotion | campaign | Spring | us | meta_ads | 0.7 | 2026-04-01 |",
), extracted_at="2026-05-02")  # fmt: skip
LATER_COSTS = Arrival(25, "tradewind_product_costs", _table(
    "store_id | sku | unit_cost | currency | valid_from", "us | A | 5 | USD | 2026-04-05",
), extracted_at="2026-05-02")  # fmt: skip
PAGES = Arrival(26, "ga4_pages", _table(
    "page_path_and_screen_class | views | active_users | sessions", "/ | 12 | 9 | 10", "/lamp | 8 | 7 | 8",
), store_id="us", period=("2026-04-01", "2026-04-01"), attributes={"audience": "Paid traffic"})  # fmt: skip

# two rows of one day: the second file's export has no column for conversions, so they are not known
ADS_WITH_CONVERSIONS = Arrival(27, "google_ads_campaign_daily", _table(
    "day | campaign | currency_code | clicks | impr | cost | conversions | conv_value",
    "2026-04-20 | Search | USD | 10 | 100 | 5.00 | 2 | 30.00",
), store_id="us")  # fmt: skip
ADS_WITHOUT_CONVERSIONS = Arrival(28, "google_ads_campaign_daily", _table(
    "day | campaign | currency_code | clicks | impr | cost", "2026-04-20 | Shopping | USD | 7 | 100 | 1.50",
), store_id="us")  # fmt: skip

REFERENCE = (STORES, RATES, COSTS, ROSTER, ASSIGNMENTS)
FIRST_FILES = (ORDERS, INVOICES, ADS, VISITORS, LISTINGS, ADS_WITHOUT_CURRENCY)
LATER_FILES = (
    LATER_ORDERS, LATER_INVOICES, LATER_ADS, SALES_REPORT, LISTINGS_BY_SKU, SETTLEMENT, MONTH_OF_ADS,
    DAY_OF_ADS, PAGES, ADS_WITH_CONVERSIONS, ADS_WITHOUT_CONVERSIONS,
)  # fmt: skip
LATER_REFERENCE = (LATER_ASSIGNMENTS, LATER_COSTS)
EVERYTHING = (*REFERENCE, *FIRST_FILES, *LATER_FILES, *LATER_REFERENCE)
