"""Amounts in the reporting currency, by the rule of the numbers: rate to ten decimals, amount to six."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal, getcontext
from functools import cache

from currency_converter import CurrencyConverter, RateNotFoundError

REPORTING_CURRENCY = "USD"
OLDEST_RATE = timedelta(days=7)
RATE_DIGITS, AMOUNT_DIGITS = Decimal("1e-10"), Decimal("1e-6")

getcontext().prec = 40


@cache
def _bank() -> CurrencyConverter:
    return CurrencyConverter(decimal=True)


@cache
def rate(currency: str, day: date) -> Decimal:
    """Reporting currency for one unit of `currency`, by the last bank day on or before `day`.

    Raises:
        LookupError: the last rate is more than seven days older.
    """
    bank_day = day
    while not _is_bank_day(bank_day):
        bank_day -= timedelta(days=1)
        if day - bank_day > OLDEST_RATE:
            raise LookupError(f"no rate of {currency} within a week before {day}")
    exact = _units_per_euro(REPORTING_CURRENCY, bank_day) / _units_per_euro(currency, bank_day)
    return exact.quantize(RATE_DIGITS, ROUND_HALF_UP)


def reporting(amount: Decimal, currency: str, day: date) -> Decimal:
    """The amount of one record in the reporting currency."""
    return (amount * rate(currency, day)).quantize(AMOUNT_DIGITS, ROUND_HALF_UP)


@cache
def _is_bank_day(day: date) -> bool:
    first, last = _bank().bounds[REPORTING_CURRENCY]
    if not first <= day <= last:
        return False
    try:
        _bank().convert(1, "EUR", REPORTING_CURRENCY, date=day)
    except RateNotFoundError:
        return False
    return True


def _units_per_euro(currency: str, day: date) -> Decimal:
    return Decimal(1) if currency == "EUR" else Decimal(_bank().convert(1, "EUR", currency, date=day))
