"""GA4's pages and screens, one file a day, for the audience that came from advertisements."""

from __future__ import annotations

from datetime import date

from infra.demo.company import STORES
from infra.demo.events import PageDay, World
from infra.demo.exports.landing import Landing, csv_text, day_after

COLUMNS = (
    "Page path and screen class,Views,Active users,Views per active user,"
    "Average engagement time per active user,Event count,Key events,Total revenue,Engagement rate,"
    "Bounce rate,Total users,Sessions,Average session duration"
)
RULER = "# ----------------------------------------"
AUDIENCE = "Paid traffic"


def write(world: World, landing: Landing) -> None:
    """Write one file a shop and day."""
    days: dict[tuple[str, date], list[PageDay]] = {}
    for page in world.pages:
        days.setdefault((page.store_id, page.day), []).append(page)
    for (store_id, day), pages in days.items():
        rows = [_row(page) for page in sorted(pages, key=lambda page: -page.views)]
        text = csv_text(COLUMNS, rows, preamble=_preamble(store_id, day))
        landing.write(
            f"store={store_id}/ga4/Pages_and_screens_Page_path_and_screen_class_{day:%Y%m%d}.csv",
            text.encode(),
            day_after(day),
            report="ga4_pages",
            records=len(rows),
        )


def _preamble(store_id: str, day: date) -> list[str]:
    return [
        RULER,
        "# Pages and screens: Page path and screen class",
        "# Account: Lumen Home Ltd.",
        f"# Property: {STORES[store_id].store_name} (GA4)",
        RULER,
        "# ",
        f"# {AUDIENCE}",
        f"# Start date: {day:%Y%m%d}",
        f"# End date: {day:%Y%m%d}",
    ]


def _row(page: PageDay) -> tuple[object, ...]:
    bounce_rate = page.bounced / page.sessions
    return (
        page.path,
        page.views,
        page.active_users,
        page.views / page.active_users,
        page.seconds / page.active_users,
        page.views * 3 + page.sessions,
        0,
        0,
        1 - bounce_rate,
        bounce_rate,
        page.active_users,
        page.sessions,
        page.seconds / page.sessions,
    )
