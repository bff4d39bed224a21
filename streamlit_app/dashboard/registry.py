"""All pages there are: navigation, addresses, links, pictures, dbt's exposures and tests follow from this."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Page:
    """A page.

    Its name is that of its texts (`pages.` in the menu, `titles.` as its question), of dbt's exposure, and of
    its view. The page of a post bears the post's id, and has the view of all posts.
    """

    name: str
    is_post: bool = False
    needs_publication: bool = True

    @property
    def address(self) -> str:
        """The path of its URL; empty for the first page."""
        return "" if self == PAGES[0] else self.name.replace("_", "-")

    @property
    def view(self) -> str:
        """The module whose `show(context, page)` draws it."""
        return f"dashboard.views.{'post' if self.is_post else self.name}"


OVERVIEW, METRICS, EVIDENCE = Page("overview"), Page("metrics"), Page("evidence")
HEALTH = Page("health", needs_publication=False)
PAGES = (
    OVERVIEW,
    Page("network_promotion", is_post=True),
    Page("site_operation", is_post=True),
    METRICS,
    HEALTH,
    EVIDENCE,
)


def page_of_post(post_id: str) -> Page | None:
    """The page of a post, None where it has none."""
    return next((page for page in PAGES if page.is_post and page.name == post_id), None)
