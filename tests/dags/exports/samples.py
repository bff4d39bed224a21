"""A good cell for every column of the contracts."""

from __future__ import annotations

from datetime import datetime

from tradewind.exports.contract import Column

# a text for each of their patterns
SAMPLES = {
    "(?:[A-Za-z]+-)?\\d+": "TICKET-7",
    "(?:ch|py)_\\w+": "ch_1Abc",
    "(?:ch|py|pi)_\\w+": "ch_1Abc",
    "(?:du|dp)_\\w+": "du_1Abc",
    "(?:re|pyr)_\\w+": "re_1Abc",
    "(?s:\\[.*\\])": '["1Z7"]',
    "(?s:\\{.*\\})": '{"a": 1}',
    "(simple|variable|variation|grouped|external)(, *(downloadable|virtual|variable|variation))*": "simple",
    "-?[0-9]+|not stocked": "7",
    "-?[01]": "1",
    "-?\\d+": "5",
    ".+\\.\\d+": "#1001.1",
    "0(\\.[0-9]+)?|1(\\.0+)?": "0.25",
    "0?\\.0*[1-9][0-9]*|1(\\.0*)?": "0.5",
    "0|[0-9]+(?:\\.[0-9]+)?%": "4.5%",
    "20[0-9]{2}-20[0-9]{2}": "2025-2026",
    "[0-3]": "2",
    "[0-5]": "3",
    "[0-9!-]+": "110000000001-220",
    "[0-9+().x /-]+": "+44 20 7946",
    "[0-9-]+": "1-2",
    "[0-9A-Fa-f-]+": "4f1e-77",
    "[0-9A-Z-]+": "B-0AB1",
    "[0-9A-Z]{17}": "0AB12345CD678901E",
    "[0-9A-Z]{3}-[0-9]{7}-[0-9]{7}": "111-1111111-1111111",
    "[0-9A-Z]{8,14}": "0101ABCDEF",
    "[0-9]+": "4711",
    "[0-9]+(\\.[0-9]+)?": "3.5",
    "[0-9]{1,2}": "11",
    "[0-9]{2}-[0-9]{5}-[0-9]{5}|[0-9]{9,15}[0-9!-]*": "05-11111-22222",
    "[0-9]{6,20}": "1729000000000000001",
    "[0-9]{6}(\\.0)?": "400081.0",
    "[0-9]{8,10}": "1303862400",
    "[0-9]{9,15}": "316000000001",
    "[0-9a-f]{32}": "0123456789abcdef0123456789abcdef",
    "[01]|backorder": "1",
    "[1-4]": "3",
    "[1-5]": "4",
    "[1-9][0-9]*": "2",
    "[A-Z0-9-]+": "EMP-7",
    "[A-Z0-9]+": "AB12",
    "[A-Z0-9]{1,3}": "F",
    "[A-Z0-9]{1,6}": "REG",
    "[A-Z0-9]{10,11}": "B000000001",
    "[A-Z0-9]{10}": "B000000001",
    "[A-Z0-9]{2,6}": "LEX1",
    "[A-Z0-9]{3,6}": "LEX1",
    "[A-Z0-9]{8,14}": "B000000001",
    "[A-Z0-9_]+": "NOT_AS_DESCRIBED",
    "[A-Z]+": "Y",
    "[A-Z][A-Z0-9_]*": "SHOP",
    "[A-Z][A-Z0-9_]*-\\d+": "SHOP-7",
    "[A-Z][A-Z_]+": "DEFAULT",
    "[A-Z][A-Za-z -]*": "Resolved",
    "[A-Z][A-Za-z -]+": "Shipped",
    "[A-Z][A-Za-z /&-]{2,40}": "Price issues",
    "[A-Z][A-Za-z ]*": "Active",
    "[A-Z][A-Za-z ]+": "Approved",
    "[A-Z][A-Za-z.-]+": "Amazon.in",
    "[A-Z][A-Za-z0-9_ -]+": "Lost_Warehouse",
    "[A-Z][A-Za-z]*": "High",
    "[A-Z][A-Za-z]+": "Amazon",
    "[A-Z][A-Za-z_ ]+": "SHIPPED",
    "[A-Z]{2,3}": "DE",
    "[A-Z]{2}": "DE",
    "[A-Z]{2}-[0-9]{4,}": "TY-0001",
    "[A-Z]{3}": "EUR",
    "[A-Z_]+": "SELLABLE",
    "[A-Za-z(][A-Za-z0-9_ ().-]*": "page_view",
    "[A-Za-z0-9]+": "AB12",
    "[A-Za-z0-9_]+": "status",
    "[A-Za-z]+": "Yes",
    "[A-Za-z]+_\\w+": "txn_1Abc",
    "[A-Za-z].*": "Shop",
    "[A-Za-z][A-Za-z _]*": "Paid",
    "[A-Za-z]{3}": "eur",
    "[^0-9]+": "Open",
    "[^@\\s]+@[^@\\s]+": "a@example.com",
    "[a-z0-9][a-z0-9_-]*": "shop-us",
    "[a-z0-9_]+": "available",
    "[a-z]+://.+": "https://shop.example/",
    "[a-z][a-z0-9_ ]*": "email",
    "[a-z][a-z0-9_]*": "store_operator",
    "[a-z][a-z_]*": "charge",
    "[a-z]{2}": "en",
    "[a-z]{3}": "eur",
    "[a-z_ ]+": "charge",
    "[a-z_]+": "online",
    "[^\\s0-9]*[0-9]\\S*": "DO-1",
    "\\S+": "blue-cup",
    "\\[.*\\]": "[Delivered]",
    "\\d": "2",
    "\\d+": "4711",
    "\\d+(\\.0)?": "17850.0",
    "\\d\\|[0-9a-z]+:[0-9a-z]*": "0|i0007b:",
    "\\d{1,2}:\\d{2}:\\d{2}": "03:46:20",
    "\\d{2}": "41",
    "\\d{3,5}": "1960",
    "\\d{4,20}": "1200000000000007",
    "\\w+": "ch_1Abc",
    "acct_\\w+": "acct_1Abc",
    "https?://\\S+": "https://shop.example/1.jpg",
    "pi_\\w+": "pi_1Abc",
    "tr_\\w+": "tr_1Abc",
}
BY_TYPE = {
    "text": "A blue cup, large", "integer": "7", "decimal": "1.50", "money": "2.50", "boolean": "true",
    "percent": "4.5%",
}  # fmt: skip
# columns that a merchant fills in before the file goes back
BLANK = {"on_hand_new"}
MOMENT = datetime(2026, 9, 14, 10, 22, 11)  # noqa: DTZ001  a local time, as most reports print it


def sample(column: Column, text: str | None = None) -> str:
    """A cell that the column's rules let pass; `text` where any text does."""
    if column.name in BLANK:
        return ""
    if column.one_of:
        return column.one_of[0]
    if column.pattern:
        return SAMPLES[column.pattern]
    if column.type in ("date", "datetime"):
        first = column.formats_for("en")[0]
        return MOMENT.strftime(first.replace("%Z", "UTC").replace("%z", "+0000"))
    return text if text and column.type == "text" else BY_TYPE[column.type]
