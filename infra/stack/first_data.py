"""What landing gets at a start: the ECB's exchange rates and, where it is empty, the demo company."""

from __future__ import annotations

from infra.demo import write_demo
from tradewind.reference.ecb_rates import write_ecb_rates
from tradewind.settings import Settings


def ensure(settings: Settings) -> None:
    """Write the exchange rates, and the demo company where landing holds no file at all."""
    landing = settings.landing
    landing.mkdir(parents=True, exist_ok=True)
    is_empty = not any(path.is_file() and not path.name.startswith(".") for path in landing.rglob("*"))
    rates = landing / "reference" / "ecb_exchange_rates.csv"
    if not rates.exists():
        write_ecb_rates(rates)
    if is_empty:
        write_demo(landing)
