"""A person in front of the pages: they open, nothing goes outside, and a dropped file becomes a number."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from dashboard import registry
from dashboard.registry import PAGES
from insight.text import get_text
from tests.stacks import Stack
from tradewind.settings import Settings
from tradewind.warehouse import Role, connect

pytestmark = pytest.mark.timeout(600)

PATIENCE_MS = 60_000


def address(settings: Settings, path: str = "") -> str:
    return f"http://127.0.0.1:{settings.dashboard_port}/{path}"


@pytest.fixture(params=["light", "dark"])
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": 1440, "height": 1000}, color_scheme=request.param, locale="en-GB"
    )
    context.set_default_timeout(PATIENCE_MS)
    yield context.new_page()
    context.close()


def wait_until_shown(page: Page) -> None:
    """Until the page's run has ended: Streamlit's root element says so."""
    expect(page.locator("h1, h2").first).to_be_visible(timeout=PATIENCE_MS)
    expect(page.locator("[data-test-script-state=notRunning]").first).to_be_attached(timeout=PATIENCE_MS)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("shown", PAGES, ids=lambda shown: shown.name)
def test_every_page_opens_whole_and_asks_nobody_outside(
    stack: Settings, page: Page, shown: registry.Page, language: str
) -> None:
    outside: list[str] = []
    page.on("request", lambda request: outside.append(request.url) if is_outside(request.url) else None)
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    page.goto(address(stack, f"{shown.address}?lang={language}"))
    wait_until_shown(page)
    assert page.locator(".stException, [data-testid=stException]").count() == 0
    title = get_text(language)(f"titles.{shown.name}")
    expect(page.get_by_text(title).first).to_be_visible()
    assert (outside, dialogs) == ([], [])


def test_sources_are_seen_whole_without_scrolling_sideways(stack: Settings, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 1024, "height": 1000}, locale="en-GB")
    page = context.new_page()
    page.goto(address(stack, "health"))
    table = page.locator("[data-testid=stDataFrame] .dvn-scroller").first
    table.wait_for(timeout=PATIENCE_MS)
    for width in (1024, 1280):
        page.set_viewport_size({"width": width, "height": 1000})
        # what the margins of a page leave to its tables
        expect(table).to_have_js_property("clientWidth", width - 152)
        expect(table).to_have_js_property("scrollWidth", width - 152)
    context.close()


def is_outside(url: str) -> bool:
    return not url.startswith(("http://127.0.0.1", "ws://127.0.0.1", "data:", "blob:"))


def test_a_dropped_file_changes_the_number_and_its_evidence_names_the_file(
    new_stack: Stack, stack: Settings, browser: Browser
) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 1000}, locale="en-GB")
    page = context.new_page()
    question = (
        "metric=promo_click_through_rate&store=lumen-au&platform=meta_ads&from=2026-09-30&to=2026-09-30"
    )
    page.goto(address(stack, f"evidence?lang=en&{question}"))
    numerator = page.get_by_text(re.compile(r"Numerator [\d,]+ is the sum of"))
    expect(numerator.first).to_be_visible(timeout=PATIENCE_MS)
    before = clicks(numerator.first.inner_text())

    new_stack.drop(
        "store=lumen-au/one more campaign.csv",
        "Day,Campaign name,Amount spent (AUD),Impressions,Reach,Link clicks,Purchases,"
        "Purchases conversion value\n"
        "2026-09-30,Harbour light,10.00,40000,30000,731,1,99.50\n",
    )
    # the open page notices by itself
    expect(page.get_by_text(f"Numerator {before + 731:,} is the sum of").first).to_be_visible(
        timeout=PATIENCE_MS
    )

    with connect(Role.APP, stack) as connection:
        load_id = connection.execute(
            "select load_id from ops.load where file_name = 'one more campaign.csv'"
        ).fetchone()[0]
    page.goto(address(stack, f"evidence?lang=en&{question}&load={load_id}&row=1"))
    expect(page.get_by_text("one more campaign.csv").first).to_be_visible(timeout=PATIENCE_MS)
    context.close()


def clicks(sentence: str) -> int:
    found = re.search(r"Numerator ([\d,]+) is", sentence)
    assert found
    return int(found.group(1).replace(",", ""))
