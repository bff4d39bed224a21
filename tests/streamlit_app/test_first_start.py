"""Pages of a warehouse in which nothing is loaded or published yet."""

from __future__ import annotations

import pytest

from dashboard.registry import PAGES
from tests.streamlit_app.conftest import RunPage
from tests.streamlit_app.test_pages import words_of
from tradewind.settings import Settings


@pytest.fixture(scope="module")
def page_settings(database_settings: Settings) -> Settings:
    return database_settings


@pytest.mark.parametrize("page", [page.name for page in PAGES if page.needs_publication])
def test_page_says_kindly_that_nothing_is_published(run_page: RunPage, page: str) -> None:
    test = run_page(page, lang="en")
    assert not test.exception
    assert "Nothing is published yet" in words_of(test)


@pytest.mark.parametrize("section", ["sources", "files", "quarantine", "checks", "publications", "models"])
def test_data_health_answers_before_the_first_file(run_page: RunPage, section: str) -> None:
    test = run_page("health", lang="zh", section=section)
    assert not test.exception
    assert "无法显示" not in words_of(test)
