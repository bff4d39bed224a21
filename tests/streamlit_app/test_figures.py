"""Charts: valid for Plotly, titled with units, and holding what they were given."""

from __future__ import annotations

from datetime import date
from typing import Any

import plotly.graph_objects as go
import pytest

from insight import figures
from insight.palette import CATEGORIES, colour_of, symbol_of

DAYS = [date(2026, 9, 1), date(2026, 9, 2)]
LINE = figures.Line("Meta <b>", "#0072B2", DAYS, [1.0, None], ["1 Sep: 1%", "2 Sep: n/a"])
TARGET = figures.Line("Target", "#777", DAYS, [2.0, 2.0], ["2%", "2%"])
RATE, MONEY = figures.scale("ratio", "en"), figures.scale("money", "en")


def all_figures() -> dict[str, figures.Figure]:
    change = figures.Change("Store", 1.0, 2.0, "1", "2")
    series = [figures.Series("all", "#0072B2", "circle", 0.3)]
    dot = figures.Dot("Mia", "all", 0.2, "20%", (0.1, 0.4), True)
    steps = [figures.Step("before", 5, "5"), figures.Step("S", -2, "-2"), figures.Step("after", 3, "3", True)]
    return {
        "trend": figures.trend([LINE], RATE, "CTR (%)", "Business date", "%-d %b", TARGET),
        "dots": figures.dots([dot], series, ["Mia"], RATE, "CTR (%)"),
        "before_after": figures.before_after([change], RATE, "CTR (%)", "August", "September"),
        "waterfall": figures.waterfall(steps, MONEY, "Sales (USD)"),
        "amounts": figures.amounts([change], MONEY, "Sales (USD)", "August", ["#0072B2"]),
    }


@pytest.mark.parametrize("name", list(all_figures()))
def test_figure_is_valid_and_its_value_axis_names_its_unit(name: str) -> None:
    figure = all_figures()[name]
    checked = go.Figure(figure)
    titles = (checked.layout.xaxis.title.text or "") + (checked.layout.yaxis.title.text or "")
    assert "(" in titles
    assert checked.data


def test_plotly_refuses_what_is_wrong_so_the_check_above_can_fail() -> None:
    with pytest.raises(ValueError, match="Invalid"):
        go.Figure({"data": [{"type": "scatter", "x_typo": []}], "layout": {}})


def test_ready_figure_is_handed_over_unchanged() -> None:
    figure: dict[str, Any] = all_figures()["trend"]
    assert figures.ReadyFigure(figure).to_dict() is figure


def test_gap_stays_a_gap_and_names_are_no_markup() -> None:
    line = all_figures()["trend"]["data"][0]
    assert line["y"] == [1.0, None] and line["connectgaps"] is False
    assert line["name"] == "Meta &lt;b&gt;"


def test_small_sample_is_hollow_with_its_interval() -> None:
    dot = all_figures()["dots"]["data"][0]
    assert dot["marker"]["symbol"] == ["circle-open"]
    assert dot["error_x"]["array"] == pytest.approx([0.2])
    assert dot["error_x"]["arrayminus"] == pytest.approx([0.1])


def test_store_keeps_colour_and_symbol_whatever_is_filtered() -> None:
    stores = tuple(f"store-{number}" for number in range(9))
    assert colour_of("store-1", stores) == CATEGORIES[1]
    assert colour_of("store-8", stores) == CATEGORIES[1]
    assert symbol_of("store-0", stores) != symbol_of("store-1", stores)
    assert colour_of("elsewhere", stores) not in CATEGORIES


def test_axis_writes_thousands_as_its_language_reads_them() -> None:
    assert figures.scale("count", "en").tick_format == "~s"
    assert figures.scale("count", "zh").tick_format == ",~f"
