"""The status table: what it says of each printer, and in which order."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Dict, List, Optional, Sequence

from formlabs_web_api.cli import answers, cells
from formlabs_web_api.cli.tables import Cell, Column, table

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.text import Text

    from formlabs_web_api import DeveloperAPIMyPrinter, MyPrintRunReadOnly
    from formlabs_web_api.cli.session import Session

_BAR = 8
"""Width of a bar."""

_STYLES: Dict[str, str] = {
    "error": "bold red",
    "needs_attention": "bold yellow",
    "finished": "blue",
    "paused": "yellow",
    "printing": "green",
    "preparing": "cyan",
    "offline": "dim",
}
_MOST_URGENT_FIRST = (
    "error",
    "needs_attention",
    "finished",
    "paused",
    "printing",
    "preparing",
    "idle",
    "unknown",
    "offline",
)


class Row:
    """A printer at a moment."""

    def __init__(self, printer: DeveloperAPIMyPrinter, now: datetime) -> None:
        self.printer = printer
        self.now = now
        self.state = str(printer.state(now))
        run = printer.current_run
        ended = self.state in ("idle", "offline", "unknown")
        self.run: Optional[MyPrintRunReadOnly] = None if ended else run
        """Its job, as long as it matters."""

    @property
    def eta(self) -> Optional[datetime]:
        """When its job is expected to end."""
        return None if self.run is None else self.run.eta_at(self.now)

    @property
    def urgency(self) -> tuple[int, float, str]:
        """What to sort by: what needs somebody first, then what ends first."""
        eta = self.eta
        ends = eta.timestamp() if eta is not None else float("inf")
        return _MOST_URGENT_FIRST.index(self.state), ends, self.printer.label

    @property
    def words(self) -> str:
        """Its state, and for how long it has been off line."""
        if self.state == "offline" and self.printer.last_seen_at is not None:
            return f"offline {cells.ago(self.printer.last_seen_at, self.now)}"
        return "attention" if self.state == "needs_attention" else self.state

    @property
    def progress(self) -> str:
        """How far its job is; a question mark where that is old news."""
        if self.run is None:
            return ""
        doubt = "?" if self.run.is_stale(self.now) else ""
        return f"{cells.percent(self.run.progress)}{doubt}"

    @property
    def ends(self) -> str:
        """That as a time of day."""
        return "" if self.eta is None else cells.clock(self.eta, self.now)

    @property
    def left(self) -> str:
        """How long that is from now."""
        eta = self.eta
        if eta is None:
            return ""
        return cells.duration(eta - self.now) if eta > self.now else "any moment"

    @property
    def materials(self) -> str:
        """The materials in it."""
        names = [one.material_name for one in self.printer.cartridges]
        hopper = cells.field(self.printer, "printer_status", "hopper_material")
        if hopper:
            names.append(cells.material(hopper))
        return ", ".join(dict.fromkeys(names))

    @property
    def tank(self) -> str:
        """How many layers its tank has printed."""
        tank = self.printer.tank
        return "" if tank is None else cells.number(tank.layers)


def columns(console: Console) -> Sequence[Column[Row]]:
    """The columns of the status table; bars are for those who look at a terminal."""
    from rich.text import Text

    def name(row: Row) -> Cell:
        label = cells.plain(row.printer.label) or cells.MISSING
        return Text(label, "dim" if row.state == "offline" else "")

    def state(row: Row) -> Cell:
        return Text(row.words, _STYLES.get(row.state, ""))

    def progress(row: Row) -> Cell:
        if row.run is None:
            return ""
        bar = cells.bar(row.run.progress, _BAR, console.options.ascii_only)
        return Text(bar, _STYLES.get(row.state, ""))

    def resin(row: Row) -> Cell:
        shown = Text()
        for cartridge in row.printer.cartridges:
            left, is_low = cartridge.remaining_ml, cartridge.is_low()
            amount = cells.MISSING if left is None else f"{left:,.0f}"
            shown.append("+" if shown else "")
            shown.append(f"!{amount}" if is_low else amount, "bold red" if is_low else "")
        return shown

    def job(row: Row) -> Cell:
        return "" if row.run is None else row.run.name

    bars = (Column("Progress", progress, dispensable=4),) if console.is_terminal else ()
    return (
        Column("Printer", name, narrowest_at_last=11),
        Column("State", state),
        Column("Job", job, narrowest=12, narrowest_at_last=8),
        *bars,
        Column("Done", lambda row: row.progress, right=True),
        Column("Left", lambda row: row.left, right=True, dispensable=3),
        Column("Ends", lambda row: row.ends, dispensable=1),
        Column("Resin\nleft, ml", resin, right=True),
        Column("Material", lambda row: row.materials, narrowest=10, dispensable=5),
        Column("Tank\nlayers", lambda row: row.tank, right=True, dispensable=2),
    )


def summary(rows: Sequence[Row]) -> Text:
    """How many printers do what, in a line."""
    from rich.text import Text

    line = Text(f"{len(rows)} printer{'' if len(rows) == 1 else 's'}", "bold")
    before = ": "
    for state in _MOST_URGENT_FIRST:
        count = sum(row.state == state for row in rows)
        if count:
            wants = "need" if count > 1 else "needs"
            words = f"{wants} attention" if state == "needs_attention" else state
            line.append(before).append(f"{count} {words}", _STYLES.get(state, ""))
            before = ", "
    return line


def printers_of(session: Session) -> List[DeveloperAPIMyPrinter]:
    """The printers as the service tells them: one request."""
    from formlabs_web_api import PrintersApi

    return answers.given(PrintersApi(session.client).printers_list())


def by_urgency(session: Session, printers: List[DeveloperAPIMyPrinter]) -> List[Row]:
    """The printers with what they are doing now, what needs somebody first."""
    now = session.now()
    things = answers.things_of(session, printers)
    return sorted((Row(printer, now) for printer in things), key=lambda row: row.urgency)


def fleet(console: Console, rows: List[Row], at_most: Optional[int] = None) -> RenderableType:
    """The status table with its summary, which counts the rows that are left out too."""
    from rich.console import Group
    from rich.text import Text

    if not rows:
        return Text("No printers are registered to this account.")
    lines = table(console, columns(console), rows[:at_most])
    return Group(summary(rows), "", *lines)
