"""The lock of building: a session lock in Postgres, so it ends with its process, however that ends."""

from __future__ import annotations

from contextlib import suppress

import psycopg

from tradewind.settings import Settings
from tradewind.warehouse import Role, connect

BUILD_LOCK = 7_215_311


class _Held:
    connection: psycopg.Connection | None = None
    build_id: int | None = None


def acquire(settings: Settings) -> bool:
    """Take the lock for this process; True when it has it, also from before."""
    if _Held.connection is not None and not _Held.connection.closed:
        return False
    connection = connect(Role.BUILDER, settings, autocommit=True)
    (is_ours,) = connection.execute("select pg_try_advisory_lock(%s)", [BUILD_LOCK]).fetchall()[0]
    if not is_ours:
        connection.close()
        return False
    _Held.connection = connection
    return True


def hold_for(build_id: int) -> None:
    """Remember which build the lock is held for."""
    _Held.build_id = build_id


def is_held_for(build_id: int) -> bool:
    """Whether this process holds the lock for the build."""
    return _Held.build_id == build_id and _Held.connection is not None and not _Held.connection.closed


def release() -> None:
    """Give the lock back, if this process has it."""
    if _Held.connection is not None:
        # a closed connection's lock is free only once the server has noticed
        with suppress(psycopg.Error):
            _Held.connection.execute("select pg_advisory_unlock(%s)", [BUILD_LOCK])
        _Held.connection.close()
    _Held.connection = None
    _Held.build_id = None


def release_finished(settings: Settings) -> None:
    """Give the lock back when its build has ended: publishing ends builds without this module."""
    if _Held.build_id is None:
        return
    try:
        with connect(Role.BUILDER, settings) as connection:
            found = connection.execute(
                "select state from ops.build where build_id = %s", [_Held.build_id]
            ).fetchall()
    except psycopg.OperationalError:
        release()  # the server it was held on is gone
        raise
    if not found or found[0][0] != "running":
        release()
