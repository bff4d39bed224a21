"""Charts as plain Plotly dictionaries. The tests validate them; a page run does not do it again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from plotly.basedatatypes import BaseFigure

from insight.formatting import chart_text
from insight.palette import ACCENT, GAIN, INK, LOSS, QUIET

Figure = dict[str, Any]
ROW_HEIGHT = 34
MARGIN = {"l": 8, "r": 16, "t": 8, "b": 8}
CONFIG = {"displayModeBar": False, "scrollZoom": False, "doubleClick": False}


class ReadyFigure(BaseFigure):
    """A figure that is handed over as it is: rebuilding and re-validating it costs most of a page's time."""

    def __init__(self, figure: Figure) -> None:
        self.__dict__["_ready"] = figure

    def to_dict(self) -> Figure:
        """The figure as it was given."""
        return self.__dict__["_ready"]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a trend: a point a day or week, None where there is no value."""

    name: str
    colour: str
    days: Sequence[date]
    values: Sequence[float | None]
    texts: Sequence[str]


@dataclass(frozen=True, slots=True)
class Dot:
    """One mark on a common scale: its value, and its interval where the sample is small."""

    row: str
    series: str
    value: float
    text: str
    interval: tuple[float, float] | None = None
    is_small: bool = False


@dataclass(frozen=True, slots=True)
class Series:
    """How the marks of one series look."""

    name: str
    colour: str
    symbol: str
    median: float | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A thing before and after."""

    row: str
    before: float | None
    after: float | None
    before_text: str
    after_text: str


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a way from one total to another."""

    name: str
    value: float
    text: str
    is_total: bool = False


@dataclass(frozen=True, slots=True)
class Scale:
    """How an axis writes its numbers, and whether it starts at zero."""

    tick_format: str
    from_zero: bool


def scale(unit: str, language: str) -> Scale:
    """The axis of a unit: percentages, short thousands (written out where K and M are not read), plain
    numbers."""
    if unit == "ratio":
        return Scale("~%", from_zero=False)
    if unit in ("money", "count", "money_per_buyer"):
        return Scale("~s" if language == "en" else ",~f", from_zero=True)
    return Scale(",~g", from_zero=False)


def _axis(title: str, **more: Any) -> dict[str, Any]:
    return {
        "title": {"text": chart_text(title)},
        "automargin": True,
        "fixedrange": True,
        "zeroline": False,
        **more,
    }


def _layout(height: int, xaxis: dict[str, Any], yaxis: dict[str, Any], *, legend: bool) -> dict[str, Any]:
    return {
        "height": height,
        "margin": dict(MARGIN),
        "xaxis": xaxis,
        "yaxis": yaxis,
        "showlegend": legend,
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "xanchor": "left"},
        "hovermode": "closest",
    }


def trend(
    lines: Sequence[Line], axis: Scale, y_title: str, x_title: str, tick_days: str, target: Line | None = None
) -> Figure:
    """Lines over time with the target as a dashed step; a gap stays a gap."""
    data: list[dict[str, Any]] = [
        {
            "type": "scatter",
            "mode": "lines+markers" if len(line.days) <= 31 else "lines",
            "name": chart_text(line.name),
            "x": list(line.days),
            "y": list(line.values),
            "customdata": [chart_text(text) for text in line.texts],
            "hovertemplate": "%{customdata}<extra>%{fullData.name}</extra>",
            "line": {"color": line.colour, "width": 2},
            "marker": {"size": 5},
            "connectgaps": False,
        }
        for line in lines
    ]
    if target is not None:
        data.append(
            {
                "type": "scatter",
                "mode": "lines",
                "name": chart_text(target.name),
                "x": list(target.days),
                "y": list(target.values),
                "customdata": [chart_text(text) for text in target.texts],
                "hovertemplate": "%{customdata}<extra>%{fullData.name}</extra>",
                "line": {"color": INK, "width": 1.5, "dash": "dash", "shape": "hv"},
            }
        )
    xaxis = _axis(x_title, type="date", showgrid=False, tickformat=tick_days)
    yaxis = _axis(y_title, tickformat=axis.tick_format, rangemode="tozero" if axis.from_zero else "normal")
    return {"data": data, "layout": _layout(320, xaxis, yaxis, legend=len(data) > 1)}


def dots(
    marks: Sequence[Dot], series: Sequence[Series], rows: Sequence[str], axis: Scale, x_title: str
) -> Figure:
    """One row a store or person, marks on one scale, medians as thin lines; hollow means too few to
    compare."""
    data = []
    for kind in series:
        own = [mark for mark in marks if mark.series == kind.name]
        intervals = [mark.interval or (mark.value, mark.value) for mark in own]
        data.append(
            {
                "type": "scatter",
                "mode": "markers",
                "name": chart_text(kind.name),
                "x": [mark.value for mark in own],
                "y": [chart_text(mark.row) for mark in own],
                "customdata": [chart_text(mark.text) for mark in own],
                "hovertemplate": "%{customdata}<extra>%{y}</extra>",
                "marker": {
                    "color": kind.colour,
                    "size": 11,
                    "symbol": [f"{kind.symbol}-open" if mark.is_small else kind.symbol for mark in own],
                    "line": {"width": 2, "color": kind.colour},
                },
                "error_x": {
                    "type": "data",
                    "symmetric": False,
                    "array": [high - mark.value for mark, (_, high) in zip(own, intervals, strict=True)],
                    "arrayminus": [mark.value - low for mark, (low, _) in zip(own, intervals, strict=True)],
                    "color": kind.colour,
                    "thickness": 1,
                    "width": 0,
                },
            }
        )
    shapes = [
        {
            "type": "line",
            "xref": "x",
            "yref": "paper",
            "x0": kind.median,
            "x1": kind.median,
            "y0": 0,
            "y1": 1,
            "line": {"color": kind.colour, "width": 1, "dash": "dot"},
            "layer": "below",
        }
        for kind in series
        if kind.median is not None
    ]
    xaxis = _axis(x_title, tickformat=axis.tick_format)
    layout = _layout(_height(len(rows)), xaxis, _rows_axis(rows), legend=len(series) > 1)
    return {"data": data, "layout": {**layout, "shapes": shapes}}


def before_after(
    changes: Sequence[Change], axis: Scale, x_title: str, before_name: str, after_name: str
) -> Figure:
    """One row a store: a hollow mark before, a full one after, joined by a line."""
    lines_x: list[float | None] = []
    lines_y: list[str | None] = []
    for change in changes:
        if change.before is not None and change.after is not None:
            lines_x += [change.before, change.after, None]
            lines_y += [chart_text(change.row), chart_text(change.row), None]
    data: list[dict[str, Any]] = [
        {
            "type": "scatter",
            "mode": "lines",
            "x": lines_x,
            "y": lines_y,
            "hoverinfo": "skip",
            "showlegend": False,
            "line": {"color": QUIET, "width": 2},
        }
    ]
    for name, symbol, colour, is_after in (
        (before_name, "circle-open", INK, False),
        (after_name, "circle", ACCENT, True),
    ):
        shown = [
            (change.row, value, text)
            for change in changes
            for value, text in [
                (change.after, change.after_text) if is_after else (change.before, change.before_text)
            ]
            if value is not None
        ]
        data.append(
            {
                "type": "scatter",
                "mode": "markers",
                "name": chart_text(name),
                "x": [value for _, value, _ in shown],
                "y": [chart_text(row) for row, _, _ in shown],
                "customdata": [chart_text(text) for _, _, text in shown],
                "hovertemplate": "%{customdata}<extra>%{y}</extra>",
                "marker": {
                    "symbol": symbol,
                    "color": colour,
                    "size": 11,
                    "line": {"width": 2, "color": colour},
                },
            }
        )
    rows = [change.row for change in changes]
    xaxis = _axis(x_title, tickformat=axis.tick_format)
    return {"data": data, "layout": _layout(_height(len(rows)), xaxis, _rows_axis(rows), legend=True)}


def waterfall(steps: Sequence[Step], axis: Scale, y_title: str) -> Figure:
    """From one total to another by the stores that made the difference; every step carries its figure."""
    data = [
        {
            "type": "waterfall",
            "x": [chart_text(step.name) for step in steps],
            "y": [step.value for step in steps],
            "measure": [
                "absolute" if place == 0 else "total" if step.is_total else "relative"
                for place, step in enumerate(steps)
            ],
            "text": [chart_text(step.text) for step in steps],
            "textposition": "outside",
            "cliponaxis": False,
            "hovertemplate": "%{text}<extra>%{x}</extra>",
            "connector": {"line": {"color": QUIET, "width": 1}},
            "increasing": {"marker": {"color": GAIN}},
            "decreasing": {"marker": {"color": LOSS}},
            "totals": {"marker": {"color": INK}},
        }
    ]
    yaxis = _axis(y_title, tickformat=axis.tick_format)
    layout = _layout(340, _axis("", type="category", showgrid=False), yaxis, legend=False)
    return {"data": data, "layout": {**layout, "margin": {**MARGIN, "t": 28}}}


def amounts(
    rows: Sequence[Change], axis: Scale, x_title: str, before_name: str | None, colours: Sequence[str]
) -> Figure:
    """Amounts of things that are no people, as bars, with the compared period as a tick."""
    names = [chart_text(row.row) for row in rows]
    data: list[dict[str, Any]] = [
        {
            "type": "bar",
            "orientation": "h",
            "x": [row.after for row in rows],
            "y": names,
            "customdata": [chart_text(row.after_text) for row in rows],
            "hovertemplate": "%{customdata}<extra>%{y}</extra>",
            "marker": {"color": list(colours)},
            "showlegend": False,
        },
        {
            # the numbers, clear of the compared period's ticks
            "type": "scatter",
            "mode": "text",
            "x": [max(row.after or 0, row.before or 0) for row in rows],
            "y": names,
            "text": [f"  {chart_text(row.after_text)}" for row in rows],
            "textposition": "middle right",
            "cliponaxis": False,
            "hoverinfo": "skip",
            "showlegend": False,
        },
    ]
    if before_name is not None:
        data.append(
            {
                "type": "scatter",
                "mode": "markers",
                "name": chart_text(before_name),
                "x": [row.before for row in rows],
                "y": names,
                "customdata": [chart_text(row.before_text) for row in rows],
                "hovertemplate": "%{customdata}<extra>%{y}</extra>",
                "marker": {
                    "symbol": "line-ns-open",
                    "size": 18,
                    "color": INK,
                    "line": {"width": 3, "color": INK},
                },
            }
        )
    xaxis = _axis(x_title, tickformat=axis.tick_format, rangemode="tozero")
    layout = _layout(
        _height(len(rows)), xaxis, _rows_axis([row.row for row in rows]), legend=before_name is not None
    )
    return {"data": data, "layout": {**layout, "margin": {**MARGIN, "r": 72}, "bargap": 0.45}}


def _height(rows: int) -> int:
    return 110 + ROW_HEIGHT * max(rows, 2)


def _rows_axis(rows: Sequence[str]) -> dict[str, Any]:
    # Plotly counts categories from below; the first row belongs on top
    order = [chart_text(row) for row in reversed(rows)]
    return _axis("", type="category", categoryorder="array", categoryarray=order, ticksuffix="  ")
