"""Columns of each model for people, and the summary of a list of models."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import (
    TYPE_CHECKING,
    Any,
    Callable,
    Dict,
    Iterable,
    List,
    Optional,
    Sequence,
    Tuple,
    cast,
)

from formlabs_web_api import catalogue
from formlabs_web_api._util.fields import value_at
from formlabs_web_api._util.json import is_array, is_object
from formlabs_web_api._util.signed_urls import HIDDEN
from formlabs_web_api.display.cells import (
    Badge,
    Bar,
    Cells,
    Column,
    Picture,
    RenderContext,
    Text,
    badge,
    plain,
)
from formlabs_web_api.display.formats import STATES_BY_URGENCY, Tone, duration, percent, volume
from formlabs_web_api.display.timeline import TimeBar, time_bars
from formlabs_web_api.models.derived import (
    CartridgeDerived,
    PrinterDerived,
    PrinterState,
    PrintOutcome,
    PrintRunDerived,
    TankDerived,
)
from formlabs_web_api.models.derived.raw import milliseconds, moment, number, text

if TYPE_CHECKING:
    from formlabs_web_api.models import MyPrintRunReadOnly

CellsOf = Callable[[Any, RenderContext], Cells]
"""Returns the cells of a model."""


class Table:
    """The columns of one model for people.

    Args:
        noun: Singular and plural of the model's name.
        columns: The columns; the first one holds the name.
        tally: Returns the state of a model; a list has the count of each state above it.
        urgency: Returns the sort key of a model; None keeps the order of a list.
        time: Returns when a model began; a list has a chart over time.
    """

    def __init__(
        self,
        noun: Tuple[str, str],
        columns: Sequence[Column[CellsOf]],
        tally: Optional[Callable[[Any, RenderContext], str]] = None,
        urgency: Optional[Callable[[Any, RenderContext], Any]] = None,
        time: Optional[Callable[[Any], Optional[datetime]]] = None,
    ) -> None:
        self.noun = noun
        self.columns = columns
        self._tally = tally
        self._urgency = urgency
        self._time = time

    def counted(self, count: int) -> str:
        """Return a count with the noun: ``12 printers``."""
        return f"{count:,} {self.noun[count != 1]}"

    def badges(self, models: Iterable[object], context: RenderContext) -> List[Badge]:
        """Count the models by state, most frequent first."""
        if self._tally is None:
            return []
        found = Counter(self._tally(model, context) for model in models)
        return [
            Badge(f"{count:,} {badge(state).text}", badge(state).tone)
            for state, count in found.most_common()
        ]

    def bars(self, models: Iterable[object], context: RenderContext) -> List[TimeBar]:
        """Count the models by day and state, for a chart over time."""
        tally, time = self._tally, self._time
        if tally is None or time is None:
            return []
        dated = ((time(model), model) for model in models)
        states = [(at, tally(model, context)) for at, model in dated if isinstance(at, datetime)]
        return time_bars(states, context.tz)

    def ordered(self, models: Sequence[Any], context: RenderContext) -> Sequence[Any]:
        """Sort models, the most urgent first."""
        urgency = self._urgency
        if urgency is None:
            return models
        return sorted(models, key=lambda model: urgency(model, context))


def urgency(printer: PrinterDerived, context: RenderContext) -> Tuple[int, float, str]:
    """Return the sort key of a printer: the most urgent state first, then the earliest end."""
    run = job_of(printer, context.now)
    eta = None if run is None else run.eta_at(context.now)
    ends = float("inf") if eta is None else eta.timestamp()
    return STATES_BY_URGENCY.index(printer.state(context.now)), ends, printer.label


def job_of(printer: PrinterDerived, now: Optional[datetime]) -> Optional[MyPrintRunReadOnly]:
    """Return the print of a printer; None while the printer is idle, offline or unknown."""
    resting = (PrinterState.IDLE, PrinterState.OFFLINE, PrinterState.UNKNOWN)
    return None if printer.state(now) in resting else printer.current_run


def table_of(model: object) -> Table:
    """Return the table of a model."""
    for kind, table in _BY_KIND:
        if isinstance(model, kind):
            return table
    return _BY_NAME.get(type(model).__name__) or _by_fields(model)


def _words(*names: str) -> CellsOf:
    return lambda model, _: plain(text(model, *names))


def _name(*names: str) -> CellsOf:
    return lambda model, _: [_named(text(model, *names))]


def _named(name: str) -> Text:
    return Text(name or "unnamed", hint=name, is_strong=True)


def _when(*names: str) -> CellsOf:
    return lambda model, context: plain(context.time(moment(model, *names)))


# Printers


def _printer(printer: PrinterDerived, _: RenderContext) -> Cells:
    serial = text(printer, "serial")
    return [
        Text(printer.label or "unnamed", hint=serial, is_strong=True),
        Text(printer.model_name, is_quiet=True),
    ]


def _printer_state(printer: PrinterDerived, context: RenderContext) -> Cells:
    return [badge(printer.state(context.now), hint=printer.state_reason(context.now))]


def _printer_job(printer: PrinterDerived, context: RenderContext) -> Cells:
    run = printer.current_run
    if run is None or not run.is_open(context.now):
        return []
    name = text(run, "name")
    return [Text(name, hint=name), *_progress(run, context), *_ends(run, context)]


def _printer_resin(printer: PrinterDerived, context: RenderContext) -> Cells:
    return [cell for one in printer.cartridges for cell in _left(one, context, named=True)]


def _printer_tank(printer: PrinterDerived, _: RenderContext) -> Cells:
    tank = printer.tank
    if tank is None:
        return []
    layers = [Text(f"{tank.layers:,} layers", is_quiet=True)] if tank.layers is not None else []
    return [*plain(tank.material_name), *layers]


def _last_seen(printer: PrinterDerived, context: RenderContext) -> Cells:
    return plain(context.time(printer.last_seen_at))


# Prints


def _outcome(run: PrintRunDerived, context: RenderContext) -> Cells:
    status = text(run, "status")
    return [badge(run.outcome_at(context.now), hint=f"status {status}" if status else "")]


def _progress(run: PrintRunDerived, context: RenderContext) -> Cells:
    outcome = run.outcome_at(context.now)
    if outcome in (PrintOutcome.SUCCESS, PrintOutcome.UNRATED):
        return []
    is_stale = run.is_stale(context.now) and outcome is PrintOutcome.IN_PROGRESS
    tone = {PrintOutcome.IN_PROGRESS: Tone.BUSY, PrintOutcome.FAILURE: Tone.BAD}.get(outcome)
    reported = context.time(run.last_progress_at)
    return [
        Bar(
            run.progress,
            percent(run.progress),
            Tone.WARN if is_stale else tone or Tone.QUIET,
            hint=f"as of {reported}" + (", no report since" if is_stale else ""),
        )
    ]


def _ends(run: PrintRunDerived, context: RenderContext) -> Cells:
    ends = context.time(run.eta_at(context.now))
    return [Text(f"ends {ends}", is_quiet=True)] if ends else []


def _ended(run: PrintRunDerived, context: RenderContext) -> Cells:
    if run.is_open(context.now):
        return _ends(run, context)
    ended = context.time(run.end_at(context.now))
    source = run.ended_at_source
    sign = "" if source == "reported" else "≈ " if source == "estimated" else "≤ "
    return [Text(sign + ended, hint=str(source))] if ended else []


def _started(run: PrintRunDerived, context: RenderContext) -> Cells:
    return plain(context.time(run.started_at))


def _took(run: PrintRunDerived, context: RenderContext) -> Cells:
    return plain(duration(run.duration_at(context.now)))


def _material(run: object, _: RenderContext) -> Cells:
    code = text(run, "material")
    name = text(run, "material_name") or catalogue.material_name(code)
    return [Text(name, hint=code)] if name else []


def _volume(model: object, _: RenderContext) -> Cells:
    return plain(volume(number(model, "volume_ml")))


def _thumbnail(run: Any, context: RenderContext) -> Cells:
    if not context.with_thumbnails:
        return []
    from formlabs_web_api.exceptions import OpenApiException

    try:
        return [Picture(run.thumbnail(), text(run, "name"))]
    except OpenApiException as error:
        return [Text("no picture", hint=str(error), is_quiet=True)]


# Cartridges and tanks


def _left(one: CartridgeDerived, _: RenderContext, named: bool = False) -> Cells:
    remaining, fraction = one.remaining_ml, one.remaining_fraction
    name = f"{one.material_name} " if named else ""
    if remaining is None:
        return plain(name + "? ml")
    step = one.resolution_ml
    hint = f"known to {step:.0f} ml" if step else ""
    words = name + volume(remaining)
    tone = Tone.BAD if one.is_low() else Tone.WARN if one.is_low(250.0) else Tone.GOOD
    return plain(words) if fraction is None else [Bar(fraction, words, tone, hint)]


def _layers(one: TankDerived, _: RenderContext) -> Cells:
    return [] if one.layers is None else plain(f"{one.layers:,}")


def _print_time(one: TankDerived, _: RenderContext) -> Cells:
    return plain(duration(one.print_time))


def _age(one: TankDerived, context: RenderContext) -> Cells:
    return plain(duration(one.age(context.now)))


def _consumable_material(one: object, _: RenderContext) -> Cells:
    code = text(one, "material")
    return [Text(catalogue.material_name(code), hint=code)] if code else []


# Events, groups, queues, limits


def _event(event: object, _: RenderContext) -> Cells:
    kind = text(event, "type")
    return [Badge(text(event, "type_label") or kind or "?", _event_tone(kind), hint=kind)]


def _event_tone(kind: str) -> Tone:
    if kind.endswith(("_ERROR", "_ERRORS", "_ABORTED")):
        return Tone.BAD
    if kind in ("RESIN_LOW", "PRINT_PAUSED", "PRINT_RESOLUTION_REQUEST"):
        return Tone.WARN
    return {"PRINT_START": Tone.BUSY, "PRINT_FINISHED": Tone.GOOD}.get(kind, Tone.QUIET)


def _how_many(name: str) -> CellsOf:
    def cells(model: object, _: RenderContext) -> Cells:
        found = value_at(model, name)
        return plain(f"{len(found):,}") if is_array(found) else []

    return cells


def _yes_no(name: str) -> CellsOf:
    return lambda model, _: plain({True: "yes", False: "no"}.get(value_at(model, name) is True, ""))


def _machines(item: object, _: RenderContext) -> Cells:
    codes = value_at(item, "allowed_machine_type_ids")
    names = [catalogue.machine_name(text(code)) for code in codes] if is_array(codes) else []
    return plain(", ".join(dict.fromkeys(names)))


def _estimate(item: object, _: RenderContext) -> Cells:
    return plain(duration(milliseconds(item, "estimated_duration_ms")))


def _quota_window(window: Any, _: RenderContext) -> Cells:
    return [Text(str(window).partition(":")[0], is_strong=True)]


def _quota_used(window: Any, _: RenderContext) -> Cells:
    share = window.used / window.limit
    tone = Tone.BAD if not window.left else Tone.WARN if share > 0.8 else Tone.GOOD
    return [Bar(min(share, 1.0), f"{window.used:,} used, {window.left:,} left", tone)]


def _quota_next(window: Any, _: RenderContext) -> Cells:
    return plain(str(window).rpartition("next slot ")[2])


# Models without a table of their own


def _by_fields(model: Any) -> Table:
    """Return a table of the fields of a model that are neither lists nor objects."""
    kind = cast(Any, type(model))
    names = [
        name
        for name in getattr(kind, "model_fields", {})
        if name in model.model_fields_set and not _is_nested(getattr(model, name, None))
    ]
    columns = [Column(name, _field(name, _is_secret(kind, name))) for name in names]
    return Table((kind.__name__, kind.__name__), columns)


def _is_nested(value: object) -> bool:
    return is_array(value) or is_object(value) or hasattr(value, "model_fields_set")


def _is_secret(kind: object, name: str) -> bool:
    return name in cast("Sequence[str]", getattr(kind, "secret_fields", ()))


def _field(name: str, is_secret: bool) -> CellsOf:
    def cells(model: Any, context: RenderContext) -> Cells:
        value = getattr(model, name, None)
        if value is None or value == "":
            return []
        if is_secret:
            return [Text(HIDDEN)]
        at = moment(value)
        return [Text(str(value) if at is None else context.time(at))]

    return cells


_PRINTERS = Table(
    ("printer", "printers"),
    [
        Column("Printer", _printer, min_width_last_resort=11),
        Column("State", _printer_state),
        Column("Print", _printer_job, min_width=12, min_width_last_resort=8),
        Column("Resin left", _printer_resin, min_width=16, drop_priority=1),
        Column("Tank", _printer_tank, drop_priority=3),
        Column("Last seen", _last_seen, drop_priority=4),
    ],
    tally=lambda printer, context: printer.state(context.now),
    urgency=urgency,
)
_PRINTS = Table(
    ("print", "prints"),
    [
        Column("Print", _name("name"), min_width=12, min_width_last_resort=8),
        Column("", _thumbnail),
        Column("Printer", _words("printer")),
        Column("Outcome", _outcome),
        Column("Progress", _progress),
        Column("Material", _material, drop_priority=2),
        Column("Volume", _volume, right=True),
        Column("Started", _started, drop_priority=4),
        Column("Ended", _ended),
        Column("Took", _took, drop_priority=3),
    ],
    tally=lambda run, context: run.outcome_at(context.now),
    time=lambda run: run.print_started_at or run.created_at,
)
_CARTRIDGES = Table(
    ("cartridge", "cartridges"),
    [
        Column("Cartridge", _name("serial")),
        Column("Material", _consumable_material, drop_priority=2),
        Column("Left", _left),
        Column("Printer", _words("inside_printer")),
        Column("First seen", _when("created_at"), drop_priority=3),
    ],
)
_TANKS = Table(
    ("tank", "tanks"),
    [
        Column("Tank", _name("serial")),
        Column("Material", _consumable_material, drop_priority=2),
        Column("Layers", _layers, right=True),
        Column("Print time", _print_time, drop_priority=1),
        Column("Age", _age, drop_priority=2),
        Column("Printer", _words("inside_printer")),
    ],
)
_EVENTS = Table(
    ("event", "events"),
    [
        Column("When", _when("created_at")),
        Column("Event", _event),
        Column("Printer", _words("printer")),
        Column("Print", _words("print_run", "name")),
        Column("Message", _words("message"), drop_priority=1),
    ],
)
_GROUPS = Table(
    ("group", "groups"),
    [
        Column("Group", _name("name")),
        Column("Printers", _how_many("printers")),
        Column("Members", _how_many("memberships")),
        Column("Invited", _how_many("invitations"), drop_priority=3),
        Column("Queue", _yes_no("has_fleet_control")),
        Column("Created", _when("created_at"), drop_priority=2),
    ],
)
_QUEUE = Table(
    ("queued print", "queued prints"),
    [
        Column("Print", _name("name"), min_width=12, min_width_last_resort=8),
        Column("Material", _words("material_name"), drop_priority=2),
        Column("Volume", _volume, right=True),
        Column("Takes", _estimate),
        Column("Queued", _when("created_at"), drop_priority=1),
        Column("By", _words("username"), drop_priority=2),
        Column("For", _machines, drop_priority=3),
    ],
)
_LIMITS = Table(
    ("request limit", "request limits"),
    [
        Column("Limit", _quota_window),
        Column("Used", _quota_used),
        Column("Next request", _quota_next),
    ],
)

_BY_KIND: Tuple[Tuple[type, Table], ...] = (
    (PrinterDerived, _PRINTERS),
    (PrintRunDerived, _PRINTS),
    (CartridgeDerived, _CARTRIDGES),
    (TankDerived, _TANKS),
)
_BY_NAME: Dict[str, Table] = {
    "UserEventReadOnly": _EVENTS,
    "Workgroup": _GROUPS,
    "DeveloperAPIMyCloudQueueItems": _QUEUE,
    "WindowQuota": _LIMITS,
}
