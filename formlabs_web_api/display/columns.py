"""What is shown of each kind of thing: the columns of its table, and what sums a list of it up."""

from __future__ import annotations

from collections import Counter
from typing import Any, Callable, Dict, Iterable, List, Optional, Sequence, Tuple, cast

from formlabs_web_api import catalogue
from formlabs_web_api._util.json import is_array, is_object
from formlabs_web_api._util.signed_urls import HIDDEN
from formlabs_web_api.display.cells import (
    Badge,
    Bar,
    Cells,
    Column,
    Picture,
    Setting,
    Text,
    Tone,
    badge,
    plain,
    span,
)
from formlabs_web_api.models.derived import (
    CartridgeDerived,
    PrinterDerived,
    PrintOutcome,
    PrintRunDerived,
    TankDerived,
)
from formlabs_web_api.models.derived.raw import milliseconds, moment, number, text


class Table:
    """How one kind of thing is shown.

    Args:
        noun: What one of them is called, and several.
        columns: The columns; the first one names the thing.
        tally: A word for each thing, counted above a list of them.
    """

    def __init__(
        self,
        noun: Tuple[str, str],
        columns: Sequence[Column],
        tally: Optional[Callable[[Any, Setting], str]] = None,
    ) -> None:
        self.noun = noun
        self.columns = columns
        self._tally = tally

    def counted(self, how_many: int) -> str:
        """``12 printers``."""
        return f"{how_many:,} {self.noun[how_many != 1]}"

    def badges(self, things: Iterable[Any], setting: Setting) -> List[Badge]:
        """How many of the things there are of each word, most first."""
        if self._tally is None:
            return []
        found = Counter(self._tally(thing, setting) for thing in things)
        return [
            Badge(f"{count:,} {badge(word).text}", badge(word).tone)
            for word, count in found.most_common()
        ]


def table_of(thing: Any) -> Table:
    """How a thing is shown."""
    for kind, table in _BY_KIND:
        if isinstance(thing, kind):
            return table
    return _BY_NAME.get(type(thing).__name__) or _by_fields(thing)


def _get(thing: Any, *names: str) -> Any:
    for name in names:
        thing = getattr(thing, name, None)
    return thing


def _words(*names: str) -> Callable[[Any, Setting], Cells]:
    return lambda thing, _: plain(text(_get(thing, *names)))


def _name(*names: str) -> Callable[[Any, Setting], Cells]:
    return lambda thing, _: [_named(text(_get(thing, *names)))]


def _named(name: str) -> Text:
    return Text(name or "unnamed", hint=name, is_strong=True)


def _when(*names: str) -> Callable[[Any, Setting], Cells]:
    return lambda thing, setting: plain(setting.time(moment(_get(thing, *names))))


# Printers


def _printer(printer: PrinterDerived, _: Setting) -> Cells:
    serial = text(_get(printer, "serial"))
    return [
        Text(printer.label or "unnamed", hint=serial, is_strong=True),
        Text(printer.model_name, is_quiet=True),
    ]


def _printer_state(printer: PrinterDerived, setting: Setting) -> Cells:
    return [badge(printer.state(setting.now), hint=printer.state_reason(setting.now))]


def _printer_job(printer: PrinterDerived, setting: Setting) -> Cells:
    run = printer.current_run
    if run is None or not run.is_open(setting.now):
        return []
    name = text(_get(run, "name"))
    return [Text(name, hint=name), *_progress(run, setting), *_ends(run, setting)]


def _printer_resin(printer: PrinterDerived, setting: Setting) -> Cells:
    return [cell for one in printer.cartridges for cell in _left(one, setting, named=True)]


def _printer_tank(printer: PrinterDerived, _: Setting) -> Cells:
    tank = printer.tank
    if tank is None:
        return []
    layers = [Text(f"{tank.layers:,} layers", is_quiet=True)] if tank.layers is not None else []
    return [*plain(tank.material_name), *layers]


def _last_seen(printer: PrinterDerived, setting: Setting) -> Cells:
    return plain(setting.time(printer.last_seen_at))


# Prints


def _outcome(run: PrintRunDerived, setting: Setting) -> Cells:
    status = text(_get(run, "status"))
    return [badge(run.outcome_at(setting.now), hint=f"status {status}" if status else "")]


def _progress(run: PrintRunDerived, setting: Setting) -> Cells:
    outcome = run.outcome_at(setting.now)
    if outcome in (PrintOutcome.SUCCESS, PrintOutcome.UNRATED):
        return []
    is_stale = run.is_stale(setting.now) and outcome is PrintOutcome.IN_PROGRESS
    tone = {PrintOutcome.IN_PROGRESS: Tone.BUSY, PrintOutcome.FAILURE: Tone.BAD}.get(outcome)
    reported = setting.time(run.last_progress_at)
    return [
        Bar(
            run.progress,
            f"{run.progress:.0%}",
            Tone.WARN if is_stale else tone or Tone.QUIET,
            hint=f"as of {reported}" + (", no report since" if is_stale else ""),
        )
    ]


def _ends(run: PrintRunDerived, setting: Setting) -> Cells:
    ends = setting.time(run.eta_at(setting.now))
    return [Text(f"ends {ends}", is_quiet=True)] if ends else []


def _ended(run: PrintRunDerived, setting: Setting) -> Cells:
    if run.is_open(setting.now):
        return _ends(run, setting)
    ended = setting.time(run.end_at(setting.now))
    source = run.ended_at_source
    sign = "" if source == "reported" else "≈ " if source == "estimated" else "≤ "
    return [Text(sign + ended, hint=str(source))] if ended else []


def _started(run: PrintRunDerived, setting: Setting) -> Cells:
    return plain(setting.time(run.started_at))


def _took(run: PrintRunDerived, setting: Setting) -> Cells:
    return plain(span(run.duration_at(setting.now)))


def _material(run: Any, _: Setting) -> Cells:
    code = text(_get(run, "material"))
    name = text(_get(run, "material_name")) or catalogue.material_name(code)
    return [Text(name, hint=code)] if name else []


def _volume(thing: Any, _: Setting) -> Cells:
    volume = number(_get(thing, "volume_ml"))
    return (
        []
        if volume is None
        else [Text(f"{volume:,.0f} ml" if volume >= 10 else f"{volume:.1f} ml")]
    )


def _thumbnail(run: Any, setting: Setting) -> Cells:
    if not setting.with_thumbnails:
        return []
    from formlabs_web_api.exceptions import OpenApiException

    try:
        return [Picture(run.thumbnail(), text(_get(run, "name")))]
    except OpenApiException as error:
        return [Text("no picture", hint=str(error), is_quiet=True)]


# Cartridges and tanks


def _left(one: CartridgeDerived, _: Setting, named: bool = False) -> Cells:
    remaining, fraction = one.remaining_ml, one.remaining_fraction
    name = f"{one.material_name} " if named else ""
    if remaining is None:
        return plain(name + "? ml")
    step = one.resolution_ml
    hint = f"known to {step:.0f} ml" if step else ""
    words = f"{name}{remaining:,.0f} ml"
    tone = Tone.BAD if one.is_low() else Tone.WARN if one.is_low(250.0) else Tone.GOOD
    return plain(words) if fraction is None else [Bar(fraction, words, tone, hint)]


def _layers(one: TankDerived, _: Setting) -> Cells:
    return [] if one.layers is None else plain(f"{one.layers:,}")


def _print_time(one: TankDerived, _: Setting) -> Cells:
    return plain(span(one.print_time))


def _age(one: TankDerived, setting: Setting) -> Cells:
    return plain(span(one.age(setting.now)))


def _consumable_material(one: Any, _: Setting) -> Cells:
    code = text(_get(one, "material"))
    return [Text(catalogue.material_name(code), hint=code)] if code else []


# Events, groups, queues, limits


def _event(event: Any, _: Setting) -> Cells:
    kind = text(_get(event, "type"))
    return [Badge(text(_get(event, "type_label")) or kind or "?", _event_tone(kind), hint=kind)]


def _event_tone(kind: str) -> Tone:
    if kind.endswith(("_ERROR", "_ERRORS", "_ABORTED")):
        return Tone.BAD
    if kind in ("RESIN_LOW", "PRINT_PAUSED", "PRINT_RESOLUTION_REQUEST"):
        return Tone.WARN
    return {"PRINT_START": Tone.BUSY, "PRINT_FINISHED": Tone.GOOD}.get(kind, Tone.QUIET)


def _how_many(name: str) -> Callable[[Any, Setting], Cells]:
    def cells(thing: Any, _: Setting) -> Cells:
        found = _get(thing, name)
        return plain(f"{len(found):,}") if is_array(found) else []

    return cells


def _yes_no(name: str) -> Callable[[Any, Setting], Cells]:
    return lambda thing, _: plain({True: "yes", False: "no"}.get(_get(thing, name) is True, ""))


def _machines(item: Any, _: Setting) -> Cells:
    codes = _get(item, "allowed_machine_type_ids")
    names = [catalogue.machine_name(text(code)) for code in codes] if is_array(codes) else []
    return plain(", ".join(dict.fromkeys(names)))


def _estimate(item: Any, _: Setting) -> Cells:
    return plain(span(milliseconds(_get(item, "estimated_duration_ms"))))


def _quota_window(window: Any, _: Setting) -> Cells:
    return [Text(str(window).partition(":")[0], is_strong=True)]


def _quota_used(window: Any, _: Setting) -> Cells:
    share = window.used / window.limit
    tone = Tone.BAD if not window.left else Tone.WARN if share > 0.8 else Tone.GOOD
    return [Bar(min(share, 1.0), f"{window.used:,} used, {window.left:,} left", tone)]


def _quota_next(window: Any, _: Setting) -> Cells:
    return plain(str(window).rpartition("next slot ")[2])


# Whatever has no table of its own


def _by_fields(thing: Any) -> Table:
    """The fields that a thing has and that are no lists or objects, as they are."""
    kind = cast(Any, type(thing))
    names = [
        name
        for name in getattr(kind, "model_fields", {})
        if name in thing.model_fields_set and not _is_nested(getattr(thing, name, None))
    ]
    columns = [Column(name, _field(name, _is_secret(kind, name))) for name in names]
    return Table((kind.__name__, kind.__name__), columns)


def _is_nested(value: Any) -> bool:
    return is_array(value) or is_object(value) or hasattr(value, "model_fields_set")


def _is_secret(kind: Any, name: str) -> bool:
    return name in cast("Sequence[str]", getattr(kind, "secret_fields", ()))


def _field(name: str, is_secret: bool) -> Callable[[Any, Setting], Cells]:
    def cells(thing: Any, setting: Setting) -> Cells:
        value = getattr(thing, name, None)
        if value is None or value == "":
            return []
        if is_secret:
            return [Text(HIDDEN)]
        at = moment(value)
        return [Text(str(value) if at is None else setting.time(at))]

    return cells


_PRINTERS = Table(
    ("printer", "printers"),
    [
        Column("Printer", _printer),
        Column("State", _printer_state),
        Column("Print", _printer_job),
        Column("Resin left", _printer_resin),
        Column("Tank", _printer_tank),
        Column("Last seen", _last_seen),
    ],
    tally=lambda printer, setting: printer.state(setting.now),
)
_PRINTS = Table(
    ("print", "prints"),
    [
        Column("Print", _name("name")),
        Column("", _thumbnail),
        Column("Printer", _words("printer")),
        Column("Outcome", _outcome),
        Column("Progress", _progress),
        Column("Material", _material),
        Column("Volume", _volume),
        Column("Started", _started),
        Column("Ended", _ended),
        Column("Took", _took),
    ],
    tally=lambda run, setting: run.outcome_at(setting.now),
)
_CARTRIDGES = Table(
    ("cartridge", "cartridges"),
    [
        Column("Cartridge", _name("serial")),
        Column("Material", _consumable_material),
        Column("Left", _left),
        Column("Printer", _words("inside_printer")),
        Column("First seen", _when("created_at")),
    ],
)
_TANKS = Table(
    ("tank", "tanks"),
    [
        Column("Tank", _name("serial")),
        Column("Material", _consumable_material),
        Column("Layers", _layers),
        Column("Print time", _print_time),
        Column("Age", _age),
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
        Column("Message", _words("message")),
    ],
)
_GROUPS = Table(
    ("group", "groups"),
    [
        Column("Group", _name("name")),
        Column("Printers", _how_many("printers")),
        Column("Members", _how_many("memberships")),
        Column("Invited", _how_many("invitations")),
        Column("Queue", _yes_no("has_fleet_control")),
        Column("Created", _when("created_at")),
    ],
)
_QUEUE = Table(
    ("queued print", "queued prints"),
    [
        Column("Print", _name("name")),
        Column("Material", _words("material_name")),
        Column("Volume", _volume),
        Column("Takes", _estimate),
        Column("Queued", _when("created_at")),
        Column("By", _words("username")),
        Column("For", _machines),
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
