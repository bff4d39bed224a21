"""The command line of `python -m tradewind`; `make help` lists what there is."""

from __future__ import annotations

import argparse
import getpass
import logging
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from tradewind.settings import Settings, get_settings
from tradewind.stack_state import holder
from tradewind.terminal import open_console, show
from tradewind.unforeseen import describe_error

if TYPE_CHECKING:
    from tradewind.intake import Arrival


def main() -> int:
    """Run one command; returns the exit code, 1 where something was refused or held back."""
    arguments = _parse()
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    console = open_console()
    try:
        return int(arguments.command(get_settings(), arguments, console))
    except KeyboardInterrupt:
        # what was begun ends first; whoever does not want to wait for that ends it at once
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        return 130
    except BrokenPipeError:
        # who read what is printed has gone, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:
        print("\n".join(map(show, _in_words(error).split("\n"))), file=sys.stderr)
        return 1


def _in_words(error: Exception) -> str:
    from tradewind.exports.faults import RefusedFileError
    from tradewind.landing.reasons import describe

    if isinstance(error, RefusedFileError):
        return describe(error.code, error.parameters)
    if isinstance(error, ValidationError):
        faults = [f"TRADEWIND_{'_'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors()]
        return "A setting is wrong:\n  " + "\n  ".join(faults)
    if type(error).__module__.startswith("tradewind."):
        return str(error)
    if isinstance(error, psycopg.OperationalError):
        return f"The warehouse does not answer, or broke off ({type(error).__name__}): see `make status`."
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}: {error.filename}" if error.filename else error.strerror
    return f"This failed in a way that nobody foresaw: {describe_error(error)}. Report this line."


def load(settings: Settings, arguments: argparse.Namespace, console: Console) -> int:
    """Bring files into landing, load and publish them: through the running stack, or here where none runs."""
    from tradewind.intake import bring

    facts = {
        key: getattr(arguments, key)
        for key in ("store", "account", "date", "report")
        if getattr(arguments, key)
    }
    with console.status("Bringing files into landing …"):
        arrivals = bring(arguments.files, settings, facts=facts)
    return _take_in(arrivals, settings, console)


def fetch(settings: Settings, _arguments: argparse.Namespace, console: Console) -> int:
    """Fetch what is new at the place of TRADEWIND_LANDING_URL, load what landing holds, publish it."""
    from tradewind import fetching, landing
    from tradewind.intake import take

    if not settings.place_url:
        raise fetching.FetchError(
            "TRADEWIND_LANDING_URL names no place to fetch from: .env.example shows how to set it"
        )
    failure: fetching.FetchError | None = None
    paths: list[Path] = []
    try:
        with console.status("Fetching …"):
            paths = fetching.fetch(settings)
    except fetching.FetchError as error:
        failure = error
    # a fetch that was cut off has left files that no later one fetches again
    paths = list(dict.fromkeys([*paths, *landing.scan(settings)]))
    code = 0
    if paths:
        code = _take_in(take(paths), settings, console)
    elif failure is None:
        console.print("Nothing is new there.")
    if failure:
        raise failure
    return code


def _take_in(arrivals: list[Arrival], settings: Settings, console: Console) -> int:
    from tradewind import landing, outcomes

    lying = [arrival for arrival in arrivals if arrival.problem is None]
    if is_stack_running(settings):
        # the stack leaves alone what it has refused
        if again := outcomes.find_refused(lying, settings):
            landing.load_files(again, settings)
        held = outcomes.wait_for(lying, settings, console)
    else:
        held = _load_here(lying, settings, console)
    files = outcomes.find(arrivals, settings)
    outcomes.print_outcomes(files, console)
    return max(_report_build(held, console), int(any(file.is_refused for file in files)))


def build(settings: Settings, arguments: argparse.Namespace, console: Console) -> int:
    """Take what is pending into the marts."""
    return _report_build(_build_here(settings, console, arguments.full_refresh or None), console)


def status(settings: Settings, _arguments: argparse.Namespace, console: Console) -> int:
    """Say what runs, what is loaded, published or held."""
    from tradewind.status import print_status

    return print_status(settings, console)


def reject(settings: Settings, arguments: argparse.Namespace, console: Console) -> int:
    """Take a load out of the numbers again, and publish without it."""
    from tradewind import landing

    landing.reject(arguments.load_id, arguments.reason, settings)
    console.print(f"Load {arguments.load_id} is taken out.")
    return _publish(settings, console)


def release(settings: Settings, arguments: argparse.Namespace, console: Console) -> int:
    """Confirm what is held, a load or all of a build, and publish it."""
    from tradewind import publishing

    if arguments.load is not None:
        publishing.release_load(arguments.load, arguments.reason, getpass.getuser(), settings)
        console.print(f"Load {arguments.load} is confirmed.")
    else:
        loads = publishing.release(arguments.build, arguments.reason, getpass.getuser(), settings)
        console.print(f"The {loads} loads of build {arguments.build} are confirmed.")
    return _publish(settings, console)


def replay(settings: Settings, arguments: argparse.Namespace, console: Console) -> int:
    """Read a load again by its mended contract, and publish what changed."""
    from tradewind import landing

    result = landing.replay(arguments.load_id, settings)
    if result.state != "loaded":
        held = f"Read again as load {result.load_id} it is held. " if result.state == "held" else ""
        console.print(f"{held}Load {arguments.load_id} stands as it was: {show(result.reason)}")
        return 1
    console.print(
        f"Load {result.load_id} takes the place of load {arguments.load_id}: {result.records_read:,} read, "
        f"{result.records_loaded:,} loaded, {result.records_quarantined:,} in quarantine."
    )
    return _publish(settings, console)


def erase(settings: Settings, _arguments: argparse.Namespace, console: Console) -> int:
    """Erase the person whom the environment's PERSON, or a line on standard input, names; prove it."""
    from tradewind import landing

    # never an argument: a list of processes shows those to everybody
    person = os.environ.pop("PERSON", "")
    if not person:
        person = (
            getpass.getpass("Whom to erase (not shown): ") if sys.stdin.isatty() else sys.stdin.readline()
        )
    erasure = landing.erase(person, settings)
    table = Table(box=None, pad_edge=False)
    table.add_column("rows that hold the person")
    table.add_column("before", justify="right")
    table.add_column("after", justify="right")
    for place, count in erasure.before.items():
        table.add_row(place, f"{count:,}", f"{erasure.after[place]:,}")
    console.print(table)
    if erasure.files:
        console.print("These files still hold the person's records; removing them is up to you:")
        for path in erasure.files:
            console.print(f"  {show(path)}")
    if any(erasure.after.values()):
        console.print("Not everything is erased: report this.", style="red")
        return 1
    return _publish(settings, console)


def contract(_settings: Settings, arguments: argparse.Namespace, console: Console) -> int:
    """Draft the contract of an unknown export: print it, or write it with `--save`; say what comes next."""
    from tradewind.drafting import draft_contract, save_draft
    from tradewind.exports import RefusedFileError, load_contracts
    from tradewind.exports.contract import CONTRACTS_DIR
    from tradewind.landing.reasons import describe

    try:
        draft = draft_contract(
            arguments.file.expanduser(), load_contracts(), arguments.report, arguments.sheet
        )
    except FileNotFoundError:
        console.print("There is no such file.")
        return 1
    except RefusedFileError as refusal:
        console.print(show(describe(refusal.code, refusal.parameters)))
        return 1
    if arguments.save:
        console.print(f"Written: {save_draft(draft, CONTRACTS_DIR).name}")
    else:
        print(draft.text)
    for line in draft.next_steps(is_saved=arguments.save):
        console.print(show(line))
    return 0


def docs(settings: Settings, _arguments: argparse.Namespace, console: Console) -> int:
    """Write dbt's documentation as one file."""
    from tradewind.building import write_docs

    console.print(f"Written: {write_docs(settings)}")
    return 0


def is_stack_running(settings: Settings) -> bool:
    """Whether `make run` is up, so that Airflow loads and builds."""
    running = holder(settings)
    return running is not None and running.kind == "stack"


def _publish(settings: Settings, console: Console) -> int:
    if is_stack_running(settings):
        console.print("The running stack publishes it in a few seconds: make status")
        return 0
    return _report_build(_build_here(settings, console), console)


def _load_here(arrivals: list[Arrival], settings: Settings, console: Console) -> str | None:
    from tradewind.landing import load_files

    if not arrivals:
        return None
    with console.status("Loading …"):
        load_files([arrival.path for arrival in arrivals], settings)
    return _build_here(settings, console)


def _build_here(settings: Settings, console: Console, full_refresh: bool | None = None) -> str | None:
    """Build and publish; returns why it is held back, or None."""
    from tradewind.pipeline import build_and_publish

    with console.status("Building …") as shown:
        outcome = build_and_publish(
            settings, full_refresh=full_refresh, on_step=lambda step: shown.update(f"{step.capitalize()} …")
        )
    if outcome.state == "published":
        console.print(f"Build {outcome.build_id} is published.")
    elif outcome.state == "nothing":
        console.print("Nothing is pending: what is published stays.")
    for sentence in outcome.held_loads:
        console.print(f"Held: {sentence}", style="yellow", markup=False)
    return outcome.reason


def _report_build(held: str | None, console: Console) -> int:
    if held is None:
        return 0
    console.print(f"The publication is held back: {show(held)}", style="red")
    return 1


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tradewind", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="command")

    sub = commands.add_parser("load", help="load exports and publish them")
    sub.add_argument("files", nargs="+", metavar="FILE", help="a file, a folder, or a glob in quotes")
    sub.add_argument("--store", help="the store they belong to, where the files do not say it")
    sub.add_argument("--account", help="the account within the store")
    sub.add_argument("--date", help="their day, or the first and the last: 2026-07-01..2026-07-31")
    sub.add_argument("--report", help="what report they are, where recognition is wrong")
    sub.set_defaults(command=load)

    commands.add_parser(
        "fetch", help="fetch exports from TRADEWIND_LANDING_URL and publish them"
    ).set_defaults(command=fetch)

    sub = commands.add_parser("build", help="take what is pending into the marts, without Airflow")
    sub.add_argument("--full-refresh", action="store_true", help="rebuild everything from raw")
    sub.set_defaults(command=build)

    commands.add_parser("status", help="say what runs, is loaded, published, held").set_defaults(
        command=status
    )

    sub = commands.add_parser("reject", help="take a load out of the numbers again")
    sub.add_argument("load_id", type=int)
    sub.add_argument("--reason", required=True)
    sub.set_defaults(command=reject)

    sub = commands.add_parser("release", help="confirm what is held: a load, or all of a build")
    held = sub.add_mutually_exclusive_group(required=True)
    held.add_argument("--load", type=int)
    held.add_argument("--build", type=int)
    sub.add_argument("--reason", required=True)
    sub.set_defaults(command=release)

    sub = commands.add_parser("replay", help="read a load again, by its contract as it is now")
    sub.add_argument("load_id", type=int)
    sub.set_defaults(command=replay)

    commands.add_parser(
        "erase", help="erase the person whom PERSON in the environment, or standard input, names"
    ).set_defaults(command=erase)
    sub = commands.add_parser("contract", help="draft the contract of an unknown export")
    sub.add_argument("file", metavar="FILE", type=Path)
    sub.add_argument("--report", help="the name of the new report; else it is made of the file's name")
    sub.add_argument("--sheet", help="the sheet of a workbook or list of a document; else the largest")
    sub.add_argument("--save", action="store_true", help="write it beside the other contracts")
    sub.set_defaults(command=contract)

    commands.add_parser("docs", help="write the documentation of the models").set_defaults(command=docs)
    return parser.parse_args()
