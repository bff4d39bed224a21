"""How wide the columns of a table are."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from insight.columns import EDGES, LEAST, SMALL_CHART, cut_to, fit, written
from insight.formatting import shorten


def test_column_is_as_wide_as_its_longest_cell_or_its_heading() -> None:
    widths = fit({"File": ["a.csv", "orders of the shop.csv"], "Records set aside": [1]}, 1000)
    assert widths["File"] == EDGES + round(22 * 7.2)
    assert widths["Records set aside"] == EDGES + round(17 * 7.2)


def test_chinese_letters_need_the_room_of_two() -> None:
    assert fit({"a": ["销售总额"]}, 1000)["a"] == EDGES + 4 * 14


def test_numbers_are_measured_as_they_are_written() -> None:
    assert [written(cell) for cell in (1234567, 1234.5, None, "x")] == ["1,234,567", "1,234.50", "–", "x"]
    assert fit({"n": [1234567]}, 1000) == fit({"n": ["1,234,567"]}, 1000)


def test_small_chart_has_room_of_its_own() -> None:
    assert fit({"t": [[1.0] * 13, None]}, 1000)["t"] == SMALL_CHART


def test_widest_column_gives_way_first() -> None:
    columns = {"Reason": ["x" * 300], "Row": [12], "File": ["orders.csv"]}
    wide, narrow = fit(columns, 5000), fit(columns, 500)
    assert narrow["Reason"] < wide["Reason"]
    assert (narrow["Row"], narrow["File"]) == (wide["Row"], wide["File"])
    assert sum(narrow.values()) == 500


def test_column_that_gives_way_has_what_the_others_leave() -> None:
    columns = {"File": ["orders of the shop.csv"], "Reason": ["x" * 300]}
    for room in (300, 500):
        widths = fit(columns, room, gives_way="Reason")
        assert widths["File"] == EDGES + round(22 * 7.2)
        assert sum(widths.values()) == room
    assert fit(columns, 100, gives_way="Reason")["Reason"] == LEAST


def test_name_that_is_too_long_for_its_column_keeps_its_end() -> None:
    name = "Sponsored Products Search term report 2026-09.xlsx"
    shown = cut_to(name, 160, shorten)
    assert shown.endswith("2026-09.xlsx") and fit({"": [shown]}, 1000)[""] <= 160
    assert cut_to("short.csv", 160, shorten) == "short.csv"
    assert cut_to("推广搜索词报告二〇二六年九月.xlsx", 160, shorten).endswith("九月.xlsx")


@given(
    st.dictionaries(st.text(max_size=8), st.lists(st.text(max_size=60), max_size=4), min_size=1, max_size=7),
    st.integers(0, 1500),
)
def test_columns_take_no_more_than_there_is_unless_headings_need_it(
    columns: dict[str, list[str]], room: int
) -> None:
    headings = fit({name: [] for name in columns}, room)
    assert sum(fit(columns, room).values()) <= max(room, sum(headings.values()))


def test_table_without_columns_has_no_widths() -> None:
    assert fit({}, 100) == {}
