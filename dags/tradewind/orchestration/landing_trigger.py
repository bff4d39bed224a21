"""Watches landing: a file system event is only a hint, what counts is what the ledger does not know."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
from airflow.triggers.base import BaseEventTrigger, TriggerEvent

from tradewind.settings import Settings, get_settings

# network folders send no events, and an event may be missed: look by ourselves this often
LOOK_EVERY_SECONDS = 15
# work that stays is announced again after this long, in case the run that it started came to nothing
REMIND_EVERY_SECONDS = 300


class LandingTrigger(BaseEventTrigger):
    """Fires when landing, or the place that it is filled from, holds files that the ledger does not know, or
    loads wait that no build has tried.

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
        self._at_the_place: frozenset[str] = frozenset()
        # a place that answers slowly must not hold up what is dropped here
        watch = asyncio.create_task(self._watch_place(settings)) if settings.place_url else None
        try:
            async for is_change in self._hints(settings):
                patience = settings.settle_seconds + 1 if is_change else 0
                work = await self._find_work(settings, patience) | self._at_the_place
                is_new = not work <= announced
                if work and (is_new or time.monotonic() - announced_at > REMIND_EVERY_SECONDS):
                    announced, announced_at = work, time.monotonic()
                    yield TriggerEvent({"waiting": len(work)})
        finally:
            if watch:
                watch.cancel()

    async def _watch_place(self, settings: Settings) -> None:
        """Look at the place of TRADEWIND_LANDING_URL, for ever."""
        from tradewind.work import RemoteWork

        remote = RemoteWork(settings)
        # always the same thread: fsspec keeps a connection for each
        thread = ThreadPoolExecutor(1, thread_name_prefix="look")
        try:
            while True:
                try:
                    self._at_the_place = await asyncio.get_running_loop().run_in_executor(thread, remote.look)
                except Exception as error:
                    # whatever it is, it must not end the watch; what it says may quote an address
                    self.log.warning("Cannot look at the place now, trying again: %s", type(error).__name__)
                await asyncio.sleep(settings.fetch_every_seconds)
        finally:
            thread.shutdown(wait=False, cancel_futures=True)

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
            rust_timeout=int(self._look_every(settings) * 1000),
            yield_on_timeout=True,
        ):
            yield bool(changes)

    @staticmethod
    def _look_every(settings: Settings) -> float:
        return min(LOOK_EVERY_SECONDS, settings.fetch_every_seconds if settings.place_url else math.inf)

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
