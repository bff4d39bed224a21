"""A file that is no export at all, as lies about in every shared folder: it is refused with the reason."""

from __future__ import annotations

from datetime import date

from infra.demo.events import World
from infra.demo.exports.landing import Landing, csv_text, day_after

NOTES = [
    ("Dial-in changed, see calendar", "Priya", "Thursday"),
    ("Meta account: payment failed again on 8 July, card replaced on the 16th", "Joaquín", "done"),
    ("Who owns the nursery pins?", "?", "open"),
]


def write(world: World, landing: Landing) -> None:
    """Write the notes of a weekly call beside the American exports."""
    del world
    text = csv_text("What was said,Who,Until when", NOTES)
    landing.write(
        "store=lumen-us/Weekly call notes.csv",
        text.encode(),
        day_after(date(2026, 7, 17)),
        report=None,
        records=len(NOTES),
        state="refused",
    )
