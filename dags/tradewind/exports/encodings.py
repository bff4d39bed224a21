"""Which encoding the bytes of an unmarked file are in: weighed over its words, and never guessed.

A file is UTF-8, or in an encoding that its contract declares, or refused. That bytes can be read in an
encoding proves nothing: each Cyrillic letter is some accented letter of Windows-1252. So a reading counts
only where its words look like words: each accented letter stands between letters it stands between in the
languages of Western Europe, each sign where such a sign may stand. Where a letter of Windows-1252 is another
of its neighbours' (Turkish, Baltic, Central European) and could stand there too, the word is open: it counts
where as many words of the file can be of the West alone.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

# so many different words say what a file is in; a longer file is judged by its first ones
MAX_WORDS = 20_000
MAX_SAME_ENDINGS = 50
# of the words of an honest file so many may be foreign ones; of fewer than ten none
MAX_FOREIGN_SHARE = 0.1
# a file of which more lines are no UTF-8, and no word is, is in another encoding: no lines to set aside
MAX_BROKEN_LINES = 0.02
HEAD_BYTES = 1 << 20
SAMPLE_BYTES = 64 << 10
EAST_ASIAN = ("cp932", "gb18030", "big5")
_SEPARATORS = frozenset(b',;"\x7f' + bytes(range(0x21)))
_ENDING = re.compile(rb'[^\x00-\x20\x7f,;"]*+')
_LETTERS = re.compile("[A-Za-zÀ-ÖØ-öø-ÿŒœŠšŽžŸ]+")

# by accented letter: what stands before and behind it within words of German, French, Spanish, Italian,
# Portuguese, Dutch, Swedish, Danish, Norwegian, Finnish, Icelandic, Catalan and English; # is a word's edge.
# Collected from frequency lists of these languages; seldom neighbours are left out.
_NEIGHBOURS = {
    "à": ("#abcdefghijlmnprstuvxyzç", "#bcdfghijlmnpqrstuvx"),
    "á": ("#abcdefghijklmnopqrstuvwxyzçðñþ", "#abcdefghijklmnopqrstuvwxyzæðñ"),
    "â": ("#bcdefghilmnprstuvéz", "#bcghlmnpqrstv"),
    "ã": ("#bcdefghijlmnoprstuvxzç", "#eos"),
    "ä": ("#abcdefghijklmnopqrstuvwxyzäö", "#abcdefghijklmnopqrstuvwxyzäöß"),
    "å": ("#abdefghijklmnoprstuvyå", "#abcdefghijklmnoprstuvyå"),
    "æ": ("#bcdfghjklmnprstvyáþ", "#bcdefgijklmnoprstuvxyzðø"),
    "ç": ("#aceilnoprsuáâéíô", "#aeouáàâãéêóôõú"),
    "è": ("#bcdfghijlmnopqrstuvxyzü", "#bcdfghilmnpqrstuvxz"),
    "é": ("#abcdefghijklmnopqrstuvwxyzéçðñþ", "#abcdefghijklmnopqrstuvxyzâçéèêð"),
    "ê": ("#bcdfghijlmnopqrstuvxzéü", "#bceghlmnpqrstuvx"),
    "ë": ("aeioué", "#defgilmnrstvxz"),
    "ì": ("bcdfghlmnprstuvz", "#"),
    "í": ("#abcdefghjklmnopqrstuvwxyzçñüþ", "#abcdefgijklmnopqrstuvxyzçðñþ"),
    "î": ("#abdfghnoupr", "clmnstv"),
    "ï": ("aeiou", "#abcdefgklmnqrstvwxz"),
    "ð": ("aefgioruyáæéíóöúý", "#abdefghijklmnrstuváö"),
    "ñ": ("#aeiouáéíóú", "aeiouáéíóú"),
    "ò": ("#bcdfghijlmnprstuvxz", "#bcdfglmnpqrstvx"),
    "ó": ("#abcdefghijklmnopqrstuvwxyzçñóþ", "#abcdfghijklmnpqrstuvxyzðñó"),
    "ô": ("#abcdefghijklmnopqrstvz", "#bcdlmnoprstu"),
    "õ": ("cdeghijlmnprstvxzç", "e"),
    "ö": ("#abcdefghijklmnopqrstuvwxyzäöðþ", "#abcdefghijklmnopqrstuvwxyzäðöß"),
    "ø": ("#bcdfghijklmnprstuvxyæ", "#bcdefghijklmnprstvxyz"),
    "ù": ("begilnorst", "#"),
    "ú": ("#abcdefghijklmnoprstuvxyzñçþ", "#abcdefgijklmnopqrstuvxzçðñ"),
    "û": ("abdeflmoqrs", "celmnrst"),
    "ü": ("#abcdefghijklmnopqrstuvwyzß", "#abcdefghijklmnopqrstuvwxzßèéí"),
    "ý": ("#bdhjklmnrstvþ", "#dijklmnprstvð"),
    "ÿ": ("au", "#s"),
    "þ": ("#adfglmnprstuíðó", "#aeijoruvyáæéíóöúý"),
    "ß": ("aeioruyäöü", "#abdefghiklmnoprstuvwz"),
    "œ": ("#bcfhlmnprstv", "bcdfilmnpstu"),
    "š": ("#aeiouy", "#aeijklmnoptuv"),
    "ž": ("#aeilnoruy", "#aeijklnouv"),
}
# letters whose bytes are others in the neighbours of Windows-1252; ä, é, ö and the like are themselves there
_SHARED = frozenset("àãåæèêìïðñòõøùûýþœ")
# where such a letter stands as the other one may: Turkish ağaç, Altın, şeker, Baltic mažas, ąsotis, ķirsis,
# Romanian casă, Czech lůžko, křeslo, Polish kęs, ścienny, Slavic lični, bič, noč, več, Slovak vŕba, stĺp
_OPEN = re.compile(
    "ã(?!o|es|e$)|ù[a-z]|(?<![gq])uè|oè(?![mt]|$)|iè[mn]i|biè$|ê[ksc]|[a-z]æ$|[eéë]æ|[iuy]ø|øe|[aeiou]å|åp|"
    "^à.|[vmhkt]à[btmn]|^œ[^umns]|^í[aei]|^â[^gmnpct]|(?<=[aeiou])ñ(?![aeiouáéíóú])"
)
# letters that Icelandic has, and Turkish and the Baltic ones of their bytes too: Icelandic words have others
_NORDIC = re.compile("[ðþý]")
_ICELANDIC = re.compile("[áéíóúæ]")
_NOT_ICELANDIC = re.compile("[çüãõñàèùêûïœ]")
# œ, Š, š, ž as ISO-8859-15 has them, which agrees with Windows-1252 in all other letters
_LATIN_9 = re.compile("[¼½¾¨¦¸][A-Za-zÀ-ÿ]{2}|[A-Za-zÀ-ÿ][¼½¾¨¦¸]")
# letters of DOS and of old Macs: à, ó and á behind others, and those with which a word may begin
_DOS_SIGN = re.compile("[A-Za-z][…—\u00a0]|(?<![^\\W\\d_])[“„‹»‘–][a-z](?![^”“›«’]*[”“›«’])")
_ACCENTED = re.compile("[À-ÖØ-öø-ÿŒœŠšŽž]")
# words without a plain letter
_ALONE = frozenset(("à", "á", "â", "å", "è", "é", "í", "ó", "ö", "ø", "æ", "ä", "þá", "þó", "þú", "öö"))
_APOSTROPHES = "’´"
_ELIDED = re.compile(
    r"(?:[cdjlmnstoy]|mc|qu|jusqu|lorsqu|puisqu|presqu|quelqu|aujourd|entr|un|all|dell|nell|sull|dall|coll|"
    r"quest|quell|bell|sant|[smd]ell|[dg]l|gl)",
    re.IGNORECASE,
)
_BEHIND_APOSTROPHE = re.compile(r"(?:s|t|d|m|ll|re|ve)", re.IGNORECASE)
_UNIT = re.compile(r"(?:m|g|l|L|s|F|A|V|W|H|M|C|T|Sv|mol|Pa|Bq|IU)?(?![A-Za-zÀ-ÿ])")
# letters beyond Latin-1 that are read where bytes of another encoding happen to be proper UTF-8; those in use
# (Romanian, Vietnamese, Pinyin, Azerbaijani, Hausa, Ewe) are left out
_SELDOM = re.compile(
    "[\u0080-\u009f\u0180-\u0191\u0193-\u0198\u019a-\u019f\u01a2-\u01ae\u01b1-\u01cc\u01dd-\u01e5\u01e8-\u01f7"
    "\u01fa-\u0217\u021c-\u024f\u0250-\u0253\u0255-\u0256\u0258\u025a\u025c-\u0262\u0264-\u0268\u026a-\u0271"
    "\u0273-\u0288\u028c-\u0291\u0293-\u02b8\u0700-\u074f\u0780-\u083f\ue000-\uf8ff]"
)
# one letter of another alphabet at the end of a Latin word; signs of measurement stand there rightly
_GLUED = re.compile("[A-Za-z]{2}[\u0370-\u0390\u0392-\u03a8\u03aa-\u03bb\u03bd-\u077f](?![\u0300-\uffff])")
# a small letter behind capitals, which has a capital of its own: É with a sign behind it
_SMALL = re.compile("[A-Z]{2}[\u0250-\u02af](?![A-Za-z\u00c0-\uffff])")
_IDEOGRAPHS = re.compile(rb"[\x00-\x7f]*(?:(?:[\xb0-\xd7][\xa1-\xfe])+[\x00-\x7f]*)+")
_BEFORE_SIGN = re.compile("[A-Za-z]{3}[À-ÿ][^A-Za-zÀ-ÿ]")
_SHIFTED = re.compile(rb"\+([A-Za-z0-9+/]{3,})-")
_SEVEN_BITS = (
    (re.compile(rb"\x1b\$[@AB]|\x1b\([IJ]"), "ISO-2022-JP"),
    (re.compile(rb"\x1b\$\)C"), "ISO-2022-KR"),
    (re.compile(rb"~\{(?:[!-w][!-~])+~\}"), "HZ-GB-2312"),
)
# what the detector calls an encoding, and what people know it by
_KNOWN_AS = {
    "cp932": "Shift-JIS", "shift_jis": "Shift-JIS", "gb18030": "GB18030 (GBK)", "gb2312": "GB18030 (GBK)",
    "gbk": "GB18030 (GBK)", "big5": "Big5", "big5hkscs": "Big5", "cp949": "EUC-KR", "euc-kr": "EUC-KR",
    "iso-8859-1": "Windows-1252", "iso8859-15": "ISO-8859-15",
}  # fmt: skip
_FAMILIES = {
    "cp932": {"Shift-JIS"}, "gb18030": {"GB18030 (GBK)"}, "big5": {"Big5"}, "cp1251": {"Windows-1251"},
}  # fmt: skip
# of fewer letters nobody can say what they are
MIN_LETTERS = 8


@dataclass(frozen=True)
class _Script:
    """How texts of a script look: its letters, and the frequent ones of which they mostly consist.

    Where `is_mixed` words may have ASCII letters too, as iPhone手机壳, but most of its own stand together.
    """

    letters: re.Pattern[str]
    frequent: Callable[[str], bool]
    share: float = 0.45
    is_mixed: bool = False

    def is_of(self, words: list[str]) -> bool:
        """Whether words that are not plain ASCII are of the script, and enough of them to tell."""
        text = "".join(words)
        others = sum(character > "\x7f" for character in text)
        letters = self.letters.findall(text.lower())
        if len(letters) < MIN_LETTERS or len(letters) < (1 - MAX_FOREIGN_SHARE) * others:
            return False
        if sum(map(self.frequent, letters)) < self.share * len(letters):
            return False
        if self.is_mixed:
            beside = sum(map(len, re.findall(f"{self.letters.pattern}{{2,}}", text.lower())))
            return beside * 2 >= len(letters)
        strange = sum(any(map(self._is_strange, _RUN.findall(word))) for word in words)
        return strange <= MAX_FOREIGN_SHARE * len(words)

    def _is_strange(self, run: str) -> bool:
        """Whether letters are of two scripts, or capitals stand behind small ones."""
        is_one = len(self.letters.findall(run.lower())) == len(run)
        return not run.isascii() and not (is_one and (run[1:] == run[1:].lower() or run == run.upper()))


_RUN = re.compile(r"[^\W\d_]+")


_CYRILLIC = _Script(re.compile("[\u0400-\u04ff]"), frozenset("оеаинтсрвлі").__contains__)
_GREEK = _Script(re.compile("[\u0384-\u03ce]"), frozenset("αοιετσςνρκάόίέή").__contains__)
_HEBREW = _Script(re.compile("[\u05d0-\u05ea]"), frozenset("יוהלארתמבש").__contains__)
_ARABIC = _Script(re.compile("[\u0621-\u064a]"), frozenset("اليمونرتبة").__contains__)
# marks of a vowel or a tone are no letters to Python: words are not looked at
_THAI = _Script(re.compile("[\u0e01-\u0e4d]"), frozenset("านรอกเงมยลดต่้วสีั").__contains__, is_mixed=True)
_JAPANESE = _Script(
    re.compile("[\u3001-\u30ff\u4e00-\u9fff]"), lambda letter: letter < "\u3100", 0.3, is_mixed=True
)
_KOREAN = _Script(re.compile("[\uac00-\ud7a3]"), lambda _: True, is_mixed=True)
# by the rows in which the encodings have the frequent ideographs; in Big5's first two the kana of GBK stand
_SIMPLIFIED = _Script(
    re.compile("[\u4e00-\u9fff]"), lambda letter: 0xB0 <= _lead(letter, "gb18030") <= 0xD7, 0.9, is_mixed=True
)
_TRADITIONAL = _Script(
    re.compile("[\u4e00-\u9fff]"), lambda letter: 0xA6 <= _lead(letter, "big5") <= 0xC6, is_mixed=True
)
# what a refusal may call an encoding: by the detector's name, how it is read, and what must stand there then.
# Latin ones with other accents than those of the West have no names here: nothing tells them apart.
_NAMED: dict[str, tuple[str, _Script]] = {
    "Windows-1251": ("cp1251", _CYRILLIC), "KOI8-R": ("koi8-r", _CYRILLIC), "IBM866": ("cp866", _CYRILLIC),
    "ISO-8859-5": ("iso8859-5", _CYRILLIC), "MacCyrillic": ("mac-cyrillic", _CYRILLIC),
    "Windows-1253": ("cp1253", _GREEK), "ISO-8859-7": ("iso8859-7", _GREEK),
    "Windows-1255": ("cp1255", _HEBREW), "ISO-8859-8": ("iso8859-8", _HEBREW),
    "Windows-1256": ("cp1256", _ARABIC), "ISO-8859-6": ("iso8859-6", _ARABIC), "CP874": ("cp874", _THAI),
    "Shift-JIS": ("cp932", _JAPANESE), "EUC-JP": ("euc-jp", _JAPANESE), "EUC-KR": ("cp949", _KOREAN),
    "GB18030 (GBK)": ("gb18030", _SIMPLIFIED), "Big5": ("big5", _TRADITIONAL),
}  # fmt: skip

# the small letters of KOI8-R are Greek capitals in the same order of bytes: what makes words of both is open
_RIVALS = {
    "KOI8-R": ("Windows-1253",), "Windows-1253": ("KOI8-R",), "ISO-8859-7": ("KOI8-R",),
}  # fmt: skip


@dataclass
class Evidence:
    """The words of a file that are not plain ASCII, weighed as UTF-8. `lines` counts all lines read."""

    lines: int = 0
    broken_lines: int = 0
    words: dict[bytes, None] = field(default_factory=dict)
    # how often each was met, from a word's first byte that is not ASCII
    endings: dict[bytes, int] = field(default_factory=dict, repr=False)
    # some of the lines in which they stand: what a language is shows in its plain words too
    sample: bytearray = field(default_factory=bytearray, repr=False)
    proper: int = 0
    broken: int = 0
    # proper UTF-8 that no text of a shop has, as the bytes of another encoding may be by chance; of these the
    # ones that are a word in Windows-1252 (NESCAFÉ®)
    odd: int = 0
    western: int = 0

    def add(self, chunk: bytes) -> None:
        """Weigh whole lines."""
        self.lines += chunk.count(b"\n")
        if chunk.isascii():
            return
        if not _decodes(chunk):
            self.broken_lines += sum(not _decodes(line) for line in chunk.split(b"\n"))
        if len(self.sample) < SAMPLE_BYTES:
            for line in chunk[:HEAD_BYTES].splitlines():
                if not line.isascii() and len(self.sample) < SAMPLE_BYTES:
                    self.sample += line[:1000] + b"\n"
        for word in self._words(chunk):
            if len(word) <= 400 and word not in self.words:
                self.words[word] = None
                self._weigh(word)
            if len(self.words) >= MAX_WORDS:
                return

    def _words(self, chunk: bytes) -> Iterator[bytes]:
        """The words that are not plain ASCII, but those of an ending that has been met often."""
        places = np.flatnonzero(np.frombuffer(chunk, np.int8) < 0)
        end = 0
        for place in places[np.diff(places, prepend=-2) > 1].tolist():
            # within a word that was met; what follows would be matched to its end again and again
            if place < end or (rest := _ENDING.match(chunk, place)) is None:
                continue
            ending, end = rest[0], rest.end()
            seen = self.endings.get(ending, 0)
            if seen >= MAX_SAME_ENDINGS:
                continue
            self.endings[ending] = seen + 1
            start = place
            while start and chunk[start - 1] not in _SEPARATORS:
                start -= 1
            yield chunk[start:end]

    def _weigh(self, word: bytes) -> None:
        try:
            text = word.decode()
        except UnicodeDecodeError:
            self.broken += 1
            return
        if _SELDOM.search(text) or _GLUED.search(text) or _SMALL.search(text):
            self.odd += 1
            western = word.decode("cp1252", "surrogateescape")
            self.western += bool(_BEFORE_SIGN.search(western) and is_western_word(western))
        else:
            self.proper += 1

    @property
    def is_utf8(self) -> bool:
        """Whether the file as a whole is UTF-8; a word that is not is a bad record's."""
        # alone they are what they are, unless they make a word as something else
        odd = self.odd if self.broken else self.western
        return self.proper >= self.broken + odd

    @property
    def is_another(self) -> bool:
        """Whether the file as a whole is in another encoding, and more than some of its lines."""
        if self.is_utf8:
            return False
        # one bad line is a bad record, unless it is the only one
        limit = min(max(1, MAX_BROKEN_LINES * self.lines), self.lines / 2 - 0.5)
        return bool(self.odd) or self.broken_lines > limit

    @cached_property
    def looks_like(self) -> str | None:
        """What to call the encoding in a sentence; None where that is open: where the detector's answer
        makes no words of them.
        """
        if self.fits("cp1252"):
            texts = [word.decode("cp1252", "surrogateescape") for word in self.words]
            open_ones = sum(is_western_word(text) is None for text in texts)
            return "Windows-1252" if open_ones <= MAX_FOREIGN_SHARE * len(texts) else None
        name = self.detected
        # a few of the frequent ideographs of simplified Chinese the detector takes for old codes of DOS
        is_seldom = name is None or name.lower().startswith(("ibm", "cp", "mac", "koi", "iso", "windows"))
        if is_seldom and all(_IDEOGRAPHS.fullmatch(word) for word in self.words):
            name = _KNOWN_AS["gb18030"]
        codec, script = _NAMED.get(name or "", ("", None))
        if script is None:
            return None
        if not self._is_of(codec, script):
            return None
        rivals = (_NAMED[rival] for rival in _RIVALS.get(name or "", ()))
        return None if any(self._is_of(*rival) for rival in rivals) else name

    def _is_of(self, codec: str, script: _Script) -> bool:
        return script.is_of([word.decode(codec, "replace") for word in self.words])

    @cached_property
    def detected(self) -> str | None:
        """What a detector finds in some lines, by a name that people know; None for no opinion."""
        import chardet

        found = chardet.detect(bytes(self.sample))["encoding"]
        if not found or found.lower() in ("utf-8", "ascii", "utf-16", "utf-32", "utf-7"):
            return None
        return _KNOWN_AS.get(found.lower(), found)

    def fits(self, encoding: str) -> bool:
        """Whether the words, read in a legacy encoding, are words."""
        if encoding in ("cp1252", "iso-8859-1"):
            return self._is_western(encoding)
        if self.detected not in _FAMILIES[encoding]:
            return False
        sound = sum(_decodes(word, encoding) for word in self.words)
        return sound >= (1 - MAX_FOREIGN_SHARE) * len(self.words)

    def _is_western(self, encoding: str) -> bool:
        texts = [word.decode(encoding, "surrogateescape") for word in self.words]
        good = [text for text in texts if is_western_word(text)]
        bad = sum(is_western_word(text) is False for text in texts)
        if not good or bad > MAX_FOREIGN_SHARE * (len(good) + bad) or any(map(_LATIN_9.search, texts)):
            return False
        # in DOS and on old Macs no accented letter of Windows-1252 is one
        if any(map(_DOS_SIGN.search, texts)) and not any(map(_ACCENTED.search, good)):
            return False
        open_ones = sum(is_open_word(text) for text in texts)
        telling = sum(bool(_SHARED.intersection(text.lower())) for text in good if not is_open_word(text))
        return open_ones <= telling


def weigh(chunks: Iterable[bytes]) -> Evidence:
    """Weigh the words of a file without a mark, given its bytes from the beginning."""
    evidence = Evidence()
    for lines in _whole_lines(chunks):
        evidence.add(lines)
        if len(evidence.words) >= MAX_WORDS:
            break
    return evidence


def seven_bit_encoding(head: bytes) -> str | None:
    """The name of an encoding that hides other letters behind ASCII, or None.

    UTF-7 is told by a letter that is coded within a word, in capitals and small letters as no article number
    is.
    """
    for pattern, name in _SEVEN_BITS:
        if pattern.search(head):
            return name
    for found in _SHIFTED.finditer(head):
        coded = found[1].decode()
        if coded.upper() == coded or coded.lower() == coded:
            continue
        raw = base64.b64decode(coded + "=" * (-len(coded) % 4))
        text = raw[: len(raw) // 2 * 2].decode("utf-16-be", "replace")
        if text and all(letter.isalpha() and letter > "\x7f" and letter != "\ufffd" for letter in text):
            return "UTF-7"
    return None


def is_western_word(text: str) -> bool | None:
    """Whether a word with other than ASCII characters may stand in a text of Western Europe; None where that
    is open.
    """
    is_open = False
    for found in _LETTERS.finditer(text):
        if not _is_spelled(found[0]):
            return False
    for position, character in enumerate(text):
        if character <= "\x7f" or _LETTERS.match(character):
            continue
        before, behind = _letter(text, position - 1), _letter(text, position + 1)
        if before and ((character == "—" and not behind) or (character == "\u00a0" and behind)):
            is_open = True
        elif not _may_stand(character, text, position, before, behind):
            return False
    return None if is_open else True


def is_open_word(text: str) -> bool:
    """Whether an accented letter may as well be the one that a neighbour of Windows-1252 has in its place."""
    lower = text.lower()
    if _NORDIC.search(lower) and (not _ICELANDIC.search(lower) or _NOT_ICELANDIC.search(lower)):
        return True
    return _OPEN.search(lower) is not None


def _is_spelled(word: str) -> bool:
    if word.isascii():
        return True
    if not re.search("[A-Za-z]", word):
        return word.lower() in _ALONE
    lower = f"#{word.lower()}#"
    for position in range(1, len(lower) - 1):
        letter = lower[position]
        if letter <= "\x7f":
            continue
        before, behind = _NEIGHBOURS[letter]
        if lower[position - 1] not in before or lower[position + 1] not in behind:
            return False
        if position > 1 and word[position - 1].isupper() and word[position - 2].islower():
            return False
    return True


def _lead(letter: str, encoding: str) -> int:
    return letter.encode(encoding)[0]


def _letter(text: str, position: int) -> str:
    """The letter at a position, or nothing."""
    found = text[position : position + 1] if position >= 0 else ""
    return found if _LETTERS.fullmatch(found) else ""


def _may_stand(sign: str, text: str, position: int, before: str, behind: str) -> bool:
    """Whether a sign may stand where it stands, by the letters beside it."""
    head = re.search("[A-Za-zÀ-ÿŒœŠšŽžŸ]*$", text[:position])
    word = head[0] if head else ""
    if sign in _APOSTROPHES:
        if not before or not behind:
            return sign == "’" or bool(before)
        follows = _LETTERS.match(text, position + 1)
        return bool(_ELIDED.fullmatch(word) or (follows and _BEHIND_APOSTROPHE.fullmatch(follows[0])))
    if sign in "–—":
        follows = _LETTERS.match(text, position + 1)
        return not (before and behind) or (len(word) > 2 and follows is not None and len(follows[0]) > 2)
    if sign in "®™©…”»›“’":
        return not behind or not before
    if sign in "«‘„‚‹":
        return not before or (sign in "«‘" and not behind)
    if sign in "²³":
        return not behind and (not before or word in ("m", "cm", "mm", "km", "dm", "ft", "M", "dtex", "kg"))
    if sign in "ºª":
        return not behind and len(word) <= 1
    if sign == "°":
        return (not before or before in "Nn") and (not behind or behind in "CFKNSWOE")
    if sign == "µ":
        return not before and _UNIT.match(text, position + 1) is not None
    if sign == "·":
        return bool(before) == bool(behind) and (not before or before.lower() == behind.lower() == "l")
    if sign in "¡¿":
        return not before
    if sign == "ƒ":
        return not before and text[position + 1 : position + 2] in ("/", "1", "2", "4", "5", "8")
    if sign in "\u00a0\u00ad":
        return True
    return sign in "€£¥¢§¶±×÷°¼½¾¹•‰†‡¦" and not before and not behind


def _decodes(data: bytes, encoding: str = "utf-8") -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _whole_lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    rest = b""
    for chunk in chunks:
        end = max(chunk.rfind(b"\n"), chunk.rfind(b"\r")) + 1
        if not end:
            # a line as long as a chunk is none, and is refused where it is read
            rest = b""
            continue
        yield rest + chunk[:end]
        rest = chunk[end:]
    if rest:
        yield rest
