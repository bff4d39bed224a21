"""Publishing a build: one transaction of row changes from `candidate` into `marts`, with its ledger rows."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import LiteralString

import psycopg
from psycopg import sql

from tradewind.publishing import changes, relations, views
from tradewind.publishing.changes import RowChanges
from tradewind.publishing.errors import PublicationError
from tradewind.publishing.models import CANDIDATE, MARTS, Partition, PublishedModel, read_published_models
from tradewind.settings import Settings
from tradewind.warehouse import Role, connect

logger = logging.getLogger(__name__)

# held by the publishing transaction, so that two publications never interleave
PUBLICATION_LOCK = 7_215_310
LOCK_TIMEOUT = "5s"
# what has been made anew since the last publication
TOUCHED = (("intermediate", "touched"), ("intermediate", "touched_span"))
ATTEMPTS = 8
FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 5.0


@dataclass(frozen=True)
class Publication:
    """A row of ops.publication, `published` or `held`; a changed row counts as deleted and as inserted."""

    publication_id: int
    build_id: int
    state: str
    reason_code: str | None = None
    reason: str | None = None
    rows_inserted: int = 0
    rows_deleted: int = 0


def publish(
    build_id: int, settings: Settings, *, manifest_file: Path | None = None, is_rehearsal: bool = False
) -> Publication:
    """Publish the candidate of a running build; readers see all of it at once, or nothing.

    A rehearsal does all of it and takes it back.
    Publishing a build again returns its publication and changes nothing, so an unknown outcome is settled by
    calling it again. Waits for locks briefly, and tries again a few times.

    Raises:
        PublicationError: the build is not running, or a model cannot be published; it says what to do.
        psycopg.Error: the server did not let it through in the time of all attempts.
    """
    models = read_published_models(manifest_file or _manifest_file(settings))
    if not models:
        raise PublicationError(
            "nothing_to_publish", "no model of schema candidate carries meta.publish in dbt's manifest"
        )
    return _try_again(lambda: _publish_once(build_id, settings, models, is_rehearsal))


def touched_partitions(build_id: int, settings: Settings) -> dict[str, Partition]:
    """Of each candidate table where the build, and those held before it, may have changed rows.

    A table that is not among them may have changed anywhere.

    Raises:
        PublicationError: dbt's manifest is missing or wrong.
    """
    models = read_published_models(_manifest_file(settings))
    with connect(Role.PUBLISHER, settings) as connection:
        if _needs_whole_comparison(connection, build_id):
            return {}
    return {f"{CANDIDATE}.{model.name}": model.partition for model in models if model.partition}


def hold(build_id: int, reason_code: str, reason: str, settings: Settings) -> Publication:
    """Record that a build is not published and why; the marts keep showing the last published one.

    A build that was published after all stays so, and its publication is returned; holding it twice changes
    nothing.

    Raises:
        PublicationError: there is no such build, or another build has taken its place.
    """
    return _try_again(lambda: _hold_once(build_id, reason_code, reason, settings))


def release(build_id: int, reason: str, released_by: str, settings: Settings) -> int:
    """Confirm the loads that a build has held, and all loads of a build that is held itself.

    Returns the number of loads, which the next build takes in.

    Raises:
        PublicationError: neither is held.
    """
    found = """
        select bl.load_id from ops.build_load as bl
        inner join ops.build as b on b.build_id = bl.build_id
        inner join ops.load as l on l.load_id = bl.load_id
        where b.build_id = %s and (b.state = 'held' or bl.load_state = 'held' and l.state = 'held')
    """
    released = _release(found, build_id, reason, released_by, settings)
    if not released:
        raise PublicationError(
            "not_held", f"build {build_id} holds nothing; `make status` names what is held"
        )
    return released


def release_load(load_id: int, reason: str, released_by: str, settings: Settings) -> None:
    """Confirm a held load, which the next build takes in.

    Raises:
        PublicationError: it is not held.
    """
    found = "select load_id from ops.load where load_id = %s and state = 'held'"
    if not _release(found, load_id, reason, released_by, settings):
        raise PublicationError("not_held", f"load {load_id} is not held; `make status` names those that are")


def _release(query: LiteralString, number: int, reason: str, released_by: str, settings: Settings) -> int:
    with connect(Role.PUBLISHER, settings) as connection:
        loads = [load_id for (load_id,) in connection.execute(query, [number])]
        connection.cursor().executemany(
            """
            insert into ops.load_release (load_id, reason, released_by) values (%s, %s, %s)
            on conflict (load_id) do update set reason = excluded.reason,
                released_by = excluded.released_by, released_at = clock_timestamp()
            """,
            [(load_id, reason, released_by) for load_id in loads],
        )
        # the version that counted in its place gives way
        connection.execute(
            """
            update ops.load as older set state = 'superseded'
            from ops.load as held
            where held.load_id = any(%s) and held.state = 'held'
                and older.superseded_by = held.load_id and older.state in ('loaded', 'held')
            """,
            [loads],
        )
        connection.execute(
            "update ops.load set state = 'loaded', reason_code = null, reason = null, reason_details = '{}'"
            " where load_id = any(%s) and state = 'held'",
            [loads],
        )
    return len(loads)


def publish_changes(
    connection: psycopg.Connection, build_id: int, models: list[PublishedModel]
) -> Publication:
    """Do all of a publication in the connection's transaction, which the caller commits."""
    found = _find_publication(connection, build_id)
    if found and found.state == "published":
        return found
    _claim_build(connection, build_id, ("running",))
    is_whole = _needs_whole_comparison(connection, build_id)
    moved = RowChanges()
    for model in models:
        if model.is_view:
            views.publish_view(connection, model)
            relations.describe(connection, model)
        else:
            moved += _publish_table(connection, model, is_whole)
    publication = _write_publication(connection, build_id, "published", moved)
    connection.execute(
        "insert into ops.publication_load (publication_id, load_id, load_state)"
        " select %s, load_id, load_state from ops.build_load where build_id = %s",
        [publication.publication_id, build_id],
    )
    _close_build(connection, build_id, "published", None)
    for table in TOUCHED:
        connection.execute(sql.SQL("delete from {}").format(sql.Identifier(*table)))
    return publication


def _manifest_file(settings: Settings) -> Path:
    return settings.state_dir / "dbt" / "target" / "manifest.json"


def _publish_once(
    build_id: int, settings: Settings, models: list[PublishedModel], is_rehearsal: bool
) -> Publication:
    with connect(Role.PUBLISHER, settings) as connection:
        _lock_publication(connection)
        publication = publish_changes(connection, build_id, models)
        if is_rehearsal:
            connection.rollback()
        return publication


def _hold_once(build_id: int, reason_code: str, reason: str, settings: Settings) -> Publication:
    with connect(Role.PUBLISHER, settings) as connection:
        _lock_publication(connection)
        found = _find_publication(connection, build_id)
        if found:
            return found
        _claim_build(connection, build_id, ("running", "failed", "held"))
        _close_build(connection, build_id, "held", reason)
        return _write_publication(connection, build_id, "held", RowChanges(), reason_code, reason)


def _lock_publication(connection: psycopg.Connection) -> None:
    connection.execute("select set_config('lock_timeout', %s, true)", [LOCK_TIMEOUT])
    connection.execute("select pg_advisory_xact_lock(%s)", [PUBLICATION_LOCK])


def _publish_table(connection: psycopg.Connection, model: PublishedModel, is_whole: bool) -> RowChanges:
    columns = relations.read_candidate_columns(connection, model)
    if not relations.read_columns(connection, MARTS, model.name):
        relations.create_table(connection, model, columns)
        moved = changes.insert_all(connection, model, columns)
        relations.index_table(connection, model, columns)
    else:
        has_new_columns = relations.add_new_columns(connection, model, columns)
        partition = None if is_whole or has_new_columns else model.partition
        moved = changes.move_differences(connection, model, columns, partition)
        relations.require_filled_columns(connection, model, columns)
    relations.describe(connection, model)
    logger.info("%s.%s: %d rows out, %d rows in", MARTS, model.name, moved.deleted, moved.inserted)
    return moved


def _needs_whole_comparison(connection: psycopg.Connection, build_id: int) -> bool:
    # a full refresh that was held or failed has changed the candidate beyond the touched partitions
    row = connection.execute(
        "select exists (select from ops.build where is_full_refresh and build_id <= %s and build_id >"
        " coalesce((select max(build_id) from ops.publication where state = 'published'), 0))",
        [build_id],
    ).fetchone()
    return bool(row and row[0])


def _claim_build(connection: psycopg.Connection, build_id: int, states: tuple[str, ...]) -> None:
    row = connection.execute(
        "select state from ops.build where build_id = %s for update", [build_id]
    ).fetchone()
    if row is None:
        raise PublicationError("no_such_build", f"there is no build {build_id}")
    if row[0] not in states:
        raise PublicationError(
            "build_not_running",
            f"build {build_id} is {row[0]}, another build has taken its place: nothing was changed",
        )


def _close_build(connection: psycopg.Connection, build_id: int, state: str, reason: str | None) -> None:
    connection.execute(
        "update ops.build set state = %s, reason = %s, finished_at = clock_timestamp() where build_id = %s",
        [state, reason, build_id],
    )


def _find_publication(connection: psycopg.Connection, build_id: int) -> Publication | None:
    row = connection.execute(
        "select publication_id, build_id, state, reason_code, reason, rows_inserted, rows_deleted"
        " from ops.publication where build_id = %s order by publication_id desc limit 1",
        [build_id],
    ).fetchone()
    return Publication(*row) if row else None


def _write_publication(
    connection: psycopg.Connection,
    build_id: int,
    state: str,
    moved: RowChanges,
    reason_code: str | None = None,
    reason: str | None = None,
) -> Publication:
    (publication_id,) = connection.execute(
        "insert into ops.publication (build_id, state, reason_code, reason, rows_inserted, rows_deleted)"
        " values (%s, %s, %s, %s, %s, %s) returning publication_id",
        [build_id, state, reason_code, reason, moved.inserted, moved.deleted],
    ).fetchall()[0]
    return Publication(publication_id, build_id, state, reason_code, reason, moved.inserted, moved.deleted)


def _try_again(attempt: Callable[[], Publication]) -> Publication:
    for number in range(1, ATTEMPTS):
        try:
            return attempt()
        except psycopg.OperationalError as error:  # a reader's lock, a deadlock, a connection that broke
            pause = min(FIRST_PAUSE_SECONDS * 2**number, LONGEST_PAUSE_SECONDS) * random.uniform(0.5, 1.5)  # noqa: S311
            logger.warning(
                "attempt %d of %d: %s; again in %.1f s", number, ATTEMPTS, type(error).__name__, pause
            )
            time.sleep(pause)
    return attempt()
