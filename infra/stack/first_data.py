"""What landing gets at a start: the ECB's exchange rates and, where it is empty, the demo company."""

from __future__ import annotations

from infra.demo import write_demo
from tradewind.reference.ecb_rates import write_ecb_rates
from tradewind.settings import Settings


def write(settings: Settings, *, with_demo: bool) -> None:
    """Write the exchange rates, and with `with_demo` the demo company where landing holds no file at all
    and is filled from no other place.

    Rates that landing has already are written again as they are, until the package brings newer ones.
    """
    landing = settings.landing
    landing.mkdir(parents=True, exist_ok=True)
    is_empty = not any(path.is_file() and not path.name.startswith(".") for path in landing.rglob("*"))
    write_ecb_rates(landing / "reference" / "ecb_exchange_rates.csv")
    if with_demo and is_empty and not settings.place_url:
        write_demo(landing)
