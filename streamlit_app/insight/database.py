"""The one place through which the dashboards read: a page run is one read-only transaction on one
publication."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, wraps
from time import monotonic
from typing import Any, Concatenate, NamedTuple, ParamSpec, TypeVar

import psycopg
from psycopg.rows import class_row
from psycopg_pool import ConnectionPool, PoolTimeout

from tradewind.settings import Settings, get_settings
from tradewind.warehouse import Role, connection_url

POOL_SIZE = 8
POOL_WAIT_SECONDS = 5.0
NEWS_SECONDS = 2.0
CACHED_ANSWERS = 512

P = ParamSpec("P")
R = TypeVar("R")

STATUS = """
select
    p.publication_id,
    p.decided_at as published_at,
    h.held_since,
    h.reason_code as held_reason_code,
    h.reason as held_reason,
    (select max(publication_id) from ops.publication) as last_publication_id,
    (select max(load_id) from ops.load) as last_load_id,
    to_regclass('marts.fct_metric_daily') is not null as has_marts
from (select 1) as one
left join lateral (
    select publication_id, decided_at from ops.publication where state = 'published' order by 1 desc limit 1
) as p on true
left join lateral (
    select
        min(decided_at) as held_since,
        (array_agg(reason_code order by publication_id desc))[1] as reason_code,
        (array_agg(reason order by publication_id desc))[1] as reason
    from ops.publication
    where state = 'held' and publication_id > coalesce(p.publication_id, 0)
) as h on true
"""


VERSION = "select (select max(publication_id) from ops.publication), (select max(load_id) from ops.load)"


class Version(NamedTuple):
    """The newest publication or hold, and the newest file."""

    publication_id: int | None
    load_id: int | None


class TooBusyError(RuntimeError):
    """Every connection of the pool is in use and none came back in time."""


@dataclass(frozen=True, slots=True)
class Status:
    """What is published and what is on its way, as one transaction sees it; times are UTC with their zone."""

    publication_id: int | None
    published_at: datetime | None
    held_since: datetime | None
    held_reason_code: str | None
    held_reason: str | None
    last_publication_id: int | None
    last_load_id: int | None
    has_marts: bool

    @property
    def is_published(self) -> bool:
        """Whether there is a publication to show."""
        return self.has_marts and self.publication_id is not None

    @property
    def version(self) -> Version:
        """Changes when an open page shows something old."""
        return Version(self.last_publication_id, self.last_load_id)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One read-only transaction: every query through it sees the same publication."""

    connection: psycopg.Connection
    status: Status
    source: str

    def rows(self, query: str, parameters: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """All rows of a query; numerics are Decimal."""
        return self.connection.execute(query.encode(), parameters).fetchall()


class Warehouse:
    """A small pool of connections as the app's role; a connection is opened when one is needed."""

    def __init__(self, settings: Settings) -> None:
        self._url = connection_url(Role.APP, settings)
        self._pool = ConnectionPool(
            self._url,
            kwargs={"application_name": "tradewind dashboards", "connect_timeout": 5},
            min_size=0,
            max_size=POOL_SIZE,
            timeout=POOL_WAIT_SECONDS,
            # a server that is back is found by the next reader, and not after a pause that grew
            reconnect_timeout=0,
            configure=_make_read_only,
            # an idle connection may have died with the server
            check=ConnectionPool.check_connection,
            open=True,
        )
        self._news: Version | None = None
        self._news_until = 0.0
        self._asking = threading.Lock()

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """A transaction for one page run.

        Raises:
            TooBusyError: no connection came free in time.
            psycopg.Error: the server does not answer, or cancelled a query that took too long.
        """
        with self._connection() as connection:
            with connection.cursor(row_factory=class_row(Status)) as cursor:
                status = cursor.execute(STATUS.encode()).fetchall()[0]
            self._news, self._news_until = status.version, monotonic() + NEWS_SECONDS
            yield Snapshot(connection, status, self._url)

    def close(self) -> None:
        """End the pool, and the threads that keep it."""
        self._pool.close()

    def latest_version(self) -> Version | None:
        """The version of what is there now, None while the server does not say.

        However many sessions ask, the server is asked once every two seconds, and counts nothing.
        """
        if monotonic() >= self._news_until and self._asking.acquire(blocking=False):
            try:
                self._news = self._ask_version()
                self._news_until = monotonic() + NEWS_SECONDS
            finally:
                self._asking.release()
        return self._news

    def _ask_version(self) -> Version | None:
        try:
            with self._connection() as connection:
                return Version(*connection.execute(VERSION.encode()).fetchall()[0])
        except (psycopg.Error, TooBusyError):
            return None

    @contextmanager
    def _connection(self) -> Iterator[psycopg.Connection]:
        try:
            with self._pool.connection() as connection:
                yield connection
        except PoolTimeout:
            if self._pool.get_stats()["pool_size"] >= POOL_SIZE:
                raise TooBusyError from None
            raise


def _make_read_only(connection: psycopg.Connection) -> None:
    connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    connection.read_only = True


@lru_cache(maxsize=1)
def _warehouse(url: str) -> Warehouse:
    return Warehouse(get_settings())


def get_warehouse() -> Warehouse:
    """The pool of this process.

    Raises:
        WarehouseNotReadyError: the stack was never started here.
    """
    return _warehouse(connection_url(Role.APP, get_settings()))


class _Answers:
    """The latest answers; a publication never changes, so an answer about one is good until it is
    superseded."""

    def __init__(self) -> None:
        self._answers: OrderedDict[tuple[Any, ...], Any] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: tuple[Any, ...], compute: Callable[[], R]) -> R:
        with self._lock:
            if key in self._answers:
                self._answers.move_to_end(key)
                return self._answers[key]
        answer = compute()
        with self._lock:
            self._answers[key] = answer
            while len(self._answers) > CACHED_ANSWERS:
                self._answers.popitem(last=False)
        return answer


_answers = _Answers()


class _Key(NamedTuple):
    # every reader of a publication sees the same rows today; who reads belongs here once rights differ
    source: str
    publication_id: int | None
    question: str
    arguments: tuple[Any, ...]


def cached_per_publication(
    question: Callable[Concatenate[Snapshot, P], R],
) -> Callable[Concatenate[Snapshot, P], R]:
    """Keep a question's answer for as long as its publication is up. Only for questions about `marts`,
    not `ops`."""

    @wraps(question)
    def ask(snapshot: Snapshot, /, *args: P.args, **kwargs: P.kwargs) -> R:
        arguments = (*args, *sorted(kwargs.items()))
        return keep_for_publication(
            snapshot, question.__qualname__, arguments, lambda: question(snapshot, *args, **kwargs)
        )

    return ask


def keep_for_publication(
    snapshot: Snapshot, question: str, arguments: tuple[Any, ...], compute: Callable[[], R]
) -> R:
    """What `compute` makes of `marts` alone, kept under the question and its arguments."""
    key = _Key(snapshot.source, snapshot.status.publication_id, question, arguments)
    return _answers.get(key, compute)
