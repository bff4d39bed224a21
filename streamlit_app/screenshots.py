"""Take a picture of every page: `python streamlit_app/screenshots.py http://127.0.0.1:8501 pictures`.

Needs Chromium (`--chromium` names it). One PNG a page, theme, language and width:
`overview-light-en-1440.png`.
"""

from __future__ import annotations

import argparse
import itertools
import shutil
import sys
from pathlib import Path
from urllib.parse import urlencode

from playwright.sync_api import Browser, sync_playwright

from dashboard.registry import PAGES

ADDRESSES = {page.address or page.name: page.address for page in PAGES}
THEMES = ("light", "dark")
LANGUAGES = ("en", "zh")
WIDTHS = (1440, 1024, 390)
RUNNING = "[data-testid='stStatusWidget'], [data-testid='stSkeleton'], [data-stale='true']"


def take(browser: Browser, url: str, file: Path, theme: str, width: int) -> None:
    """Open a page, wait until it has settled, and save it whole."""
    height = 900
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=theme)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(url)
    page.get_by_role("heading", level=1).wait_for(timeout=90_000)
    page.wait_for_timeout(1500)
    page.wait_for_function(f'document.querySelectorAll("{RUNNING}").length === 0', timeout=90_000)
    # the page scrolls in a pane of its own, so the window is made as tall as what is in it
    content = page.evaluate("document.querySelector('[data-testid=\"stMainBlockContainer\"]').scrollHeight")
    page.set_viewport_size({"width": width, "height": max(height, int(content) + 80)})
    page.wait_for_timeout(800)
    page.screenshot(path=file)
    context.close()


def main() -> int:
    """Take the pictures that the arguments ask for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("base_url")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pages", nargs="*", choices=ADDRESSES, default=list(ADDRESSES))
    parser.add_argument("--themes", nargs="*", choices=THEMES, default=list(THEMES))
    parser.add_argument("--languages", nargs="*", choices=LANGUAGES, default=list(LANGUAGES))
    parser.add_argument("--widths", nargs="*", type=int, default=list(WIDTHS))
    parser.add_argument(
        "--parameters", default="", help="more of the address, as in store=lumen-au&period=91d"
    )
    parser.add_argument("--chromium", default=shutil.which("chromium"))
    wanted = parser.parse_args()
    wanted.folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=wanted.chromium, args=["--no-sandbox", "--disable-background-networking"]
        )
        for name, theme, language, width in itertools.product(
            wanted.pages, wanted.themes, wanted.languages, wanted.widths
        ):
            query = "&".join(part for part in (urlencode({"lang": language}), wanted.parameters) if part)
            file = wanted.folder / f"{name}-{theme}-{language}-{width}.png"
            take(browser, f"{wanted.base_url.rstrip('/')}/{ADDRESSES[name]}?{query}", file, theme, width)
            sys.stdout.write(f"{file}\n")
        browser.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
