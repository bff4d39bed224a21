"""The words: complete in both languages, used, and filled alike."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest
import yaml
from dbt.artifacts.schemas.results import NodeStatus

import dashboard
import insight
from insight.reasons import reason_in_words
from insight.text import LANGUAGES, choose_language, load_checks, load_reasons, load_texts
from tradewind.exports.checks import KINDS
from tradewind.landing import reasons
from tradewind.settings import PROJECT_ROOT

SOURCES = [
    *Path(dashboard.__file__).parent.rglob("*.py"),
    *Path(insight.__file__).parent.rglob("*.py"),
    *Path(dashboard.__file__).resolve().parents[1].glob("*.py"),
]
WHOLE_KEY = re.compile(r"""["']([a-z_]+\.[a-z_0-9]+)["']""")
KEY_WITH_A_CODE = re.compile(r"""f["']([a-z_]+\.[a-z_]*)\{[^}]*\}([a-z_]*)["']""")
SECTION_LOOKUP = re.compile(r"""lookup\(\s*["']([a-z_]+)["']""")


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def source() -> str:
    return "\n".join(file.read_text(encoding="utf-8") for file in SOURCES)


def test_both_languages_have_the_same_keys_and_placeholders() -> None:
    english, chinese = (load_texts(language) for language in LANGUAGES)
    assert english.keys() == chinese.keys()
    different = [key for key in english if placeholders(english[key]) != placeholders(chinese[key])]
    assert not different


def test_every_text_is_words() -> None:
    assert all(
        isinstance(text, str) and text for language in LANGUAGES for text in load_texts(language).values()
    )


def test_no_key_is_missing() -> None:
    texts = load_texts("en")
    sections = {key.split(".")[0] for key in texts}
    named = {key for key in WHOLE_KEY.findall(source()) if key.split(".")[0] in sections}
    assert named <= texts.keys()


def test_no_key_is_unused() -> None:
    code = source()
    whole = set(WHOLE_KEY.findall(code))
    looked_up = set(SECTION_LOOKUP.findall(code))
    patterns = [re.compile(f"{re.escape(head)}.+{tail}$") for head, tail in KEY_WITH_A_CODE.findall(code)]
    unused = [
        key
        for key in load_texts("en")
        if key not in whole
        and key.split(".")[0] not in looked_up
        and not any(pattern.match(key) for pattern in patterns)
    ]
    assert not unused


@pytest.mark.parametrize(
    ("section", "english"),
    [
        ("load_reasons", reasons.FILE_REASONS),
        ("row_reasons", reasons.RECORD_REASONS),
        ("load_warnings", reasons.WARNINGS),
        ("faults", reasons.FAULTS),
        ("kinds", {kind: kind for kind in KINDS.values()}),
        ("file_kinds", reasons.KINDS),
        ("languages", reasons.LANGUAGES),
    ],
)
def test_every_reason_of_the_loader_has_chinese_words(section: str, english: dict[str, str]) -> None:
    chinese = load_reasons("zh")
    for code, sentence in english.items():
        words = chinese[f"{section}.{code}"]
        # `{found!r}` and `{found}` are one placeholder
        assert placeholders(words) == placeholders(sentence), code
    assert {key for key in chinese if key.startswith(section)} == {f"{section}.{code}" for code in english}


def test_reason_is_filled_in_the_readers_language() -> None:
    details = {"found": 3, "expected": 5}
    stored = "The record has 3 columns and the header has 5."
    assert reason_in_words("en", "row_reasons", "wrong_width", stored, details) == stored
    lost = reason_in_words(
        "zh", "row_reasons", "wrong_type", "", {"column": "qty", "expected": KINDS["integer"]}
    )
    assert "应为整数" in lost
    assert "3 列" in reason_in_words("zh", "row_reasons", "wrong_width", stored, details)


def test_a_fault_within_a_reason_is_said_in_the_readers_language() -> None:
    stored = reasons.describe("archive_unreadable", {"fault": "encrypted"})
    assert "protected by a password" in stored
    words = reason_in_words("zh", "load_reasons", "archive_unreadable", stored, {"fault": "encrypted"})
    assert "受密码保护" in words


def test_examples_within_a_reason_are_said_in_the_readers_language() -> None:
    width = {"code": "wrong_width", "column": None, "row": 7, "found": 3, "expected": 5}
    details = {"read": 9, "bad": 2, "share": "5%", "examples": [
        width, {"code": "empty_value", "column": "sku", "row": 8},
    ]}  # fmt: skip
    stored = reasons.describe("too_many_bad_records", details)
    assert "most often: Record 7: The record has 3 columns and the header has 5." in stored
    assert "Record 8: Column sku is empty and must not be. Nothing was loaded." in stored
    words = reason_in_words("zh", "load_reasons", "too_many_bad_records", stored, details)
    assert "第 7 条：该记录有 3 列，表头有 5 列。" in words
    assert "第 8 条：列 sku 为空，但不允许为空。未载入任何内容。" in words
    earlier = {**details, "examples": ["wrong_width (first in record 7)"]}
    assert reason_in_words("zh", "load_reasons", "too_many_bad_records", "as stored", earlier) == "as stored"


def test_long_lists_and_delimiters_within_a_reason_can_be_read_in_both_languages() -> None:
    many = [f"C{number:02}" for number in range(110)]
    details = {"report": "sales", "found": "|", "expected": [",", ";", "\t"]}
    english = reasons.describe("delimiter_not_allowed", details)
    assert "separated by vertical bar" in english
    assert "comma, semicolon, tab" in english
    chinese = reason_in_words("zh", "load_reasons", "delimiter_not_allowed", english, details)
    assert "竖线" in chinese
    assert "逗号, 分号, 制表符" in chinese
    wrong = {"column": "currency", "expected": " | ".join(many)}
    english = reasons.describe("unexpected_value", wrong)
    assert "C05 | and 104 more" in english
    assert "C06" not in english
    chinese = reason_in_words("zh", "row_reasons", "unexpected_value", english, wrong)
    assert "等共 110 项" in chinese
    assert "C06" not in chinese


SECTIONS = {
    "load_reasons": reasons.FILE_REASONS,
    "load_warnings": reasons.WARNINGS,
    "row_reasons": reasons.RECORD_REASONS,
}


@pytest.mark.parametrize(
    ("section", "code"), [(section, code) for section, codes in SECTIONS.items() for code in codes]
)
def test_every_reason_reads_well_whatever_its_details(section: str, code: str) -> None:
    template = SECTIONS[section][code]
    codes = {
        "fault": "encrypted", "kind": "pdf", "language": "de", "looks_like": None, "examples": [],
        "limit": 40,
    }  # fmt: skip
    lists = {"known", "missing", "unknown", "candidates", "sheets", "lists", "columns", "expected"}
    for many in (["a\tb", *map(str, range(200))], ["\t"], []):
        for number in (0, 1, 7):
            names = placeholders(template) | {"missing", "unknown"}
            details = {name: codes.get(name, many if name in lists else number) for name in names}
            english = reasons.describe(code, details)
            chinese = reason_in_words("zh", section, code, english, details)
            for sentence in (english, chinese):
                assert not re.search(r"[\t\r\n{}]|None(?! of)|\[", sentence)
                assert not re.search(r"\b1 (?:files|times|columns|seconds)\b", sentence)
                assert not re.search(r"\b7 (?:file|time|column|second)\b", sentence)
                assert len(sentence) < 550
            assert chinese != english


@pytest.mark.parametrize(
    ("missing", "unknown", "english", "chinese"),
    [
        (["store_id"], [], "it lacks store_id (line 3)", "缺少 store_id（第 3 行）"),
        ([], ["Note", "Tag"], "it has Note, Tag besides (line 3)", "多出 Note, Tag（第 3 行）"),
        (["a"], ["b"], "it lacks a and has b besides (line 3)", "缺少 a，多出 b（第 3 行）"),
        ([], [], "it has none of its columns (line 3)", "没有该报表的任何列（第 3 行）"),
    ],
)
@pytest.mark.parametrize("code", ["unknown_report", "header_does_not_fit"])
def test_what_a_header_lacks_is_said_without_what_it_does_not(
    code: str, missing: list[str], unknown: list[str], english: str, chinese: str
) -> None:
    details = {"report": "sales", "nearest": "sales", "missing": missing, "unknown": unknown, "row": 3}
    stored = reasons.describe(code, details)
    assert english in stored
    assert chinese in reason_in_words("zh", "load_reasons", code, stored, details)


@pytest.mark.parametrize(
    ("code", "details", "one", "many"),
    [
        ("unpacked", {"loaded": 1, "duplicate": 0, "refused": 0}, "holds 1 file:", "holds 2 files:"),
        ("nothing_unpacked", {}, "(1 file)", "(2 files)"),
        (
            "held_rows",
            {"rows": [4], "why": "W.", "load_id": 9},
            "1 of its records breaks",
            "2 of its records break",
        ),
        ("counted_elsewhere", {"load_id": 9}, "1 of its records is in", "2 of its records are in"),
    ],
)
def test_a_number_agrees_with_what_it_counts(
    code: str, details: dict[str, object], one: str, many: str
) -> None:
    assert one in reasons.describe(code, {**details, "count": 1})
    assert many in reasons.describe(code, {**details, "count": 2})


def test_reason_without_its_details_stays_as_stored() -> None:
    assert reason_in_words("zh", "row_reasons", "wrong_width", "as stored", {}) == "as stored"
    assert reason_in_words("zh", "row_reasons", "never_heard_of", "as stored", {}) == "as stored"


def test_language_is_the_requested_one_or_the_browsers() -> None:
    assert choose_language("zh", "en-GB") == "zh"
    assert choose_language("xx", "zh-TW") == "zh"
    assert choose_language(None, None) == "en"


@pytest.mark.parametrize(
    ("model", "column", "section"),
    [
        ("fct_record_exclusion", "rule_code", "exclusion_rules"),
        ("fct_record_flag", "flag_code", "record_flags"),
    ],
)
def test_every_rule_of_the_marts_has_words(model: str, column: str, section: str) -> None:
    file = PROJECT_ROOT / "dbt_project/models/marts/events/_events__models.yml"
    (found,) = [item for item in yaml.safe_load(file.read_text())["models"] if item["name"] == model]
    (tested,) = [item["data_tests"] for item in found["columns"] if item["name"] == column]
    codes = set(tested[0]["accepted_values"]["arguments"]["values"])
    for language in LANGUAGES:
        texts = load_texts(language)
        assert codes == {key.split(".")[1] for key in texts if key.startswith(f"{section}.")}


def test_every_reason_of_a_record_has_a_name() -> None:
    for language in LANGUAGES:
        texts = load_texts(language)
        assert {f"row_reason_names.{code}" for code in reasons.RECORD_REASONS} <= texts.keys()


def codes_of_held_publications() -> set[str]:
    """Those that the code writes, by the names of the calls that take them; some errors hold nothing."""
    calls = re.compile(
        r'(?:Fault|hold|PublicationError)\(\s*(?:build_id, )?"([a-z_]+)"|__init__\("([a-z_]+)", message'
    )
    folders = ("publishing", "orchestration", "pipeline.py")
    files = [file for name in folders for file in _python_files(PROJECT_ROOT / "dags/tradewind" / name)]
    found = {
        code for file in files for pair in calls.findall(file.read_text("utf-8")) for code in pair if code
    }
    found -= {"not_held", "no_such_build", "build_not_running"}
    return found | {
        f"{gate.name}_gate_failed" for gate in (PROJECT_ROOT / "expectations").iterdir() if gate.is_dir()
    }


def _python_files(path: Path) -> list[Path]:
    return [path] if path.suffix else list(path.rglob("*.py"))


def codes_of_a_section(language: str, section: str) -> set[str]:
    return {key.split(".", 1)[1] for key in load_texts(language) if key.split(".")[0] == section}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_of_a_held_publication_has_words_and_a_line_in_its_runbook(language: str) -> None:
    runbook = (PROJECT_ROOT / "infra/runbooks/publication_held.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1] for line in runbook.splitlines() if line.startswith("| `")]
    explained = {
        code for cell in rows for code in re.findall("`([a-z_]+)`", cell)
    } - reasons.FILE_REASONS.keys()
    assert {"publication_refused", "schema_change", "touched_incomplete"} <= codes_of_held_publications()
    assert codes_of_held_publications() == codes_of_a_section(language, "hold_reasons") == explained


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("table", "section"), [("load", "load_states")])
def test_every_state_that_the_ledger_allows_has_words(language: str, table: str, section: str) -> None:
    ledger = (PROJECT_ROOT / "infra/postgres/0002_ledger.sql").read_text(encoding="utf-8")
    found = re.search(rf"create table ops\.{table} \(.*?state in \(([^)]*)\)", ledger, re.DOTALL)
    assert found
    assert set(re.findall("'([a-z]+)'", found[1])) == codes_of_a_section(language, section)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_state_of_a_node_of_dbt_has_words(language: str) -> None:
    assert {state.value for state in NodeStatus} == codes_of_a_section(language, "node_states")


def test_every_check_has_its_reason_in_chinese_and_no_reason_is_left_over() -> None:
    checks = {
        f"{suite.stem}.{check['name']}"
        for suite in (PROJECT_ROOT / "expectations").glob("*/*.yml")
        for check in yaml.safe_load(suite.read_text(encoding="utf-8"))["expectations"]
    }
    assert checks
    assert load_checks("zh").keys() == checks
