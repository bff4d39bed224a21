"""Which encoding an unmarked file is in: read exactly, or refused by name; never read as what it is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dags.exports.test_spreadsheet_forms import cells_of, opened
from tradewind.exports import RefusedFileError
from tradewind.exports.encodings import is_western_word, seven_bit_encoding, weigh

HEADER = (
    "amazon-order-id\tpurchase-date\tlast-updated-date\torder-status\tfulfillment-channel\tsales-channel\t"
    "product-name\tsku\tasin\titem-status\tquantity\tcurrency\titem-price\r\n"
)
MOMENT = "2026-01-02T03:04:05+00:00"


def orders(names: list[str]) -> str:
    return HEADER + "".join(
        f"123-1234567-{number:07}\t{MOMENT}\t{MOMENT}\tShipped\tAmazon\tAmazon.de\t{name}\tSKU-{number}\t"
        f"B000000001\tShipped\t1\tEUR\t9.90\r\n"
        for number, name in enumerate(names)
    )


WESTERN = {
    "de": [
        "Kaffeemühle groß",
        "Größe XL – für Küche & Bad",
        "Müller’s Öl 5 €",
        "WÜSTHOF Messer",
        "Äpfel süß",
    ],
    "fr": [
        "Crème brûlée à l’orange",
        "Hôtel Château d’Yquem",
        "Sœur & frère",
        "T-shirt été",
        "Pâte à tartiner",
    ],
    "es": ["Señor Peña", "Máquina de café", "¿Qué tal?", "Lámpara pequeña", "Camión rojo"],
    "it": ["Caffè è più buono", "Qualità superiore", "Tè perché sì", "Città di Castello", "Menù però"],
    "pt": ["São João", "Coração e pão", "Canções à noite", "Água fresca", "Relógio único"],
    "nl": ["Één stuk", "Coëfficiënt", "Café crème", "Reünie geïsoleerd", "Vóór en ná"],
    "sv": ["Smörgås på bröd", "Håkan Åberg", "Ljusblå lampa", "Räksmörgås", "Malmö möbler"],
    "da": ["Rød grød med fløde", "Blåbær og æble", "Køkken Søren", "Østers", "Håndklæde"],
    "nb": ["Rødvin på fjellet", "Bjørn Åse", "Sølv og grønn", "Blåskjell", "Kjøkkenøy"],
    "fi": ["Hämeenlinna pöytä", "Äiti ja isä", "Työtuoli", "Jyväskylä", "Sähkövalo"],
    "is": ["Guðrún Þórsdóttir", "Jón Sigurðsson", "Lýsi og ís", "Kaffibolli úr gleri", "Stór skál"],
    "ca": ["Cafè amb llet", "Col·lecció", "Pà amb oli", "Fàcil i ràpid", "Camisa d’home petició"],
    "en": ["Café table – 20 × 30 cm", "NESCAFÉ® Gold", "Women’s naïve dress", "Pokémon™ card", "5 £ voucher"],
}


@pytest.mark.parametrize("language", WESTERN)
def test_windows_1252_is_read_exactly_where_the_contract_declares_it(language: str, tmp_path: Path) -> None:
    for names in (WESTERN[language], WESTERN[language] * 20):
        export = opened(orders(names).encode("cp1252"), tmp_path, "orders.txt")
        assert export.encoding == "cp1252"
        assert [row["product_name"] for row in cells_of(export)] == names


@pytest.mark.parametrize("language", WESTERN)
def test_utf_8_stays_utf_8_in_a_report_that_may_be_windows_1252(language: str, tmp_path: Path) -> None:
    export = opened(orders(WESTERN[language]).encode(), tmp_path, "orders.txt")
    assert [row["product_name"] for row in cells_of(export)] == WESTERN[language]


def test_names_of_all_the_west_may_stand_in_one_file(tmp_path: Path) -> None:
    names = [name for language in WESTERN.values() for name in language] + ["Tõnu Põld"]
    export = opened(orders(names).encode("cp1252"), tmp_path, "orders.txt")
    assert [row["product_name"] for row in cells_of(export)] == names


RUSSIAN = ["Настольная лампа", "МОСКВА", "Привет мир", "Кофе молотый", "Чайник большой"]
GREEK = ["Λάμπα γραφείου", "ΑΘΗΝΑ", "Καφές ελληνικός", "Τραπέζι ξύλινο", "Κουτί δώρου"]
POLISH = ["Żółta łódź", "Dzień dobry Kraków", "Mężczyzna", "Święty Mikołaj", "Kawa mielona środa"]
CZECH = ["Žluťoučký kůň", "Dvořák Jiří", "Káva mletá", "Plzeň svět", "Černý čaj"]
HUNGARIAN = ["Hűtőszekrény", "Erdő fűző", "Női cipő", "Gyűrű ezüst", "Tükör őszi"]
ROMANIAN = ["Masă și scaun", "Mărime mică", "Țară frumoasă", "Cămașă roșie", "Încălțăminte"]
TURKISH = ["Kırmızı ayakkabı", "Şeker ağacı", "İstanbul ışık", "Kadın çanta", "Altın yüzük"]
BALTIC = ["Šalta žiema ąžuolas", "Latviešu valoda ķirsis", "Mėlynas namas", "Žalia arbata", "Rīgas šokolāde"]
SPANISH = ["Señor Peña", "Máquina de café", "Lámpara pequeña", "Camión rojo", "José Pérez"]
GERMAN = ["Kaffeemühle groß", "Größe XL", "Müller Öl", "WÜSTHOF Messer", "Äpfel süß"]
FRENCH = ["Crème brûlée", "Hôtel Château", "Cœur de bœuf", "Été à Nîmes", "Pâte à tartiner"]
PORTUGUESE = ["São João", "Coração e pão", "Canções", "Água fresca", "Relógio único"]
CHINESE = ["台灯大号", "苹果手机壳", "咖啡机", "儿童玩具车", "红色连衣裙"]
TRADITIONAL = ["檯燈大號", "蘋果手機殼", "咖啡機", "兒童玩具車", "紅色洋裝"]
JAPANESE = ["オーロラ テーブルランプ", "青いカップ", "日本語の本", "コーヒー豆", "東京タワー"]
KOREAN = ["책상 램프", "커피 원두", "빨간 드레스", "어린이 장난감", "서울 한국"]
GREEK_CAPITALS = ["ΛΑΜΠΑ ΓΡΑΦΕΙΟΥ", "ΚΑΦΕΣ", "ΤΡΑΠΕΖΙ ΞΥΛΙΝΟ", "ΚΟΚΚΙΝΟ ΦΟΡΕΜΑ", "ΑΘΗΝΑ"]
HEBREW = ["מנורת שולחן", "קפה טחון", "שולחן עץ", "שמלה אדומה", "ירושלים"]
ARABIC = ["مصباح مكتب", "قهوة عربية", "طاولة خشب", "فستان أحمر", "القاهرة"]
THAI = ["โคมไฟตั้งโต๊ะ", "กาแฟบด", "กรุงเทพ", "ชุดสีแดง", "ของเล่นเด็ก"]
OTHERS = {
    **dict.fromkeys(("cp1251", "koi8-r", "koi8-u", "cp866", "cp855", "iso-8859-5", "mac-cyrillic"), RUSSIAN),
    **dict.fromkeys(("cp1253", "iso-8859-7", "cp737", "cp869", "mac-greek"), GREEK),
    **dict.fromkeys(("cp1250", "iso-8859-2", "cp852", "mac-latin2"), POLISH),
    **dict.fromkeys(("cp1255", "iso-8859-8", "cp862"), HEBREW),
    **dict.fromkeys(("cp1256", "iso-8859-6", "cp720"), ARABIC),
    **dict.fromkeys(("cp874", "tis-620"), THAI),
    **dict.fromkeys(("cp437", "cp850", "cp858", "mac-roman", "hp-roman8"), SPANISH),
    **dict.fromkeys(("gbk", "gb2312", "gb18030", "hz"), CHINESE),
    **dict.fromkeys(("big5", "cp950", "big5hkscs"), TRADITIONAL),
    **dict.fromkeys(("shift_jis", "cp932", "euc-jp", "iso2022_jp", "euc_jis_2004"), JAPANESE),
    **dict.fromkeys(("euc-kr", "cp949", "johab", "iso2022_kr"), KOREAN),
    "cp1250 of Czechs": CZECH, "cp1250 of Hungarians": HUNGARIAN, "iso-8859-2 of Hungarians": HUNGARIAN,
    "iso-8859-16": ROMANIAN, "cp1254": TURKISH, "iso-8859-9": TURKISH, "cp857": TURKISH, "cp1257": BALTIC,
    "iso-8859-13": BALTIC, "cp775": BALTIC, "iso-8859-15": FRENCH, "cp863": FRENCH, "cp860": PORTUGUESE,
    "mac-roman of Germans": GERMAN, "cp850 of Germans": GERMAN, "mac-roman of French": FRENCH,
    "utf-7": GERMAN, "utf-16-le": GERMAN, "utf-32-be": GERMAN, "cp037": GERMAN, "cp500": SPANISH,
    "cp1140": FRENCH,
}  # fmt: skip


@pytest.mark.parametrize("encoding", OTHERS)
def test_an_encoding_that_nobody_declared_is_refused_and_never_read_as_another(
    encoding: str, tmp_path: Path
) -> None:
    codec = encoding.split(" of ")[0]
    for names in (OTHERS[encoding], OTHERS[encoding] * 12):
        content = orders(names).encode(codec, "ignore")
        with pytest.raises(RefusedFileError) as refused:
            opened(content, tmp_path, "orders.txt")
        assert refused.value.code == "encoding_unknown"


@pytest.mark.parametrize(
    ("encoding", "names"),
    [
        ("cp1254", ["ağaç"]), ("cp1254", ["Altın"]), ("cp1254", ["şeker", "José"]), ("iso-8859-9", ["Iğdır"]),
        ("cp1250", ["casă"]), ("cp1250", ["bič"]), ("cp1250", ["křeslo"]), ("cp1250", ["lični", "José"]),
        ("cp1250", ["stĺp"]), ("cp1250", ["ścienny"]), ("iso-8859-2", ["vŕba"]), ("cp1257", ["mažas"]),
        ("cp1257", ["ķirsis"]), ("cp1257", ["ąsotis", "café"]), ("cp850", ["città"]),
        ("mac-roman", ["città"]), ("mac-latin2", ["čaj"]),
    ],
)  # fmt: skip
def test_one_word_that_may_be_a_neighbours_is_not_read_as_western(
    encoding: str, names: list[str], tmp_path: Path
) -> None:
    with pytest.raises(RefusedFileError) as refused:
        opened(orders(names).encode(encoding), tmp_path, "orders.txt")
    assert refused.value.code == "encoding_unknown"


def test_words_of_the_west_alone_decide_for_words_that_are_open(tmp_path: Path) -> None:
    names = ["manhã", "Lýsi", "São João", "Guðrún", "coração"]
    export = opened(orders(names).encode("cp1252"), tmp_path, "orders.txt")
    assert [row["product_name"] for row in cells_of(export)] == names


def test_a_name_cut_off_by_an_ellipsis_stays_beside_other_words_of_the_west(tmp_path: Path) -> None:
    names = ["Lampe de bur…", "Küche", "“Best” cup"]
    export = opened(orders(names).encode("cp1252"), tmp_path, "orders.txt")
    assert [row["product_name"] for row in cells_of(export)] == names


@pytest.mark.parametrize(
    ("encoding", "names", "known_as"),
    [
        ("cp1251", RUSSIAN, "Windows-1251"),
        ("gb18030", CHINESE, "GB18030 (GBK)"),
        ("gb18030", CHINESE[:2], "GB18030 (GBK)"),
        ("gb18030", ["iPhone手机壳", "USB数据线", "LED台灯"], "GB18030 (GBK)"),
        ("cp932", JAPANESE, "Shift-JIS"),
        ("big5", TRADITIONAL, "Big5"),
        ("euc-kr", KOREAN, "EUC-KR"),
        ("koi8-r", RUSSIAN, "KOI8-R"),
        ("cp866", RUSSIAN, "IBM866"),
        ("cp1253", GREEK, "Windows-1253"),
        ("cp1255", HEBREW, "Windows-1255"),
        ("cp1256", ARABIC, "Windows-1256"),
        ("cp874", THAI, "CP874"),
        ("cp1252", ["Café A", "Café B"], "Windows-1252"),
        ("utf-7", GERMAN, "UTF-7"),
        ("utf-16-be", GERMAN, "UTF-16"),
    ],
)
def test_a_refusal_names_the_encoding_that_a_file_looks_like(
    encoding: str, names: list[str], known_as: str, tmp_path: Path
) -> None:
    sales = "Day,Online store visitors,Sessions,Remark\n" + "".join(
        f"2026-05-01,1,2,{name}\n" for name in names
    )
    with pytest.raises(RefusedFileError) as refused:
        opened(sales.encode(encoding), tmp_path)
    assert (refused.value.code, refused.value.parameters["looks_like"]) == ("encoding_unknown", known_as)


@pytest.mark.parametrize(
    ("encoding", "names"),
    [
        # a word or two, which are words of several encodings
        ("shift_jis", ["ランプ"]), ("gb18030", ["台灯"]), ("big5", ["檯燈"]), ("euc-kr", ["램프"]),
        ("koi8-r", ["кофе"]), ("cp1251", ["дом"]),
        # Latin with other accents, which nothing tells apart
        ("cp1250", ["Kůň žluťoučký úpěl"]), ("cp1250", POLISH), ("iso-8859-2", HUNGARIAN), ("cp852", CZECH),
        ("cp1254", TURKISH), ("cp1257", BALTIC), ("iso-8859-15", ["Œuvre à 5 €"]), ("iso-8859-15", FRENCH),
        ("mac-roman", ["Café Müller crème"]), ("cp437", ["Café Müller"]), ("cp850", GERMAN),
        ("cp1257", ["RØD GRØD"]),
        # capitals of Greek are small letters of KOI8-R
        ("cp1253", GREEK_CAPITALS),
        # another script than the detector says
        ("gbk", JAPANESE), ("johab", KOREAN), ("gbk", RUSSIAN), ("cp775", BALTIC), ("mac-greek", ["Καφές"]),
    ],
)  # fmt: skip
def test_a_refusal_names_no_encoding_where_the_words_do_not_show_it(encoding: str, names: list[str]) -> None:
    content = "".join(f"2026-05-01,1,2,{name}\n" for name in names).encode(encoding, "ignore")
    assert weigh([content]).looks_like is None


@pytest.mark.parametrize("sign", ["NESCAFÉ®", "ROSÉ™ Wine", "CAFÉ’ x", "José’s bag", "CRÈME CAFÉ®"])
@pytest.mark.parametrize("others", [[], ["Müller Kaffee Größe"], ["Coffee"] * 50])
def test_bytes_that_are_utf_8_by_chance_do_not_make_a_file_of_it(
    sign: str, others: list[str], tmp_path: Path
) -> None:
    names = [*others, sign]
    export = opened(orders(names).encode("cp1252"), tmp_path, "orders.txt")
    assert [row["product_name"] for row in cells_of(export)] == names


def test_one_word_in_another_encoding_is_set_aside_among_utf_8(tmp_path: Path) -> None:
    content = orders(GERMAN).encode() + orders(["Größe"]).encode("cp1252")[len(HEADER) :]
    export = opened(content, tmp_path, "orders.txt")
    bad = [bad for block in export.blocks(export.rows(str), 1) for bad in block.bad]
    assert (export.encoding, [(item.row_number, item.fault.code) for item in bad]) == (
        "utf-8",
        [(6, "invalid_encoding")],
    )


COSTS = b"store_id,sku,unit_cost,currency,valid_from\n"


@pytest.mark.parametrize("place", [0, 1, 5_000, 30_000, 59_999])
@pytest.mark.parametrize("raw", [b"caf\xe9", b"\xff", b"a\xe2\x82", b"\xc3"])
def test_a_bad_byte_in_any_record_of_a_large_file_costs_that_record_alone(
    place: int, raw: bytes, tmp_path: Path
) -> None:
    lines = [b"s%d,SKU%d,1.00,EUR,2026-01-01\n" % (number, number) for number in range(60_000)]
    lines[place] = b"s," + raw + b",1.00,EUR,2026-01-01\n"
    export = opened(COSTS + b"".join(lines), tmp_path)
    blocks = list(export.blocks(export.rows(str), 1))
    assert sum(block.loaded for block in blocks) == 59_999
    assert [bad.row_number for block in blocks for bad in block.bad] == [place + 1]


@pytest.mark.parametrize("end", [b"\x1a", b"\r\n\x1a", b"\r\n" + b"\x1a" * 300, b"\r\n\x1a\r\n", b"\n\x1a\n"])
def test_the_mark_with_which_dos_ends_a_text_is_no_record(end: bytes, tmp_path: Path) -> None:
    export = opened(COSTS + b"s,SKU,1.00,EUR,2026-01-01\ns,SKU2,1.00,EUR,2026-01-01" + end, tmp_path)
    blocks = list(export.blocks(export.rows(str), 1))
    assert (sum(block.loaded for block in blocks), [block.bad for block in blocks if block.bad]) == (2, [])


@pytest.mark.parametrize("line", [b"s,SKU\x1a,1.00,EUR,2026-01-01\n", b"s,\x1a,1.00,EUR,2026-01-01\n"])
def test_the_end_mark_of_dos_elsewhere_stays_as_it_is(line: bytes, tmp_path: Path) -> None:
    export = opened(COSTS + line + b"s,SKU2,1.00,EUR,2026-01-01\n", tmp_path)
    assert [row["sku"].strip() for row in cells_of(export)] == [line.decode().split(",")[1], "SKU2"]


def test_a_character_of_utf_16_that_ends_in_the_byte_of_the_end_mark_stays(tmp_path: Path) -> None:
    text = COSTS.decode() + "s,SKU,1.00,EUR,2026-01-01\ns,Ț,1.00,EUR,2026-01-01"
    export = opened(("\ufeff" + text.replace("2026-01-01", "2026-01-01", 1)).encode("utf-16-be"), tmp_path)
    assert [row["sku"] for row in cells_of(export)] == ["SKU", "Ț"]


@pytest.mark.parametrize(
    ("encoding", "known_as"),
    [("utf-16-le", "UTF-16"), ("utf-16-be", "UTF-16"), ("utf-32-le", "UTF-32"), ("utf-32-be", "UTF-32")],
)
def test_wide_encodings_without_their_mark_are_told_apart(
    encoding: str, known_as: str, tmp_path: Path
) -> None:
    with pytest.raises(RefusedFileError) as refused:
        opened(orders(GERMAN).encode(encoding), tmp_path)
    assert refused.value.parameters == {"looks_like": known_as}


def test_half_a_character_at_the_end_of_utf_16_costs_the_last_record(tmp_path: Path) -> None:
    text = COSTS.decode() + "s,SKU,1.00,EUR,2026-01-01\ns,SKU2,1.00,EUR,2026-01-01"
    export = opened(("\ufeff" + text).encode("utf-16-le") + b"\x41", tmp_path)
    blocks = list(export.blocks(export.rows(str), 1))
    assert [bad.row_number for block in blocks for bad in block.bad] == [2]


@pytest.mark.parametrize(
    "text", ["SKU+ABC-12", "a+b-c", "+AOK-", "C+ANE-5", "+1-800", "x\x1b[31m", "~{", "1+AAA-2", "2026+0000-1"]
)
def test_what_only_resembles_a_seven_bit_encoding_is_none(text: str) -> None:
    assert seven_bit_encoding(text.encode()) is None


@pytest.mark.parametrize(
    "word", ["Häagen-Dazs", "L’Oréal", "O’Reilly", "Moët", "Škoda", "10µm", "m²", "½", "5€"]
)
def test_words_of_the_west_are_known(word: str) -> None:
    assert is_western_word(word)


@pytest.mark.parametrize(
    "word", ["ÌÎÑÊÂÀ", "Erdõ", "kýrmýzý?â", "£ódŸ", "Garc’a", "Gr”áe", "h™tel", "Ã¼ber", "µfrica"]
)
def test_words_of_other_encodings_are_none(word: str) -> None:
    assert is_western_word(word) is False


def test_the_evidence_does_not_depend_on_the_chunks() -> None:
    content = orders([name for names in WESTERN.values() for name in names]).encode()
    whole = weigh([content])
    for size in (1000, 4096, 9999):
        parts = weigh(content[start : start + size] for start in range(0, len(content), size))
        assert (parts.proper, parts.broken, parts.odd) == (whole.proper, whole.broken, whole.odd)
