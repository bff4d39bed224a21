"""Small files in groups: the warehouse is as if each had been loaded alone, whatever else lies among them."""

from __future__ import annotations

import errno
import gzip
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any
from unittest import mock

import psycopg
import pytest

from infra.demo.exports.workbook import workbook_bytes
from tests.dags.landing.conftest import Query
from tests.dags.landing.test_containers import RATE, zipped
from tests.dags.landing.test_erasure import ANN, ANN_AGAIN, BEN, ORDERS, ROSTER
from tests.dags.landing.test_load import HEADER, ROWS, put
from tradewind.disk import takes_no_more
from tradewind.exports import source
from tradewind.landing import archive, erase, groups, ledger, load_files, opening, reject, scan
from tradewind.landing.load import MAX_ATTEMPTS
from tradewind.settings import PROJECT_ROOT, Settings
from tradewind.warehouse import Role, connect

FEEDBACK = "Date\tRating\tComments\tYour Response\tOrder ID\tRater Email\n"
CAMPAIGNS = "\ufeffDay\tCampaign\tCurrency code\tClicks\tImpr.\tCost\tConv. value\n" + (
    "2026-05-01\tGröße\tEUR\t1\t2\t3.00\t4.00\n" * 20
)
BAD_ORDERS = ORDERS + ANN + BEN + ANN.replace(",30,", ",x,")
# old enough for no file to be another version of another
MADE_AT = 1_780_000_000

REPORTS = (
    "shopify_visitors", "shopify_orders", "tradewind_exchange_rates", "amazon_seller_feedback",
    "google_ads_campaign_daily",
)  # fmt: skip
# everything that the warehouse holds, without numbers and times that each run gives anew
TABLES = {
    "ledger": """
        select l.file_path, l.file_name, l.file_sha256, l.file_size, l.file_modified_at, l.report, l.state,
            l.store_id, l.account, l.extracted_at, l.period_start, l.currency, l.file_attributes, l.dialect,
            l.records_read, l.records_loaded, l.records_quarantined, l.records_ignored, l.reason_code,
            l.reason_details - 'load_id', d.file_path, s.file_path, l.contract_sha256, l.archive_sha256,
            l.run_id, l.finished_at is not null
        from ops.load as l
        left join ops.load as d on d.load_id = l.duplicate_of
        left join ops.load as s on s.load_id = l.superseded_by
    """,
    "quarantine": """
        select l.file_path, q.row_number, q.column_name, q.reason_code, q.reason_details, q.raw_record
        from ops.quarantined_row as q inner join ops.load as l on l.load_id = q.load_id
    """,
    "originals": """
        select pseudonym, lower(value) from personal.original
        union select pseudonym, lower(value) from personal.incoming
    """,
    "attempts": "select * from ops.load_attempt",
} | {
    report: f"select l.file_path, to_jsonb(t) - 'load_id' from raw.{report} as t"
    " inner join ops.load as l on l.load_id = t.load_id"
    for report in REPORTS
}
RESET = f"""
    truncate ops.load, ops.load_attempt, ops.erasure, ops.erased_pseudonym, personal.original,
        personal.incoming, raw.tradewind_roster, raw.{", raw.".join(REPORTS)} restart identity cascade
"""


def administer(settings: Settings, statement: str) -> None:
    with connect(Role.ADMIN, settings) as connection:
        connection.execute(statement.encode())


@pytest.fixture(autouse=True)
def nothing_is_there(landing: Settings) -> None:
    administer(landing, RESET)


def visitors(number: int) -> str:
    return HEADER + f"2026-05-01,{number},1\n"


def put_many(settings: Settings, count: int) -> list[Path]:
    return [put(settings, f"{number}.csv", visitors(number)) for number in range(count)]


def contents(query: Query) -> dict[str, list[Any]]:
    return {name: sorted(map(repr, query(statement))) for name, statement in TABLES.items()}


@pytest.fixture
def grouped() -> Iterator[list[int]]:
    """How many files each group loaded."""
    load_group, sizes = groups.load_group, []

    def count(*arguments: Any) -> list[Any]:
        results = load_group(*arguments)
        sizes.append(sum(result is not None for result in results))
        return results

    with mock.patch("tradewind.landing.run.load_group", count):
        yield sizes


@cache
def every_kind() -> dict[str, str | bytes]:
    """Plain files, and whatever else may lie among them; the first of equal ones first."""
    orders = ORDERS + ANN + BEN
    return {
        "plain.csv": visitors(1),
        "store=b/account=two/plain.csv": visitors(2),
        "utf-16.csv": CAMPAIGNS.encode("utf-16-le"),
        "crlf.csv": (HEADER + "2026-05-01,3,\n\n2026-05-02,,\n").replace("\n", "\r\n"),
        "unknown column.csv": HEADER.strip() + ",Host\n2026-05-01,4,4,Ann Lee\n",
        "rates.csv": "rate_date,currency,units_per_eur,source\n2026-05-01,USD,1.1,x\n",
        "orders.csv": orders,
        "orders with a bad record.csv": BAD_ORDERS,
        "cp1252.txt": (FEEDBACK + "01/05/26\t5\tSchön\tDanke\t305-0000000-0000001\tann@x.test\n").encode(
            "cp1252"
        ),
        "store=c/same bytes.csv": visitors(1),
        "copy of orders.csv": orders,
        "too many bad.csv": HEADER + "2026-05-01,many,1\n",
        "no report.csv": "no,such\n1,2\n",
        "empty.csv": "",
        "header only.csv": HEADER,
        "zeros.csv": visitors(5) + "\0" * 600,
        "bad\udcff.csv": visitors(6),
        "new\nline.csv": visitors(7),
        "packed.zip": zipped({"in.csv": visitors(8).encode(), "again.csv": visitors(1).encode()}),
        "packed.csv.gz": gzip.compress(visitors(9).encode(), mtime=0),
        "rates.json": json.dumps([RATE]),
        "rates.xlsx": workbook_bytes("R", [list(RATE), ["2026-05-02", "USD", "1.2", "x"]]),
        "replaced.csv": visitors(10),
        "was a folder of files": visitors(11),
        "waited.csv": visitors(12),
    }


def put_every_kind(settings: Settings) -> list[Path]:
    paths = [put(settings, name, content) for name, content in every_kind().items()]
    for path in paths:
        os.utime(path, (MADE_AT, MADE_AT))
    return paths


def load_first_versions(settings: Settings) -> None:
    """What some of them replace."""
    for name, content in (("replaced.csv", visitors(100)), ("was a folder of files/in.csv", visitors(101))):
        file = put(settings, name, content)
        os.utime(file, (MADE_AT - 60, MADE_AT - 60))
        load_files([file], settings)
        file.unlink()
    (settings.landing / "was a folder of files").rmdir()
    administer(
        settings,
        "insert into ops.load (file_name, file_path, file_sha256, file_size, file_modified_at, state)"
        " values ('waited.csv', 'waited.csv', repeat('0', 64), 1, now(), 'waiting')",
    )


def test_a_group_leaves_the_warehouse_as_its_files_would_alone(
    landing: Settings, query: Query, grouped: list[int]
) -> None:
    load_first_versions(landing)
    files = put_every_kind(landing)
    states = [result.state for file in files for result in load_files([file], landing, run_id="r")]
    alone, archived = contents(query), sorted(file.name for file in landing.archive.rglob("*"))
    assert not grouped
    administer(landing, RESET)
    for file in landing.archive.rglob("*"):
        if file.is_file():
            file.unlink()
    for file in files:
        file.unlink(missing_ok=True)
    load_first_versions(landing)
    assert put_every_kind(landing) == files
    assert [result.state for result in load_files(files, landing, run_id="r")] == states
    # those that are plain, new and in order
    assert grouped == [15]
    together = contents(query)
    for place, rows in alone.items():
        assert together[place] == rows, place
    assert all(alone[name] for name in ("quarantine", "originals", *REPORTS))
    assert sorted(file.name for file in landing.archive.rglob("*")) == archived


def test_files_of_a_group_share_one_transaction(landing: Settings, query: Query) -> None:
    assert [result.state for result in load_files(put_many(landing, 20), landing)] == ["loaded"] * 20
    assert query("select count(distinct xmin::text) from ops.load") == [(1,)]
    assert query("select count(distinct xmin::text), count(distinct load_id) from raw.shopify_visitors") == [
        (1, 20)
    ]
    assert scan(landing) == []


def test_many_files_come_in_several_groups_and_results_in_their_order(
    landing: Settings, grouped: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tradewind.landing.run.GROUP_FILES", 4)
    monkeypatch.setattr("tradewind.landing.groups.MAX_BYTES", 1000)
    files = put_many(landing, 9)
    files.insert(3, put(landing, "large.csv", HEADER + ROWS * 3))
    heard: list[str] = []
    results = load_files(files, landing, on_result=lambda result: heard.append(result.path))
    assert [result.path for result in results] == [file.name for file in files]
    assert sorted(heard) == sorted(file.name for file in files)
    assert sorted(grouped) == [4, 4]


DEATH = """
import os, signal, sys
from pathlib import Path
from unittest import mock
from tradewind.landing import groups, load_files
from tradewind.landing.opening import Opener
from tradewind.settings import Settings

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

open_file = Opener.open
def die_of_poison(opener, descriptor, file, version):
    return die() if file.name == "poison.csv" else open_file(opener, descriptor, file, version)

settings = Settings.model_validate_json(sys.argv[1])
places = {"group": (groups, "_close", die), "poison": (Opener, "open", die_of_poison)}
with mock.patch.object(*places[sys.argv[2]]):
    load_files([Path(path) for path in sys.argv[3:]], settings)
"""


def die_over(settings: Settings, where: str, files: list[Path]) -> None:
    died = subprocess.run(
        [sys.executable, "-c", DEATH, settings.model_dump_json(), where, *map(str, files)],
        env={**os.environ, "PYTHONPATH": f"{PROJECT_ROOT / 'dags'}:{PROJECT_ROOT}"},
        check=False,
    )
    assert died.returncode == -9


def test_a_crash_takes_the_whole_group_back_and_each_file_is_loaded_later(
    landing: Settings, query: Query, grouped: list[int]
) -> None:
    files = put_many(landing, 5)
    die_over(landing, "group", files)
    assert query("select (select count(*) from ops.load), (select count(*) from raw.shopify_visitors)") == [
        (0, 0)
    ]
    assert scan(landing) == files
    assert [result.state for result in load_files(files, landing)] == ["loaded"] * 5
    # whatever was begun without an outcome is not put together with others again
    assert grouped == [0]
    assert query("select count(*) from ops.load_attempt") == [(0,)]


def test_a_file_that_kills_the_process_is_given_up_and_charges_no_neighbour(
    landing: Settings, query: Query
) -> None:
    neighbours = put_many(landing, 4)
    poison = put(landing, "poison.csv", visitors(99))
    die_over(landing, "poison", [poison, *neighbours])
    assert query("select distinct attempts from ops.load_attempt") == [(1,)]
    for _ in range(1, MAX_ATTEMPTS):
        die_over(landing, "poison", [poison])
    assert query("select file_path, attempts from ops.load_attempt where attempts > 1") == [
        ("poison.csv", MAX_ATTEMPTS)
    ]
    states = {result.path: result.reason_code for result in load_files(scan(landing), landing)}
    assert states.pop("poison.csv") == "given_up"
    assert set(states.values()) == {None} and len(states) == 4


def test_where_the_database_refuses_a_group_its_files_go_one_by_one(
    landing: Settings, query: Query, grouped: list[int]
) -> None:
    administer(landing, "alter table raw.shopify_visitors add constraint broken check (sessions <> '13')")
    files = [*put_many(landing, 3), put(landing, "bad.csv", HEADER + "2026-05-01,1,13\n")]
    try:
        results = load_files(files, landing)
    finally:
        administer(landing, "alter table raw.shopify_visitors drop constraint broken")
    assert [result.reason_code for result in results] == [None, None, None, "database_refused"]
    assert grouped == []
    assert query("select count(*) from raw.shopify_visitors") == [(3,)]
    assert query("select count(*) from ops.load_attempt") == [(0,)]


@pytest.mark.parametrize("error", [psycopg.OperationalError("lost"), ValueError("nobody foresaw it")])
def test_whatever_fails_in_a_group_its_files_go_one_by_one(
    landing: Settings, query: Query, error: Exception
) -> None:
    files = put_many(landing, 3)
    with mock.patch("tradewind.landing.groups._copy", side_effect=error):
        results = load_files(files, landing)
    assert [result.state for result in results] == ["loaded"] * 3
    assert query("select count(*) from raw.shopify_visitors") == [(3,)]
    assert query("select count(*) from ops.load_attempt") == [(0,)]


@pytest.mark.parametrize("where", ["_open_text", "read_rows"])
def test_a_file_that_nobody_foresaw_goes_alone_and_the_others_together(
    landing: Settings, grouped: list[int], where: str
) -> None:
    files = put_many(landing, 4)
    owner = opening.Opener if where == "_open_text" else groups
    work, is_told = getattr(owner, where), []

    def fail_once(*arguments: Any) -> Any:
        if not is_told:
            is_told.append(True)
            raise ValueError("nobody foresaw it")
        return work(*arguments)

    with mock.patch.object(owner, where, fail_once):
        results = load_files(files, landing)
    assert [result.state for result in results] == ["loaded"] * 4
    assert grouped == [3]


def test_a_lost_connection_in_a_group_loads_each_file_once(landing: Settings, query: Query) -> None:
    close_loads, lost = ledger.close_loads, []

    def lose_connection_once(connection: psycopg.Connection, counts: Any) -> None:
        if not lost:
            lost.append(counts)
            query("select pg_terminate_backend(%s)", connection.info.backend_pid)
        close_loads(connection, counts)

    with mock.patch.object(ledger, "close_loads", lose_connection_once):
        results = load_files(put_many(landing, 5), landing)
    assert [result.state for result in results] == ["loaded"] * 5
    assert len(lost[0]) == 5
    assert query("select count(*), count(distinct load_id) from raw.shopify_visitors") == [(5, 5)]
    assert query("select count(*) from ops.load_attempt") == [(0,)]


def run_at_once(works: list[Callable[[], None]]) -> None:
    errors: list[BaseException] = []

    def run(work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors


def test_loaders_at_once_load_each_file_and_each_content_once(landing: Settings, query: Query) -> None:
    files = put_many(landing, 30)
    copies = [put(landing, f"copies/{30 - number}.csv", visitors(number)) for number in range(30)]
    # of equal files none is the older one
    for file in (*files, *copies):
        os.utime(file, (MADE_AT, MADE_AT))
    results: list[str] = []

    def work(some: list[Path]) -> Callable[[], None]:
        return lambda: results.extend(result.state for result in load_files(some, landing))

    run_at_once([work(files), work(files[::-1]), work(copies), work(copies[::-1])])
    assert sorted(results) == ["duplicate"] * 90 + ["loaded"] * 30
    assert query("select count(*), count(distinct online_store_visitors) from raw.shopify_visitors") == [
        (30, 30)
    ]
    assert scan(landing) == []


def test_a_file_that_changes_while_its_group_is_read_is_loaded_as_it_is_then(
    landing: Settings, query: Query, grouped: list[int]
) -> None:
    files = put_many(landing, 3)
    keep_all = archive.keep_all

    def append_meanwhile(*arguments: Any) -> None:
        with files[1].open("a") as writer:
            writer.write("2026-05-02,77,1\n")
        keep_all(*arguments)

    with mock.patch.object(archive, "keep_all", append_meanwhile):
        results = load_files(files, landing)
    assert [result.records_loaded for result in results] == [1, 2, 1]
    assert grouped == [2]
    assert query("select count(*) from raw.shopify_visitors") == [(4,)]
    assert query("select count(*) from ops.load") == [(3,)]


@pytest.mark.timeout(60)
def test_what_is_no_file_any_more_when_its_group_is_opened_is_refused_alone(
    landing: Settings, grouped: list[int]
) -> None:
    files = put_many(landing, 2)
    pipe, link, gone = (landing.landing / name for name in ("pipe.csv", "link.csv", "gone.csv"))
    os.mkfifo(pipe)
    link.symlink_to(files[0])
    # as if they had been small files a moment before
    with mock.patch("tradewind.landing.run.is_small", return_value=True):
        results = load_files([*files, pipe, link, gone], landing)
    assert [result.reason_code for result in results] == [None, None, "not_a_file", "not_a_file", "file_gone"]
    assert grouped == [2]


def test_young_files_wait_together(landing: Settings, grouped: list[int]) -> None:
    patient = landing.model_copy(update={"settle_seconds": 0.3})
    files = put_many(landing, 30)
    with mock.patch("tradewind.landing.groups.time.sleep") as sleep:
        load_files(files, patient)
    assert [call.args for call in sleep.call_args_list] == [(0.3,)]
    assert grouped == [30]


def test_an_erased_person_comes_back_in_no_file_of_a_group(
    landing: Settings, query: Query, grouped: list[int]
) -> None:
    load_files([put(landing, "first.csv", ORDERS + ANN + BEN)], landing)
    load_files([put(landing, "roster.csv", ROSTER)], landing)
    erase("ann@x.test", landing)
    erase("Ann Lee", landing)
    files = [
        put(landing, "a.csv", ORDERS + ANN + ANN_AGAIN + BEN * 2),
        put(landing, "b.csv", ORDERS + ANN + BEN * 3),
        put(landing, "c.csv", ROSTER + "E3,Cy,store_operator,ops,Ops,Ops,,US,2020-01-01,\n"),
        put(landing, "d.csv", visitors(1)),
    ]
    assert [result.state for result in load_files(files, landing)] == ["loaded"] * 4
    assert grouped == [4]
    names = query("select value from personal.original union select value from personal.incoming")
    assert {name for (name,) in names if name.lower().startswith("ann")} == set()
    pseudonym = "left(ops.pseudonym('ann@x.test'), 32)"
    assert query(f"select count(*) from raw.shopify_orders where email = {pseudonym}") == [(0,)]
    tokens = query(
        "select l.file_name, count(distinct email), min(email) from raw.shopify_orders as t"
        " inner join ops.load as l on l.load_id = t.load_id where t.row_number <= 2 and t.name <> '#3'"
        " and l.file_name in ('a.csv', 'b.csv') group by 1 order by 1"
    )
    # one token within a file, another in the next
    assert [count for _, count, _ in tokens] == [1, 1]
    assert tokens[0][2] != tokens[1][2]
    shown = query("select employee_name from raw.tradewind_roster order by load_id, row_number")
    assert [name.startswith("erased ") for (name,) in shown] == [True, False, True, False, False]


def test_bytes_that_an_operator_took_out_stay_out_of_a_group(landing: Settings, grouped: list[int]) -> None:
    files = put_many(landing, 3)
    [first] = load_files(files[:1], landing)
    reject(first.load_id, "wrong", landing)
    assert [result.reason_code for result in load_files(files, landing)] == ["rejected_before", None, None]
    assert grouped == [2]


def test_a_full_disk_of_the_archive_is_no_files_fault(
    landing: Settings, query: Query, monkeypatch: pytest.MonkeyPatch
) -> None:
    # most of them do not come to their own turn
    monkeypatch.setattr("tradewind.landing.run.THREADS", 1)
    files = sorted(put_many(landing, 40))
    full = OSError(errno.ENOSPC, "full")
    with (
        mock.patch("tradewind.landing.archive._write", side_effect=full),
        pytest.raises(OSError, check=takes_no_more),
    ):
        load_files(files, landing)
    assert not [file for file in landing.archive.rglob("*") if file.is_file()]
    assert query("select (select count(*) from ops.load), (select count(*) from ops.load_attempt)") == [
        (0, 0)
    ]
    assert scan(landing) == files


def test_open_files_that_the_machine_has_no_room_for_are_loaded_one_by_one(
    landing: Settings, grouped: list[int]
) -> None:
    open_file, opened = source.open_file, []

    def open_a_few(path: Path) -> int:
        opened.append(path)
        if len(opened) == 3:
            raise OSError(errno.EMFILE, "too many")
        return open_file(path)

    with mock.patch.object(source, "open_file", open_a_few):
        results = load_files(put_many(landing, 5), landing)
    assert [result.state for result in results] == ["loaded"] * 5
    assert grouped == []
