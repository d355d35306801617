"""Consumables: what is left, for how many days, and what to order."""

from __future__ import annotations

from math import ceil
from typing import Dict, List, NamedTuple, Optional, Sequence, Tuple

from formlabs_web_api.reports.figures.material import used_ml
from formlabs_web_api.reports.runs import FleetData, numbers, texts
from formlabs_web_api.reports.statistics import MINIMUM, bootstrap, quantile
from formlabs_web_api.reports.tables import FigureTable, ValueKind, measures
from formlabs_web_api.reports.window import DAY, Micros

RECENT_WEEKS = 4
ALL_WEEKS = 13
MINIMUM_DAYS = 14
Use = Tuple[Micros, float]
"""When a print used material, and how many millilitres."""


class Forecast(NamedTuple):
    """Use of a material and what it means for the stock; None where there is not enough data."""

    prints: int
    ml_per_day: Optional[float]
    """Of the last four weeks."""
    ml_per_day_long: Optional[float]
    """Of all weeks that are known, thirteen at most."""
    days_low: Optional[float]
    days_high: Optional[float]
    """None also where a tenth of the resamples have no use at all: it may last for any time."""
    order_ml: Optional[float]


def weekly_use(uses: Sequence[Use], now: Micros, first: Optional[Micros]) -> List[float]:
    """Return the millilitres of each week that ends now or earlier, newest first.

    Only weeks that the data cover in full count, at most :data:`ALL_WEEKS`.
    """
    known = 0 if first is None else min(ALL_WEEKS, (now - first) // (7 * DAY))
    weeks = [0.0] * known
    for at, volume in uses:
        week = (now - at - 1) // (7 * DAY)
        if 0 <= week < known:
            weeks[week] += volume
    return weeks


def forecast(
    remaining_ml: float,
    uses: Sequence[Use],
    now: Micros,
    first: Optional[Micros],
    days: int,
) -> Forecast:
    """Return how long a stock lasts, from the prints that used the material.

    The range is that of the middle 80 % of resamples of whole weeks, so that weeks without a print
    count too. Nothing is forecast from fewer than five prints or fourteen days.

    Args:
        remaining_ml: What is left.
        uses: Time and millilitres of each print.
        now: The present.
        first: The time from which the prints are known.
        days: For how many days to order.
    """
    weeks = weekly_use(uses, now, first)
    recent = weeks[:RECENT_WEEKS]
    within = [use for use in uses if 0 <= now - use[0] - 1 < len(weeks) * 7 * DAY]
    if len(within) < MINIMUM or len(weeks) * 7 < MINIMUM_DAYS:
        return Forecast(len(within), None, None, None, None, None)
    rates = bootstrap(weeks, lambda sample: sum(sample) / len(sample) / 7)
    low, high = quantile(rates, 0.1), quantile(rates, 0.9)
    return Forecast(
        len(within),
        sum(recent) / len(recent) / 7,
        sum(weeks) / len(weeks) / 7,
        remaining_ml / high if high else None,
        remaining_ml / low if low else None,
        max(0.0, float(ceil(high * days - remaining_ml))),
    )


def stock_table(fleet: FleetData, days: int = 30) -> FigureTable:
    """Return what is left of each material, for how many days, and what to order."""
    table = FigureTable(
        "consumables",
        f"Resin left, days to empty, and what to order for {days} days",
        measures(
            ("material", "Material"),
            ("cartridges", "Cartridges not empty", ValueKind.COUNT),
            ("remaining_ml", "Left", ValueKind.NUMBER, "ml"),
            ("level_unknown", "Cartridges of unknown level", ValueKind.COUNT),
            ("prints", "Prints of the last weeks", ValueKind.COUNT),
            ("ml_per_day", "Use, 4 weeks", ValueKind.NUMBER, "ml/day"),
            ("ml_per_day_long", "Use, 13 weeks", ValueKind.NUMBER, "ml/day"),
            ("days_low", "Lasts from", ValueKind.NUMBER, "days"),
            ("days_high", "to", ValueKind.NUMBER, "days"),
            ("order_ml", f"Order for {days} days", ValueKind.NUMBER, "ml"),
            ("note", "Note"),
        ),
    )
    uses, first = _uses(fleet)
    stock, names = _stock(fleet), fleet.material_names
    for code in sorted(set(stock) | set(uses)):
        levels = stock.get(code, [])
        known = [level for level in levels if level is not None]
        left = sum(known)
        found = forecast(left, uses.get(code, []), fleet.now, first, days)
        note = "" if found.ml_per_day is not None else "not enough data to forecast"
        count = sum(level > 0 for level in known)
        unknown = len(levels) - len(known)
        label = names.get(code, code) or "not stated"
        table.rows.append((label, count, left, unknown, *found, note))
    return table


def _uses(fleet: FleetData) -> Tuple[Dict[str, List[Use]], Optional[Micros]]:
    found: Dict[str, List[Use]] = {}
    first: Optional[Micros] = None
    for run, at in fleet.closed:
        volume = used_ml(run)
        first = at if first is None else min(first, at)
        if volume is not None and run.material:
            found.setdefault(run.material, []).append((at, volume))
    return found, first


def _stock(fleet: FleetData) -> Dict[str, List[Optional[float]]]:
    found: Dict[str, List[Optional[float]]] = {}
    if fleet.cartridges is not None:
        for code, level in zip(
            texts(fleet.cartridges, "material"), numbers(fleet.cartridges, "remaining_ml")
        ):
            found.setdefault(code, []).append(level)
    return found


def tank_table(fleet: FleetData, life_layers: Optional[int] = None) -> FigureTable:
    """Return the layers of tanks in printers, as a share of a given life if there is one."""
    table = FigureTable(
        "tanks",
        "Tanks in printers, most layers first",
        measures(
            ("tank", "Tank"),
            ("printer", "Printer"),
            ("material", "Material"),
            ("layers", "Layers", ValueKind.COUNT),
            *(
                [("life_share", f"Of {life_layers:,} layers", ValueKind.SHARE, "%")]
                if life_layers
                else []
            ),
        ),
    )
    if fleet.tanks is None:
        return table
    labels = fleet.labels()
    rows = zip(
        *(texts(fleet.tanks, name) for name in ("serial", "inside_printer", "material_name")),
        numbers(fleet.tanks, "layers"),
    )
    used = [row for row in rows if row[1]]
    for serial, printer, material, layers in sorted(used, key=lambda row: (-(row[3] or 0), row[0])):
        count = None if layers is None else int(layers)
        share = [None if count is None else count / life_layers] if life_layers else []
        table.rows.append((serial, labels.get(printer, printer), material, count, *share))
    return table
