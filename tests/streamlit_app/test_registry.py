"""One list of pages: whatever names pages has all of them, and none besides."""

from __future__ import annotations

import csv
import re
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import streamlit as st

import dashboard.views
from dashboard import registry
from dashboard.registry import PAGES, Page, page_of_post
from dashboard.views.post import OWN_BLOCKS
from insight.database import Snapshot, _Answers
from insight.text import LANGUAGES, get_text, load_texts
from tests.streamlit_app.conftest import APP, RunPage
from tradewind.settings import PROJECT_ROOT

SEEDS = PROJECT_ROOT / "dbt_project" / "seeds"
EXPOSURES = PROJECT_ROOT / "dbt_project" / "models" / "exposures.yml"
# what a reader has to choose so that a page shows all that it has
SHOWING_ALL = {
    "health": [{"section": section} for section in ("sources", "quarantine")],
    "evidence": [{"metric": "ops_gross_merchandise_value", "load": "1", "row": "1"}],
}


def rows(seed: str) -> list[dict[str, str]]:
    with (SEEDS / f"{seed}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_page_has_its_words_and_there_are_words_for_no_other() -> None:
    names = {page.name for page in PAGES}
    for language in LANGUAGES:
        for section in ("pages", "titles"):
            keys = {key.split(".")[1] for key in load_texts(language) if key.startswith(f"{section}.")}
            assert keys == names, (language, section)


def test_every_page_has_its_view_and_there_is_a_view_for_no_other() -> None:
    views = {f"dashboard.views.{file.stem}" for file in Path(dashboard.views.__path__[0]).glob("*.py")}
    showing = {name for name in views if hasattr(import_module(name.removesuffix(".__init__")), "show")}
    assert showing == {page.view for page in PAGES}


def test_every_post_with_a_live_index_has_its_page_and_no_page_is_of_another() -> None:
    live = {row["post_id"] for row in rows("metric_catalogue") if row["is_implemented"] == "true"}
    pages = {page.name for page in PAGES if page.is_post}
    assert live <= pages <= {row["post_id"] for row in rows("posts")}
    assert OWN_BLOCKS.keys() <= pages
    assert page_of_post("network_promotion") in PAGES and page_of_post("overview") is None


def test_the_readme_lists_the_addresses_that_there_are() -> None:
    listed = re.findall(r"^\| `/([a-z-]*)` \|", (APP / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert listed == [page.address for page in PAGES]


def test_exposures_are_the_pages_with_what_they_read(
    run_page: RunPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("insight.database._answers", _Answers())
    read: set[str] = set()
    ask = Snapshot.rows

    def note(snapshot: Snapshot, query: str, parameters: Any = None) -> list[tuple[Any, ...]]:
        read.update(re.findall(r"\bmarts\.(\w+)", query))
        return ask(snapshot, query, parameters)

    monkeypatch.setattr(Snapshot, "rows", note)
    expected = "exposures:\n"
    for page in PAGES:
        monkeypatch.setattr("insight.database._answers", _Answers())
        read.clear()
        for parameters in SHOWING_ALL.get(page.name, [{}]):
            assert not run_page(page.name, **parameters).exception
        expected += exposure(page, read)
    assert EXPOSURES.read_text(encoding="utf-8") == expected, f"write this to {EXPOSURES.name}:\n{expected}"


def exposure(page: Page, models: set[str]) -> str:
    words = get_text("en")
    return f"""\
  - name: {page.name}
    type: dashboard
    label: {words(f"pages.{page.name}")}
    description: {words(f"titles.{page.name}")}
    owner: {{name: Tradewind}}
    depends_on: [{", ".join(f"ref('{model}')" for model in sorted(models))}]
"""


def test_one_more_page_is_a_line_a_view_and_its_words(
    run_page: RunPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = ModuleType("dashboard.views.one_more")
    view.show = lambda context, page: st.markdown(f"{page.name} of {len(context.stores)} stores")
    monkeypatch.setitem(sys.modules, view.__name__, view)
    monkeypatch.setattr(registry, "PAGES", (*PAGES, Page("one_more")))
    for section, words in (("pages", "One more"), ("titles", "Is there one more?")):
        monkeypatch.setitem(get_text("en")._texts, f"{section}.one_more", words)
    test = run_page("one_more")
    assert [text.value for text in test.markdown] == ["one_more of 2 stores"]


def test_the_page_of_one_more_post_is_a_line_and_its_words(
    run_page: RunPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "PAGES", (*PAGES, Page("storage", is_post=True)))
    for section, words in (("pages", "Storage"), ("titles", "Is the warehouse on time?")):
        monkeypatch.setitem(get_text("en")._texts, f"{section}.storage", words)
    assert "No data for what is chosen" in run_page("storage").markdown[0].value
