"""The command: prints a draft, writes it only when told, and says in a sentence what is wrong."""

from __future__ import annotations

import sys
from pathlib import Path
from unittest import mock

import pytest

from tradewind import cli
from tradewind.exports.contract import CONTRACTS_DIR, read_contract

ORDERS = "Order number,Order date,Quantity,Unit price,Buyer\n1001,2026-07-13,2,9.50,Mia Brandt\n"


def run(*arguments: str, folder: Path = CONTRACTS_DIR) -> int:
    with (
        mock.patch.object(sys, "argv", ["tradewind", "contract", *arguments]),
        mock.patch("tradewind.exports.contract.CONTRACTS_DIR", folder),
    ):
        return cli.main()


def test_draft_is_printed_with_what_comes_next_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "bazaar_orders.csv"
    file.write_text(ORDERS)
    before = sorted(CONTRACTS_DIR.iterdir())
    assert run(str(file)) == 0
    shown = capsys.readouterr().out
    assert "report: bazaar_orders\n" in shown
    assert "1 record would be loaded" in shown
    assert "SAVE=1" in shown
    assert "Mia" not in shown
    assert sorted(CONTRACTS_DIR.iterdir()) == before


def test_saved_draft_stands_in_the_folder_of_contracts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "export.csv"
    file.write_text(ORDERS)
    folder = tmp_path / "contracts"
    folder.mkdir()
    assert run(str(file), "--report", "bazaar_orders", "--save", folder=folder) == 0
    assert read_contract(folder / "bazaar_orders.yml").shape == "orders"
    assert run(str(file), "--report", "bazaar_orders", "--save", folder=folder) == 1
    assert "There is a contract bazaar_orders.yml already" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"%PDF-1.7 and so on", "The file is a document for printing (PDF)"),
        (b"", "The file is empty"),
        (None, "There is no such file"),
    ],
)
def test_file_that_is_no_table_is_refused_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes | None, sentence: str
) -> None:
    file = tmp_path / "bazaar_orders.csv"
    if content is not None:
        file.write_bytes(content)
    assert run(str(file)) == 1
    assert sentence in capsys.readouterr().out
