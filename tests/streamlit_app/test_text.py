"""The words: complete in both languages, used, and filled alike."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest
import yaml

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


@pytest.mark.parametrize("code", sorted({**reasons.FILE_REASONS, **reasons.RECORD_REASONS}))
def test_every_reason_reads_well_whatever_its_details(code: str) -> None:
    template = {**reasons.FILE_REASONS, **reasons.RECORD_REASONS}[code]
    section = "load_reasons" if code in reasons.FILE_REASONS else "row_reasons"
    codes = {"fault": "encrypted", "kind": "pdf", "language": "de", "looks_like": None, "examples": []}
    lists = {"known", "missing", "unknown", "candidates", "sheets", "columns", "expected"}
    for many in (["a\tb", *map(str, range(200))], ["\t"], []):
        details = {name: codes.get(name, many if name in lists else "7") for name in placeholders(template)}
        english = reasons.describe(code, details)
        chinese = reason_in_words("zh", section, code, english, details)
        for sentence in (english, chinese):
            assert not re.search(r"[\t\r\n{}]|None(?! of)|\[", sentence)
            assert len(sentence) < 500
        assert chinese != english


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


def test_every_check_has_its_reason_in_chinese_and_no_reason_is_left_over() -> None:
    checks = {
        f"{suite.stem}.{check['name']}"
        for suite in (PROJECT_ROOT / "expectations").glob("*/*.yml")
        for check in yaml.safe_load(suite.read_text(encoding="utf-8"))["expectations"]
    }
    assert checks
    assert load_checks("zh").keys() == checks
