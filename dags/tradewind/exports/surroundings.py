"""What platforms and spreadsheets write around a table: the days it covers, that it is empty, its delimiter,
its sums.
"""

from __future__ import annotations

import re
from datetime import date

from tradewind.exports.headers import normalise

# a longer line is no remark
MAX_REMARK = 200
_SEPARATOR = re.compile(r'"?sep=(.)"?', re.IGNORECASE)

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january januar janvier enero ene gennaio gen janeiro januari",
            "feb february februar février fév févr febrero febbraio fevereiro fev februari",
            "mar march märz mär mrz mars marzo março maart mrt",
            "apr april avril avr abril abr aprile",
            "may mai mayo maggio mag maio mei maj",
            "jun june juni juin junio giugno giu junho",
            "jul july juli juillet juil julio luglio lug julho",
            "aug august août aout agosto ago augustus augusti",
            "sep sept september septembre septiembre settembre set setembro",
            "oct october oktober okt octobre octubre ottobre ott outubro out",
            "nov november novembre noviembre novembro",
            "dec december dezember dez décembre déc diciembre dic dicembre dezembro",
        ),
        1,
    )
    for name in names.split()
}
_MONTH = f"(?:{'|'.join(sorted(_MONTHS, key=len, reverse=True))})\\.?"
_ORDINAL = r"(?:st|nd|rd|th|er|\.|º)?"
_DATE = (
    r"[0-9]{4}(?P<mark>[-/.])[0-9]{1,2}(?P=mark)[0-9]{1,2}"
    "|[0-9]{4}[年년] ?[0-9]{1,2}[月월] ?[0-9]{1,2}[日일]?"
    r"|[0-9]{1,2}(?P<sep>[-/.])[0-9]{1,2}(?P=sep)[0-9]{4}"
    "|20[0-9]{2}[01][0-9][0-3][0-9]"
    f"|[0-9]{{1,2}}{_ORDINAL}(?: de | |-){_MONTH}(?:(?: de |,? |-)[0-9]{{4}})?"
    f"|{_MONTH} [0-9]{{1,2}}{_ORDINAL}(?:,? [0-9]{{4}})?"
)
_TIME = r"(?:[T ,]{1,2}[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?(?: ?[AP]M)?(?: ?Z)?)?"
_JOINED = (
    r" ?(?:[-–—~～/→]|\b(?:to|until|till|through|thru|and|bis|und|au|et|al|a|e|y|à|até|tot|t/m)\b"
    r"|[至到]|から) ?"
)
_LAST_DATE = re.sub("(mark|sep)(?=[>)])", r"last_\1", _DATE)
_ZONE = r"(?: ?[(\[]?(?:UTC|GMT|[A-Z]{3,4})?(?: ?[-+][0-9]{1,2}(?::?[0-9]{2})?)?[)\]]?)?"
_PERIOD = re.compile(
    r"(?P<label>[^0-9]{0,40}?)"
    + rf"(?P<start>{_DATE}){_TIME}[\])]?"
    + rf"(?:{_JOINED}[\[(]?(?P<end>{_LAST_DATE}){_TIME})?"
    + _ZONE
    + r"[\s)\].:;。]*",
    re.IGNORECASE,
)
_PERIOD_WORDS = re.compile(
    r"period|range|zeitraum|période|periodo|período|plage|rango|intervall|periode|期间|期間|范围|範圍|周期|時間",
    re.IGNORECASE,
)
_NUMERIC = re.compile(r"([0-9]+)\D+([0-9]+)\D+([0-9]+)\D*")
_NAMED = re.compile(r"([0-9]+)|([^\W\d_]+)")

_THINGS = {
    "data|results?|records?|rows?|orders?|transactions?|activit(?:y|ies)|entries|sales|items?|campaigns?|matches|"
    "statistics|products?|payouts?|sessions|listings?": (
        r"(?:sorry,? )?(?:(?:for|in|during|within) th[a-z]+ .{{1,40}} )?"
        r"(?:there (?:is|are|was|were) )?(?:currently )?(?:no|zero|0) (?:\w+ ){{0,2}}(?:{0})"
        r"(?: (?:is|are|was|were|to|found|available|match\w*|for|in|has|have|exist\w*|returned|recorded|yet"
        r"|during|within|on|with|meet\w*|fit\w*|that|at)\b.*)?",
        r"nothing (?:to (?:show|display|report)|found|here)\b.*",
        r"(?:your|this|the) (?:search|report|query|selection|file|export) (?:returned|contains?|has|is)"
        r" (?:no|zero|0|empty)\b.*",
        r"(?:your|this|the) (?:search|report|query|selection|file|export) is empty\b.*",
        r"we (?:couldn['’]t|could not|didn['’]t|did not) find any\b.*",
        r"(?:{0}) (?:is |are )?not (?:available|found)\b.*",
    ),
    "daten|ergebnisse|einträge|bestellungen|datensätze|transaktionen|aktivitäten|treffer|zeilen|umsätze|"
    "kampagnen": (r"(?:(?:es|zurzeit|derzeit|leider|für|im|in) .{{0,60}})?keine (?:\w+ )?(?:{0})\b.*",),
    "données?|résultats?|commandes?|transactions?|enregistrements?|lignes?|activités?|entrées?|ventes?": (
        r"(?:il n['’]y a )?(?:aucune?|pas de|pas d['’]) ?(?:{0})\b.*",
    ),
    "datos?|resultados?|pedidos?|registros?|transacciones|actividad|filas|ventas": (
        r"(?:no (?:hay|existen|se (?:han )?encontr\w+)|sin|ning[uú]n\w*) (?:{0})\b.*",
    ),
    "dat[oi]|risultat[oi]|ordin[ei]|record|transazion[ei]|attività|righe|vendit[ae]": (
        r"(?:non (?:ci sono|sono presenti|è presente|sono disponibili|è stato trovato)|nessun[ao]?['’]?) ?"
        r"(?:{0})\b.*",
    ),
    "dados?|resultados?|pedidos?|registros?|registos?|transaç\\w+|linhas|vendas": (
        r"(?:não (?:há|existem|foram encontrad\w+)|nenhum\w*|sem) (?:{0})\b.*",
    ),
    "gegevens|resultaten|bestellingen|records|transacties|rijen|activiteit": (
        r"(?:er zijn )?geen (?:{0})\b.*",
    ),
    "data|resultat|resultater|beställningar|ordrar|ordrer|poster|transaktioner|träffar|rader": (
        r"(?:det finns |der er |det er )?(?:inga|ingen) (?:{0})\b.*",
    ),
    "": (
        r"ei (?:tietoja|tuloksia|tilauksia|tapahtumia)\b.*",
        r"brak (?:\w+ )?(?:danych|wyników|zamówień|rekordów|transakcji)\b.*",
        r"žádn\w+ (?:data|výsledky|objednávky|záznamy)\b.*",
        r"(?:nincs|nincsenek) (?:adat|adatok|találat|rendelés)\w*\b.*",
        r"nu există (?:date|rezultate|comenzi)\b.*",
        r"(?:hiç )?(?:veri|sonuç|sipariş|kayıt|işlem) (?:yok|bulunamadı|bulunmuyor|bulunmamaktadır)\b.*",
        r"(?:нет|немає) (?:данных|даних|результатов|заказов|записей)\b.*",
        r"(?:данные|заказы|записи|ничего)(?: не найден\w+| отсутств\w+)\b.*",
        r"δεν (?:υπάρχουν|βρέθηκαν) .*",
        r"tidak ada (?:data|hasil|pesanan|transaksi)\b.*",
        r"tiada (?:data|hasil|rekod)\b.*",
        r"(?:không|chưa) có (?:dữ liệu|kết quả|đơn hàng)\b.*",
        r"ไม่(?:มี|พบ)(?:ข้อมูล|คำสั่งซื้อ|ผลลัพธ์).*",
        r"(?:该|此|当前|所选|所選|這).{{0,12}}(?:没有|沒有|无|無)(?:.{{0,8}})(?:数据|數據|资料|資料|记录|記錄|结果|結果|订单|訂單|交易).*",
        r"(?:暂时?|暫時?|查|目前)?(?:没有?|沒有?|无|無|未)(?:有|找到|查询到|查詢到|查到|相关|相關|可用|符合.{{0,10}})?的?"
        r"(?:数据|數據|资料|資料|记录|記錄|结果|結果|订单|訂單|交易).*",
        r".{{0,20}}(?:データ|結果|注文|レコード|取引)(?:が|は)?(?:ありません|見つかりません|存在しません|なし).*",
        r".{{0,20}}(?:데이터|결과|주문|기록)(?:가|이)? ?(?:없습니다|없음).*",
        r"لا (?:توجد|يوجد) (?:بيانات|نتائج|طلبات).*",
        r"(?:אין|לא נמצאו) (?:נתונים|תוצאות|הזמנות).*",
        r"कोई (?:डेटा|परिणाम|ऑर्डर) .*",
    ),
}
_NOTHING = re.compile(
    "|".join(f"(?:{form.format(things)})" for things, forms in _THINGS.items() for form in forms)
)
# what a cell of a row of sums says
TOTAL = (
    r"(?:grand |sub ?|report |overall )?totals?(?: ?[:(–-].*)?"
    r"|(?:total|totale|totaal|suma|summe|soma|somma|totaux)"
    r" (?:general|général|géneral|généraux|geral|generale|generaal|account|total|gesamt)"
    r"|account total|sum|summary|overall"
    r"|(?:gesamt|gesamtsumme|gesamtergebnis|summe|insgesamt|ergebnis|totale|totales|totais|totaal|totalt"
    r"|i alt|summa|somme|soma|somma|totali|итог|yhteensä|razem|suma|ogółem|celkem|összesen|итого|всего"
    r"|toplam|genel toplam|tổng|รวม|合计|合計|总计|總計|总和|總和|总共|總共"
    r"|累计|累計|共计|共計|小计|小計|汇总|総計"
    r"|共 ?[0-9,]{1,12} ?[条條行笔筆項项個个](?:结果|結果|记录|記錄|数据|資料)?"
    r"|합계|총계|소계|المجموع|סה\"כ)(?: ?[:(].*)?"
    r"|results? (?:from|of|for) [0-9,.]+ .*|ergebnisse (?:von|aus) [0-9.]+ .*"
)
_TOTAL = re.compile(TOTAL)


def separator_of(line: str) -> str | None:
    """The delimiter that a first line `sep=;` declares."""
    found = _SEPARATOR.fullmatch(line.strip(" \ufeff"))
    return found[1] if found else None


def says_nothing(text: str) -> bool:
    """Whether a text is the sentence with which a platform says that a report has no rows."""
    if len(text) > MAX_REMARK:
        return False
    return _NOTHING.fullmatch(normalise(text).strip(" .!。！-–—*()[]")) is not None


def is_total(text: str) -> bool:
    """Whether a cell names a row of sums."""
    return len(text) <= MAX_REMARK and _TOTAL.fullmatch(normalise(text)) is not None


def is_remark_on_days(line: str) -> bool:
    """Whether a line says nothing but days, with a word or two before them."""
    return len(line) <= MAX_REMARK and _PERIOD.fullmatch(line.strip()) is not None


def is_range_of_days(text: str) -> bool:
    """Whether a cell says a first and a last day, and nothing else."""
    found = _PERIOD.fullmatch(text.strip()) if len(text) <= MAX_REMARK else None
    return found is not None and found["end"] is not None


def days_of(line: str) -> tuple[date, date] | None:
    """The first and the last day that such a line states; None where it states none, or could mean others.

    One day alone is a period where the line is nothing else or calls it one: it may be the day of printing.
    """
    found = _PERIOD.fullmatch(line.strip()) if len(line) <= MAX_REMARK else None
    if found is None:
        return None
    if not found["end"] and found["label"].strip(" :：") and not _PERIOD_WORDS.search(found["label"]):
        return None
    ends = _readings(found["end"] or found["start"], None)
    periods = {
        (start, end)
        for way, end in ends
        for other, start in _readings(found["start"], end)
        if way == other and start <= end
    }
    return periods.pop() if len(periods) == 1 else None


def _readings(text: str, until: date | None) -> list[tuple[str, date]]:
    """What a date may mean, by the way of reading; a day without a year is of the year before `until`."""
    if re.fullmatch("[0-9]{8}", text):
        text = f"{text[:4]}-{text[4:6]}-{text[6:]}"
    if found := _NUMERIC.fullmatch(text):
        first, second, third = map(int, found.groups())
        if len(found[1]) == 4:
            ways = [("plain", first, second, third)]
        elif "." in text:
            ways = [("plain", third, second, first)]
        else:
            ways = [("day first", third, second, first), ("month first", third, first, second)]
        return [(way, day) for way, *parts in ways if (day := _day(*parts))]
    parts = [(number, word.casefold()) for number, word in _NAMED.findall(text)]
    numbers = [int(number) for number, _ in parts if number]
    month = next((_MONTHS[word] for _, word in parts if word in _MONTHS), 0)
    if len(numbers) == 2:
        day = _day(numbers[1], month, numbers[0])
    elif until is not None:
        day = _day(until.year, month, numbers[0])
        if day and day > until:
            day = _day(until.year - 1, month, numbers[0])
    else:
        day = None
    return [("plain", day)] if day else []


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
