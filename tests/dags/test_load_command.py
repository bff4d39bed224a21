"""`make load` has the loader's promises: whatever a file or its name is, one line says what became of it."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from unittest import mock

import pytest
from rich.console import Console

from tests.dags.landing.conftest import Query, landing, query  # noqa: F401  fixtures
from tradewind import cli, outcomes
from tradewind.intake import Arrival, bring, take
from tradewind.landing import load_files, scan
from tradewind.landing.files import Stamp
from tradewind.outcomes import FileOutcome, find, print_outcomes, wait_for
from tradewind.pipeline import Outcome
from tradewind.settings import PROJECT_ROOT, Settings
from tradewind.terminal import show

HEADER = "Day,Online store visitors,Sessions\n"
ROW = "2026-05-01,1,2\n"
Run = Callable[..., tuple[int, list[list[str]], str]]


@pytest.fixture
def run(landing: Settings, capsys: pytest.CaptureFixture[str]) -> Run:  # noqa: F811
    """Run a command on the test's warehouse; returns its code, its lines cell by cell, and its errors."""

    def command(*arguments: str) -> tuple[int, list[list[str]], str]:
        with (
            mock.patch.object(sys, "argv", ["tradewind", *arguments]),
            mock.patch("tradewind.cli.get_settings", lambda: landing),
            mock.patch("tradewind.pipeline.build_and_publish", lambda *_, **__: Outcome("nothing")),
        ):
            code = cli.main()
        shown, errors = capsys.readouterr()
        lines = [line.split("\t") for line in shown.splitlines() if "\t" in line]
        assert not lines or tuple(lines[0]) == outcomes.CELLS
        return code, lines[1:], errors

    return command


def offer(folder: Path, name: str, content: str | bytes = HEADER + ROW) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


HOSTILE_NAMES = [
    "[/unit].csv", "[red]x[/red].csv", "[link=x].csv", "\x1b[31mred.csv", "new\nline.csv", "tab\there.csv",
    os.fsdecode("é.csv".encode("latin-1")), os.fsdecode("库存".encode("gbk")) + ".csv", "a" * 246 + ".csv",
    "\u202evsc.csv", "-rf.csv", "%s{}.csv", " .csv", "\u2028.csv", ":smile:.csv", "back\\slash.csv",
]  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE_NAMES, ids=range(len(HOSTILE_NAMES)))
def test_a_file_of_any_name_is_loaded_and_said_in_one_line(run: Run, tmp_path: Path, name: str) -> None:
    file = offer(tmp_path / "there", name)
    code, lines, errors = run("load", str(file))
    assert (code, errors) == (0, "")
    [[state, _, shown, report, read, loaded, quarantined, why]] = lines
    assert (state, report, read, loaded, quarantined, why) == (
        "loaded",
        "shopify_visitors",
        "1",
        "1",
        "0",
        "",
    )
    assert shown.endswith(show(name))
    assert show(shown) == shown


HOSTILE_HEADERS = ["price [/unit]", "[bold]", "\x1b]0;title\x07", "\u202eevil", "{0}%s", "a\rb", "\x9b31m"]


@pytest.mark.parametrize("header", HOSTILE_HEADERS, ids=range(len(HOSTILE_HEADERS)))
def test_a_refusal_that_quotes_any_header_is_one_line(run: Run, tmp_path: Path, header: str) -> None:
    file = offer(tmp_path, "costs.csv", f'store_id,sku,unit_cost,"{header}"\na,b,c,d\n')
    code, [[state, *_, why]], errors = run("load", str(file))
    assert (code, state, errors) == (1, "refused", "")
    assert why
    assert why.isprintable()


def test_what_is_no_file_is_said_and_keeps_back_no_other(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "exports"
    offer(folder, "good.csv")
    offer(folder, "coming.csv.part")
    offer(folder, ".hidden/x.csv")
    offer(folder, ".DS_Store")
    os.mkfifo(folder / "pipe.csv")
    (folder / "dangling.csv").symlink_to(folder / "nothing")
    (folder / "loop.csv").symlink_to(folder / "loop.csv")
    offer(tmp_path / "elsewhere", "v.csv")
    (folder / "linked").symlink_to(tmp_path / "elsewhere")
    code, lines, errors = run("load", str(folder))
    assert (code, errors) == (1, "")
    said = {Path(shown).name: (state, why) for state, _, shown, *_, why in lines}
    assert said.pop("good.csv") == ("loaded", "")
    assert {state for state, _ in said.values()} == {"not loaded"}
    assert {name: why.split(":")[0] for name, (_, why) in said.items()} == {
        "coming.csv.part": "looks like a download under way",
        "pipe.csv": "is no file but a pipe, a socket or a device",
        "dangling.csv": "is a link that leads nowhere",
        "loop.csv": "is a link that leads nowhere",
        "linked": "is a linked folder, which is not followed",
    }


@pytest.mark.parametrize("name", ["x.part", "x.csv.crdownload", ".x.csv", "x.tmp"])
def test_a_download_under_way_is_not_waited_for(run: Run, tmp_path: Path, name: str) -> None:
    code, [[state, *_, why]], _ = run("load", str(offer(tmp_path, name)))
    assert (code, state) == (1, "not loaded")
    assert "rename it" in why


def test_the_mark_of_an_open_workbook_is_called_so(run: Run, tmp_path: Path) -> None:
    code, [[state, *_, why]], _ = run("load", str(offer(tmp_path, "~$x.xlsx")))
    assert (code, state) == (1, "not loaded")
    assert "close the workbook" in why


@pytest.mark.parametrize(
    "path", ["nothing.csv", "*.csv", "n" * 300 + ".csv", "~nobody-of-this-name/x.csv", ""]
)
def test_what_is_not_there_is_a_sentence(run: Run, tmp_path: Path, path: str) -> None:
    code, lines, errors = run("load", path if path.startswith("~") else str(tmp_path / "empty" / path))
    assert (code, lines) == (1, [])
    assert len(errors.splitlines()) == 1
    assert "Traceback" not in errors
    assert "nobody foresaw" not in errors


def refuse_to_open(target: Path, error: OSError) -> mock._patch[object]:
    real = Path.open

    def opened(path: Path, *arguments: object, **named: object) -> object:
        if path.name == target.name:
            raise error
        return real(path, *arguments, **named)  # type: ignore[call-overload]

    return mock.patch.object(Path, "open", opened)


@pytest.mark.parametrize("number", [13, 2, 5, 28], ids=["unreadable", "vanished", "broken disk", "no space"])
def test_a_file_that_cannot_be_read_is_said_and_the_others_are_loaded(
    run: Run, tmp_path: Path, number: int
) -> None:
    bad = offer(tmp_path / "there", "bad.csv")
    offer(tmp_path / "there", "good.csv", HEADER + "2026-05-02,1,2\n")
    with refuse_to_open(bad, OSError(number, os.strerror(number), str(bad))):
        code, lines, errors = run("load", str(tmp_path / "there"))
    assert (code, errors) == (1, "")
    assert {line[0]: line[-1] for line in lines} == {"not loaded": os.strerror(number), "loaded": ""}


def test_an_unreadable_file_of_landing_has_a_row(
    run: Run,
    landing: Settings,  # noqa: F811
    query: Query,  # noqa: F811
) -> None:
    file = offer(landing.landing, "bad.csv")
    refusal = PermissionError(13, "Permission denied")
    with refuse_to_open(file, refusal), mock.patch("tradewind.exports.source.os.open", side_effect=refusal):
        code, [[state, load_id, *_, why]], _ = run("load", str(file))
    assert (code, state) == (1, "refused")
    assert "may not be read" in why
    assert query("select load_id, reason_code from ops.load") == [(int(load_id), "not_readable")]


def test_a_landing_folder_that_takes_nothing_is_said(run: Run, landing: Settings, tmp_path: Path) -> None:  # noqa: F811
    file = offer(tmp_path, "v.csv")
    with mock.patch(
        "tradewind.intake.tempfile.mkstemp", side_effect=PermissionError(13, "Permission denied")
    ):
        code, [[state, *_, why]], _ = run("load", str(file))
    assert (code, state, why) == (1, "not loaded", "Permission denied")
    (landing.landing / "store=a").write_text("a file where a folder must be")
    code, [[state, *_, why]], _ = run("load", str(file), "--store", "a")
    assert (code, state) == (1, "not loaded")
    assert not list(landing.landing.rglob(".*"))


@pytest.mark.parametrize("store", ["a.part", "x~", "库" * 90, "a.tmp"])
def test_a_store_whose_folder_would_never_be_loaded_is_refused(run: Run, tmp_path: Path, store: str) -> None:
    code, _, errors = run("load", str(offer(tmp_path, "v.csv")), "--store", store)
    assert code == 1
    assert "cannot be the name of a folder" in errors


def test_what_is_in_landings_way_is_not_overwritten(landing: Settings, tmp_path: Path) -> None:  # noqa: F811
    (landing.landing / "folder.csv").mkdir()
    os.mkfifo(landing.landing / "pipe.csv")
    (landing.landing / "link.csv").symlink_to(landing.landing / "nothing")
    for name in ("folder.csv", "pipe.csv", "link.csv"):
        [arrival] = bring([str(offer(tmp_path, name))], landing)
        assert arrival.path.name == name
        assert arrival.path.parent.parent == landing.landing
        assert arrival.path.read_text() == HEADER + ROW


def test_a_command_that_fails_says_so_without_a_traceback(run: Run) -> None:
    for arguments in (
        ["reject", "9", "--reason", "x"],
        ["replay", "9"],
        ["reject", str(10**30), "--reason", "x"],
    ):
        code, _, errors = run(*arguments)
        assert code == 1
        assert len(errors.splitlines()) == 1
        assert "Traceback" not in errors
    with mock.patch("tradewind.landing.reject", side_effect=KeyError("mia.brandt@example.com")):
        code, _, errors = run("reject", "1", "--reason", "x")
    assert code == 1
    assert "KeyError at cli.py" in errors
    assert "mia" not in errors


def test_any_text_is_printed_where_the_terminal_knows_ascii_alone(tmp_path: Path) -> None:
    file = tmp_path / os.fsdecode(b"\xff[/x]\x1b\xe5\xba\x93.csv")
    printed = subprocess.run(
        [sys.executable, "-m", "tradewind", "contract", str(file)],
        env={**os.environ, "PYTHONPATH": str(PROJECT_ROOT / "dags"), "PYTHONIOENCODING": "ascii",
             "LC_ALL": "C", "TRADEWIND_STATE_DIR": str(tmp_path)},
        capture_output=True, text=True, check=False, cwd=PROJECT_ROOT,
    )  # fmt: skip
    assert printed.returncode == 1
    assert "Traceback" not in printed.stderr
    assert (printed.stdout + printed.stderr).isascii()


def test_a_refused_file_is_tried_again_when_it_is_loaded_again(
    landing: Settings,  # noqa: F811
    tmp_path: Path,
    query: Query,  # noqa: F811
) -> None:
    [arrival] = bring([str(offer(tmp_path, "v.csv"))], landing)
    load_files([arrival.path], landing, report="online_retail")
    [again] = bring([str(tmp_path / "v.csv")], landing)
    assert outcomes.find_refused([again], landing) == [arrival.path]
    with (
        mock.patch("tradewind.cli.is_stack_running", return_value=True),
        mock.patch("tradewind.outcomes.wait_for", return_value=None),
    ):
        assert cli._take_in([again], landing, Console()) == 0
    assert query("select state from ops.load order by load_id") == [("refused",), ("loaded",)]


def test_waiting_ends_with_a_file_that_goes_away_or_a_stack_that_ends(landing: Settings) -> None:  # noqa: F811
    gone = offer(landing.landing, "gone.csv")
    arrivals = take([gone])
    with pytest.raises(outcomes.StackEndedError):
        wait_for(arrivals, landing, Console(file=io.StringIO()))
    gone.unlink()
    assert wait_for(arrivals, landing, Console(file=io.StringIO())) is None
    assert [(file.state, file.reason) for file in find(arrivals, landing)] == [
        (None, "It is gone from landing.")
    ]


def test_the_outcome_is_that_of_the_file_itself(landing: Settings) -> None:  # noqa: F811
    """Bytes that are known from another store are not what became of this file."""
    load_files([offer(landing.landing, "store=a/v.csv")], landing)
    copy = offer(landing.landing, "store=b/v.csv")
    [outcome] = find(take([copy]), landing)
    assert outcome.state is None
    load_files(scan(landing), landing)
    [outcome] = find(take([copy]), landing)
    assert outcome.state == "loaded"
    # written to since it was brought: what counts is what lies there
    before = take([copy])
    offer(landing.landing, "store=b/v.csv", HEADER + "2026-05-03,1,2\n")
    load_files(scan(landing), landing)
    assert [file.load_id for file in find(before, landing)] == [3]


FEW = [
    FileOutcome("a.csv", 1, "r", "loaded", 5, 5),
    FileOutcome("b.csv", 2, None, "refused", reason="[/x] no"),
]
MANY = [
    *(FileOutcome(f"{n}.csv", n, f"report_{n % 3}", "loaded", 1, 1) for n in range(10_000)),
    *(FileOutcome(f"bad{n}.csv", n, None, "refused", reason=f"Reason {n}.") for n in range(3)),
]


def printed(files: list[FileOutcome], **console: object) -> list[str]:
    output = io.StringIO()
    print_outcomes(files, Console(file=output, markup=False, highlight=False, **console))  # type: ignore[arg-type]
    return output.getvalue().splitlines()


def test_no_terminal_gets_a_line_a_file_of_whatever_length() -> None:
    long = FileOutcome("x" * 300, 3, "r", "refused", reason="Sentence. " * 60)
    lines = printed([*FEW, long], width=80)
    assert [line.count("\t") for line in lines] == [7, 7, 7, 7, 0]
    assert tuple(lines[0].split("\t")) == outcomes.CELLS
    assert lines[1].startswith("refused\t2\tb.csv\t")
    assert len(printed(MANY)) == len(MANY) + 2


def test_a_terminal_gets_a_table_and_of_very_many_files_a_summary() -> None:
    table = printed(FEW, width=120, force_terminal=True)
    assert "outcome" in table[0]
    assert any("[/x] no" in line for line in table)
    many = printed(MANY, width=120, force_terminal=True)
    assert len(many) < 20
    assert "Reason 0." in many[1]
    assert any("report_2" in line and "3,333" in line for line in many)
    assert "10,003 files: 10,000 loaded, 3 refused; 10,000 records loaded" in many[-1]


def test_ten_thousand_files_are_asked_about_at_once(landing: Settings) -> None:  # noqa: F811
    stamp = Stamp.of(landing.landing.stat())
    arrivals = [
        Arrival(Path(f"{n}"), landing.landing / f"{n}", None, is_new=True, stamp=stamp) for n in range(10_000)
    ]
    assert len(find(arrivals, landing)) == 10_000
