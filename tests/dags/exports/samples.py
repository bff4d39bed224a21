"""A good cell for every column of the contracts."""

from __future__ import annotations

from datetime import datetime

from tradewind.exports.contract import Column

# a text for each of their patterns
SAMPLES = {
    "(?:ch|py)_\\w+": "ch_1Abc",
    "(?s:\\[.*\\])": '["1Z7"]',
    "(?s:\\{.*\\})": '{"a": 1}',
    "-?[0-9]+|not stocked": "7",
    "-?\\d+": "5",
    "0(\\.[0-9]+)?|1(\\.0+)?": "0.25",
    "0?\\.0*[1-9][0-9]*|1(\\.0*)?": "0.5",
    "0|[0-9]+(?:\\.[0-9]+)?%": "4.5%",
    "20[0-9]{2}-20[0-9]{2}": "2025-2026",
    "[0-5]": "3",
    "[0-9A-Z]{17}": "0AB12345CD678901E",
    "[0-9A-Z]{3}-[0-9]{7}-[0-9]{7}": "111-1111111-1111111",
    "[0-9]+": "4711",
    "[0-9]+(\\.[0-9]+)?": "3.5",
    "[0-9]{6,20}": "1729000000000000001",
    "[0-9]{8,10}": "1303862400",
    "[0-9]{9,15}": "316000000001",
    "[0-9a-f]{32}": "0123456789abcdef0123456789abcdef",
    "[1-4]": "3",
    "[1-5]": "4",
    "[1-9][0-9]*": "2",
    "[A-Z0-9]+": "AB12",
    "[A-Z0-9]{10}": "B000000001",
    "[A-Z0-9]{2,6}": "LEX1",
    "[A-Z0-9]{3,6}": "LEX1",
    "[A-Z0-9_]+": "NOT_AS_DESCRIBED",
    "[A-Z][A-Z0-9_]*-\\d+": "SHOP-7",
    "[A-Z][A-Za-z /&-]{2,40}": "Price issues",
    "[A-Z][A-Za-z_ ]+": "SHIPPED",
    "[A-Z]{2}": "DE",
    "[A-Z]{3}": "EUR",
    "[A-Z_]+": "SELLABLE",
    "[A-Za-z]{3}": "eur",
    "[^0-9]+": "Open",
    "[a-z0-9][a-z0-9_-]*": "shop-us",
    "[a-z][a-z0-9_]*": "store_operator",
    "[a-z][a-z_]*": "charge",
    "[a-z]{2}": "en",
    "[a-z]{3}": "eur",
    "[^\\s0-9]*[0-9]\\S*": "DO-1",
    "\\d+": "4711",
    "\\d|10": "9",
    "\\d+(\\.0)?": "17850.0",
    "\\d{1,2}:\\d{2}:\\d{2}": "03:46:20",
    "\\d{4,20}": "1200000000000007",
    "[A-Za-z0-9-]{8,14}": "X001ABCDEF",
    "\\w+": "ch_1Abc",
    "https?://\\S+": "https://shop.example/1.jpg",
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
        if column.pattern not in SAMPLES:
            raise LookupError(
                f"add a text that fits {column.pattern} to SAMPLES in tests/dags/exports/samples.py"
            )
        return SAMPLES[column.pattern]
    if column.type in ("date", "datetime"):
        first = column.formats_for("en")[0]
        return MOMENT.strftime(first.replace("%Z", "UTC").replace("%z", "+0000"))
    if text and column.type == "text":
        return text
    has_comma = column.formats and {"de", "fr"}.issuperset(column.formats_for("en"))
    return BY_TYPE[column.type].replace(".", ",") if has_comma else BY_TYPE[column.type]
