"""The status table: a row for each printer, the most urgent first."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, List, Optional, Sequence

from formlabs_web_api._util.fields import value_at
from formlabs_web_api._util.text import MISSING
from formlabs_web_api.cli import answers, cells
from formlabs_web_api.cli.tables import Cell, TerminalColumn, table
from formlabs_web_api.display.cells import Column, RenderContext
from formlabs_web_api.display.columns import job_of, urgency
from formlabs_web_api.display.formats import STATES_BY_URGENCY, label_of, style_of

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.text import Text

    from formlabs_web_api import DeveloperAPIMyPrinter
    from formlabs_web_api.cli.session import Session

_BAR = 8
"""Width of a bar."""


class Row:
    """A printer at a given time."""

    def __init__(self, printer: DeveloperAPIMyPrinter, now: datetime) -> None:
        self.printer = printer
        self.now = now
        self.state = str(printer.state(now))
        self.run = job_of(printer, now)

    @property
    def eta(self) -> Optional[datetime]:
        """Expected end of its print."""
        return None if self.run is None else self.run.eta_at(self.now)

    @property
    def words(self) -> str:
        """Its state, and how long it has been offline."""
        if self.state == "offline" and self.printer.last_seen_at is not None:
            return f"offline {cells.ago(self.printer.last_seen_at, self.now)}"
        return label_of(self.state)

    @property
    def progress(self) -> str:
        """Progress of its print; ``?`` marks stale progress."""
        if self.run is None:
            return ""
        doubt = "?" if self.run.is_stale(self.now) else ""
        return f"{cells.percent(self.run.progress)}{doubt}"

    @property
    def ends(self) -> str:
        """Expected end of its print, as a time of day."""
        return "" if self.eta is None else cells.clock(self.eta, self.now)

    @property
    def left(self) -> str:
        """Time left until the expected end."""
        eta = self.eta
        if eta is None:
            return ""
        return cells.duration(eta - self.now) if eta > self.now else "any moment"

    @property
    def materials(self) -> str:
        """Names of the materials in the printer."""
        names = [one.material_name for one in self.printer.cartridges]
        hopper = value_at(self.printer, "printer_status", "hopper_material")
        if hopper:
            names.append(cells.material(hopper))
        return ", ".join(dict.fromkeys(names))

    @property
    def tank(self) -> str:
        """Number of layers that its tank has printed."""
        tank = self.printer.tank
        return "" if tank is None else cells.number(tank.layers)


def columns(console: Console) -> Sequence[TerminalColumn[Row]]:
    """Return the columns of the status table; only terminals get bars."""
    from rich.text import Text

    def name(row: Row) -> Cell:
        label = cells.plain(row.printer.label) or MISSING
        return Text(label, "dim" if row.state == "offline" else "")

    def state(row: Row) -> Cell:
        return Text(row.words, style_of(row.state))

    def progress(row: Row) -> Cell:
        if row.run is None:
            return ""
        bar = cells.bar(row.run.progress, _BAR, console.options.ascii_only)
        return Text(bar, style_of(row.state))

    def resin(row: Row) -> Cell:
        shown = Text()
        for cartridge in row.printer.cartridges:
            left, is_low = cartridge.remaining_ml, cartridge.is_low()
            amount = MISSING if left is None else f"{left:,.0f}"
            shown.append("+" if shown else "")
            shown.append(f"!{amount}" if is_low else amount, "bold red" if is_low else "")
        return shown

    def job(row: Row) -> Cell:
        return "" if row.run is None else row.run.name

    bars = (Column("Progress", progress, drop_priority=4),) if console.is_terminal else ()
    return (
        Column("Printer", name, min_width_last_resort=11),
        Column("State", state),
        Column("Job", job, min_width=12, min_width_last_resort=8),
        *bars,
        Column("Done", lambda row: row.progress, right=True),
        Column("Left", lambda row: row.left, right=True, drop_priority=3),
        Column("Ends", lambda row: row.ends, drop_priority=1),
        Column("Resin\nleft, ml", resin, right=True),
        Column("Material", lambda row: row.materials, min_width=10, drop_priority=5),
        Column("Tank\nlayers", lambda row: row.tank, right=True, drop_priority=2),
    )


def summary(rows: Sequence[Row]) -> Text:
    """Return a line that counts the printers by state."""
    from rich.text import Text

    line = Text(cells.counted(len(rows), "printer"), "bold")
    before = ": "
    for state in STATES_BY_URGENCY:
        count = sum(row.state == state for row in rows)
        if count:
            wants = "need" if count > 1 else "needs"
            words = f"{wants} attention" if state == "needs_attention" else label_of(state)
            line.append(before).append(f"{count} {words}", style_of(state))
            before = ", "
    return line


def printers_of(session: Session) -> List[DeveloperAPIMyPrinter]:
    """Fetch the printers in one request."""
    from formlabs_web_api import PrintersApi

    return answers.require(PrintersApi(session.client).printers_list())


def by_urgency(session: Session, printers: List[DeveloperAPIMyPrinter]) -> List[Row]:
    """Return a row for each printer, the most urgent first."""
    now = session.now()
    context = RenderContext(now)
    models = answers.models_in(session, printers)
    return [Row(one, now) for one in sorted(models, key=lambda one: urgency(one, context))]


def fleet(console: Console, rows: List[Row], at_most: Optional[int] = None) -> RenderableType:
    """Return the status table with its summary, which also counts rows that are left out."""
    from rich.console import Group
    from rich.text import Text

    if not rows:
        return Text("No printers are registered to this account.")
    lines = table(console, columns(console), rows[:at_most])
    return Group(summary(rows), "", *lines)
