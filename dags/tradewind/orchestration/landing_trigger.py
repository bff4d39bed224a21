"""Watches landing: a file system event is only a hint, what counts is what the ledger does not know."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import psycopg
from airflow.triggers.base import BaseEventTrigger, TriggerEvent

from tradewind.settings import Settings, get_settings

# network folders send no events, and an event may be missed: look by ourselves this often
LOOK_EVERY_SECONDS = 15
# work that stays is announced again after this long, in case the run that it started came to nothing
REMIND_EVERY_SECONDS = 300


class LandingTrigger(BaseEventTrigger):
    """Fires when landing holds files that the ledger does not know, or loads wait that no build has tried.

    It never deletes or moves a file. It looks at its own start, after every change in landing and every
    `LOOK_EVERY_SECONDS`, and stays silent when there is nothing to do: the history holds no empty runs.
    """

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Name of the class; what to watch comes from the settings, the same in every process."""
        return (f"{type(self).__module__}.{type(self).__qualname__}", {})

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Yield an event for each new piece of work, for ever."""
        settings = get_settings()
        announced: frozenset[str] = frozenset()
        announced_at = 0.0
        async for is_change in self._hints(settings):
            work = await self._find_work(settings, patience=settings.settle_seconds + 1 if is_change else 0)
            is_new = not work <= announced
            if work and (is_new or time.monotonic() - announced_at > REMIND_EVERY_SECONDS):
                announced, announced_at = work, time.monotonic()
                yield TriggerEvent({"waiting": len(work)})

    async def _hints(self, settings: Settings) -> AsyncIterator[bool]:
        """True for a change in landing, False for the start and every regular look."""
        from watchfiles import awatch

        settings.landing.mkdir(parents=True, exist_ok=True)
        yield False
        async for changes in awatch(
            settings.landing,
            watch_filter=None,
            debounce=100,
            step=20,
            rust_timeout=LOOK_EVERY_SECONDS * 1000,
            yield_on_timeout=True,
        ):
            yield bool(changes)

    async def _find_work(self, settings: Settings, patience: float) -> frozenset[str]:
        """Look until something is there or patience ends: a file that just came must first have settled."""
        from tradewind.work import find_work

        deadline = time.monotonic() + patience
        while True:
            try:
                work = await asyncio.to_thread(find_work, settings)
            except (psycopg.OperationalError, OSError) as error:
                self.log.warning("Cannot look now, trying again: %s", error)
                work = frozenset()
            if work or time.monotonic() > deadline:
                return work
            await asyncio.sleep(0.1)
