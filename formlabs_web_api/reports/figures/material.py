"""Material: millilitres and cost, with estimates and missing prices shown apart."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Dict, List, NamedTuple, Optional, Tuple

from formlabs_web_api.models.derived import PrintOutcome
from formlabs_web_api.reports.figures.success import (
    closed_within,
    label_function,
)
from formlabs_web_api.reports.prices import CENT, PriceList
from formlabs_web_api.reports.runs import NO_LABEL, FleetData, Run
from formlabs_web_api.reports.tables import FigureTable, ValueKind, measures
from formlabs_web_api.reports.window import HOUR, ReportWindow

_WASTED = (PrintOutcome.FAILURE, PrintOutcome.ABORTED, PrintOutcome.ABANDONED)


class Consumption(NamedTuple):
    """What one print used, and its cost; None where it is not known."""

    run: Run
    volume_ml: Optional[float]
    is_estimate: bool
    """True if the print stopped early, so that the share of its layers was taken."""
    is_waste: bool
    material_cost: Optional[Decimal]
    machine_cost: Optional[Decimal]


def used_ml(run: Run) -> Optional[float]:
    """Return the millilitres that a print can have used; None if they are not known.

    A finished print used its volume, also one rated a failure. One that stopped used the share of
    its layers that were printed, at most its volume.
    """
    if run.volume_ml is None or run.volume_ml < 0:
        return None
    if run.status == "FINISHED":
        return run.volume_ml
    if not run.layers or run.layer is None or run.layers < 0:
        return None
    return run.volume_ml * min(max(run.layer / run.layers, 0.0), 1.0)


def consumption_of(
    fleet: FleetData, window: ReportWindow, prices: Optional[PriceList] = None
) -> List[Consumption]:
    """Return what each print that ended in the window used.

    Prices are those of the local day on which the print started. Each cost is rounded to a cent,
    half to even, so that the parts of a total add up to it.
    """
    found: List[Consumption] = []
    for run in closed_within(fleet, window):
        volume = used_ml(run)
        machine = _hours_cost(run, fleet, window, prices)
        cost = None if volume is None else _volume_cost(run, volume, window, prices)
        is_waste = run.outcome in _WASTED
        found.append(Consumption(run, volume, run.status != "FINISHED", is_waste, cost, machine))
    return found


def _day(run: Run, window: ReportWindow) -> date:
    at = run.started if run.started is not None else run.closed_at()
    return window.local(at or 0).date()


def _volume_cost(
    run: Run, volume: float, window: ReportWindow, prices: Optional[PriceList]
) -> Optional[Decimal]:
    price = prices.per_litre(run.material, _day(run, window)) if prices else None
    return None if price is None else _cents(price * Decimal(repr(volume)) / 1000)


def _hours_cost(
    run: Run, fleet: FleetData, window: ReportWindow, prices: Optional[PriceList]
) -> Optional[Decimal]:
    span = run.span(fleet.now)
    price = prices.per_hour(run.printer, _day(run, window)) if prices else None
    if span is None or price is None:
        return None
    return _cents(price * Decimal(span[1] - span[0]) / HOUR)


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_EVEN)


def material_table(
    fleet: FleetData,
    window: ReportWindow,
    by: str,
    prices: Optional[PriceList] = None,
    consumption: Optional[List[Consumption]] = None,
) -> FigureTable:
    """Return volumes and costs by material, printer, user, group, day, week or month.

    The consumption is that of :func:`consumption_of`, which several tables may share.
    """
    label = label_function(fleet, window, by)
    groups: Dict[str, List[Consumption]] = {}
    if consumption is None:
        consumption = consumption_of(fleet, window, prices)
    for used in consumption:
        groups.setdefault(label(used.run), []).append(used)
    table = FigureTable(
        "material_by_" + by,
        f"Material by {by}",
        measures(
            (by, by.capitalize()),
            ("prints", "Prints", ValueKind.COUNT),
            ("used_ml", "Used", ValueKind.NUMBER, "ml"),
            ("estimated_ml", "of it estimated", ValueKind.NUMBER, "ml"),
            ("wasted_ml", "of it in failed or aborted prints", ValueKind.NUMBER, "ml"),
            ("waste_share", "Waste", ValueKind.SHARE, "%"),
            ("volume_unknown", "Prints of unknown volume", ValueKind.COUNT),
            *_cost_columns(prices),
        ),
    )
    for name in sorted(groups, key=str.lower):
        table.rows.append((name, *summed(groups[name], prices is not None)))
    return table


def _cost_columns(prices: Optional[PriceList]) -> List[Tuple[object, ...]]:
    if prices is None:
        return []
    return [
        ("material_cost", "Material", ValueKind.MONEY, prices.currency),
        ("machine_cost", "Machine hours", ValueKind.MONEY, prices.currency),
        ("cost", "Cost", ValueKind.MONEY, prices.currency),
        ("without_price", "Prints without a price", ValueKind.COUNT),
    ]


def summed(used: List[Consumption], has_prices: bool) -> List[object]:
    """Return the columns of a row after its label."""
    volumes = [one.volume_ml for one in used if one.volume_ml is not None]
    volume = sum(volumes)
    wasted = sum(one.volume_ml or 0.0 for one in used if one.is_waste)
    row: List[object] = [
        len(used),
        volume,
        sum(one.volume_ml or 0.0 for one in used if one.is_estimate),
        wasted,
        wasted / volume if volume else None,
        len(used) - len(volumes),
    ]
    if has_prices:
        materials = [one.material_cost for one in used if one.material_cost is not None]
        machines = [one.machine_cost for one in used if one.machine_cost is not None]
        material = sum(materials, Decimal()) if materials else None
        machine = sum(machines, Decimal()) if machines else None
        both = [one for one in (material, machine) if one is not None]
        missing = sum(one.volume_ml is not None and one.material_cost is None for one in used)
        row += [material, machine, sum(both, Decimal()) if both else None, missing]
    return row


def missing_prices(fleet: FleetData, consumption: List[Consumption]) -> FigureTable:
    """Return the materials of prints for which the price list had no price on the day."""
    table = FigureTable(
        "missing_prices",
        "Materials without a price; the costs are incomplete by these",
        measures(
            ("material", "Material"),
            ("prints", "Prints", ValueKind.COUNT),
            ("used_ml", "Used", ValueKind.NUMBER, "ml"),
        ),
    )
    found: Dict[str, List[float]] = {}
    for used in consumption:
        if used.material_cost is None and used.volume_ml is not None:
            found.setdefault(used.run.material, []).append(used.volume_ml)
    names = fleet.material_names
    for code in sorted(found):
        volumes = found[code]
        table.rows.append((names.get(code, code) or NO_LABEL, len(volumes), sum(volumes)))
    return table
