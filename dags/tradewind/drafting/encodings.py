"""Which encoding a file is in: by its mark, by being valid UTF-8, else by which script its words make."""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Callable

from tradewind.drafting.guess import DraftError, Guess, asked, count, proven
from tradewind.exports.source import marked_encoding

# what a legacy encoding scores must be this much better than the next one's to need no question
CLEAR_LEAD = 0.15
PLAUSIBLE = 0.6
# a file of so many non-ASCII characters is judged as well as a longer one
SAMPLED = 20_000
_WESTERN = re.compile("[^\\W\\d_]+")
_SIMPLIFIED = set(
    "订单编号数量金额日期时间商品名称价格买家收货地址电话状态类型店铺合计退款物流运费备注颜色规格"
    "的一是在不了有和人这中大为上个国我以要他来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而"
)
_TRADITIONAL = set(
    "訂單編號數量金額日期時間商品名稱價格買家收貨地址電話狀態類型店鋪合計退款物流運費備註顏色規格"
    "的一是在不了有和人這中大為上個國我以要他來用們生到作地於出就分對成會可主發年動同工也能下過子說產種面而"
)


def guess_encoding(data: bytes) -> tuple[Guess, str]:
    """The encoding for the contract, and the text without its mark.

    Raises:
        RefusedFileError: it looks like UTF-16 or UTF-32 that does not say so.
        DraftError: no encoding that a contract may name reads the file.
    """
    codec, mark = marked_encoding(data)
    if codec != "utf-8":
        try:
            return proven("utf-16", "a UTF-16 byte-order mark"), data[mark:].decode(codec)
        except UnicodeDecodeError as error:
            raise DraftError(
                "It is marked as UTF-16, and some of its bytes are not. Export it again."
            ) from error
    if mark:
        evidence = "a UTF-8 byte-order mark"
        return proven("utf-8", evidence), data[mark:].decode(errors="surrogateescape")
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return _not_plain_utf8(data)
    other = sum(character > "\x7f" for character in text)
    evidence = "valid UTF-8, with " + count(other, "character") + " outside ASCII" if other else "ASCII alone"
    return proven("utf-8", evidence), text


def _not_plain_utf8(data: bytes) -> tuple[Guess, str]:
    text = data.decode(errors="surrogateescape")
    bad = sum("\udc80" <= character <= "\udcff" for character in text)
    good = sum(character > "\x7f" for character in text) - bad
    if good > 10 * bad:
        evidence = (
            f"{count(good, 'character')} in valid UTF-8 and {count(bad, 'byte')} that are not: their records "
            "go to quarantine"
        )
        return asked("utf-8", evidence), text
    return _legacy(data)


def _legacy(data: bytes) -> tuple[Guess, str]:
    scores: dict[str, float] = {}
    texts: dict[str, str] = {}
    for encoding, score in _SCORES.items():
        try:
            texts[encoding] = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        scores[encoding] = score(texts[encoding])
    if not scores:
        raise DraftError("The file is in no encoding that a contract may name. Save it as CSV UTF-8.")
    first, *rest = sorted(scores, key=lambda item: -scores[item])
    # where no byte tells the two apart, they are one
    rest = [item for item in rest if texts[item] != texts[first]]
    second = rest[0] if rest else None
    lead = scores[first] - (scores[second] if second else 0)
    evidence = (
        f"no UTF-8; read as {first}, {scores[first]:.0%} of its other characters make {_SCRIPTS[first]}"
    )
    if second:
        evidence += f", as {second} {scores[second]:.0%}"
    if scores[first] >= PLAUSIBLE and lead >= CLEAR_LEAD:
        return proven(first, evidence), texts[first]
    question = f"{evidence}; look at some accented words, or save the file as CSV UTF-8"
    return asked(first, question), texts[first]


def _others(text: str) -> list[str]:
    return [character for character in text if character > "\x7f"][:SAMPLED]


def _western(text: str) -> float:
    """Accented letters stand alone among plain ones; signs are those of European texts."""
    others = good = 0
    for found in re.finditer("[^\x00-\x7f]+", text[: 100 * SAMPLED]):
        run = found[0]
        others += len(run)
        if all(character in "€£§°²³´µ·–—‘’“”„•…™®©«»¿¡\u00a0¼½¾×" for character in run):
            good += len(run)
        elif len(run) <= 2 and all(unicodedata.name(c, "").startswith("LATIN") for c in run):
            beside = text[max(found.start() - 1, 0) : found.start()] + text[found.end() : found.end() + 1]
            good += len(run) if re.search("[A-Za-z]", beside) else 0
    return good / others if others else 0.0


def _latin1(text: str) -> float:
    # C1 control characters are no text; a hair less than cp1252, which reads the rest alike
    controls = sum("\x80" <= character <= "\x9f" for character in text)
    return 0.0 if controls else _western(text) - 0.001


def _cyrillic(text: str) -> float:
    """Words wholly of Cyrillic letters, with capitals at their head."""
    others = good = 0
    for found in _WESTERN.finditer(text[: 100 * SAMPLED]):
        word = found[0]
        letters = sum(character > "\x7f" for character in word)
        others += letters
        is_word = len(word) > 1 and all("\u0400" <= character <= "\u04ff" for character in word)
        if is_word and (word[1:].islower() or word.isupper()):
            good += letters
    return good / others if others else 0.0


def _japanese(text: str) -> float:
    others = _others(text)
    is_kana = ["\u3040" <= character <= "\u30ff" for character in others]
    good = sum(
        kana or _is_lead(character, "cp932", 0x88, 0x97) or character in "、。・ー「」（）￥：／々"
        for kana, character in zip(is_kana, others, strict=True)
    )
    # Japanese without any kana is rare in an export, and Chinese may look like it
    return good / len(others) * (1.0 if any(is_kana) else 0.8) if others else 0.0


def _chinese(encoding: str, first: int, last: int, frequent: set[str]) -> Callable[[str], float]:
    def score(text: str) -> float:
        others = _others(text)
        if not others:
            return 0.0
        common = sum(
            _is_lead(character, encoding, first, last) or character in "，。、：；（）《》￥“”！？"
            for character in others
        )
        known = sum(character in frequent for character in others)
        return common / len(others) * 0.5 + min(1.0, 5 * known / len(others)) * 0.5

    return score


def _is_lead(character: str, encoding: str, first: int, last: int) -> bool:
    """Whether the character is of the rows that hold the frequent ideographs of an encoding."""
    try:
        raw = codecs.encode(character, encoding)
    except UnicodeEncodeError:
        return False
    return len(raw) == 2 and first <= raw[0] <= last and (encoding != "gb18030" or raw[1] >= 0xA1)


_SCORES: dict[str, Callable[[str], float]] = {
    "cp1252": _western,
    "iso-8859-1": _latin1,
    "cp1251": _cyrillic,
    "cp932": _japanese,
    "gb18030": _chinese("gb18030", 0xB0, 0xD7, _SIMPLIFIED),
    "big5": _chinese("big5", 0xA4, 0xC6, _TRADITIONAL),
}
_SCRIPTS = {
    "cp1252": "Western words",
    "iso-8859-1": "Western words",
    "cp1251": "Cyrillic words",
    "cp932": "Japanese text",
    "gb18030": "simplified Chinese text",
    "big5": "traditional Chinese text",
}
