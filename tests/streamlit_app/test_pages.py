"""Every page, in both languages, as a reader meets it."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from tests.streamlit_app.conftest import RunPage

PAGES = ("overview", "network_promotion", "site_operation", "metric_catalogue", "data_health", "evidence")


def words_of(test: AppTest) -> str:
    """All that a page says."""
    parts = [
        element.value for kind in ("title", "subheader", "markdown", "caption") for element in test.get(kind)
    ]
    return "\n".join(str(part) for part in parts)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_page_runs_without_an_error_in_both_languages(run_page: RunPage, page: str, language: str) -> None:
    test = run_page(page, lang=language)

    assert not test.exception
    words = words_of(test)
    assert "could not be shown" not in words and "无法显示本页" not in words
    assert any("\u4e00" <= letter <= "\u9fff" for letter in test.title[0].value) == (language == "zh")
