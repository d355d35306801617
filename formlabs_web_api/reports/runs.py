"""Prints as plain rows: what figures need of a data frame, read once."""

from __future__ import annotations

from datetime import datetime, timezone
from functools import cached_property
from typing import (
    TYPE_CHECKING,
    Any,
    Callable,
    Dict,
    List,
    NamedTuple,
    Optional,
    Sequence,
    Tuple,
    cast,
)

from formlabs_web_api._util.garbage import garbage_collection_pause
from formlabs_web_api._util.text import one_line
from formlabs_web_api.models.derived import PrintOutcome
from formlabs_web_api.models.derived.raw import number
from formlabs_web_api.reports.spans import union
from formlabs_web_api.reports.window import Micros, Span, micros_of

if TYPE_CHECKING:
    import pandas as pd

    from formlabs_web_api.rate_limit import Quota

NO_LABEL = "not stated"
"""Shown for a print without a material, user or group."""
_LARGEST = 1e12
"""The greatest number that is believed, and the sums of which are finite."""
_LATEST = micros_of(datetime(2200, 1, 1, tzinfo=timezone.utc))
"""Times from here on are not believed. Pandas's missing time is far below zero."""


class Run(NamedTuple):
    """What reports use of a print; moments in microseconds since the epoch."""

    guid: str
    name: str
    printer: str
    status: str
    outcome: str
    is_stale: bool
    started: Optional[Micros]
    ended: Optional[Micros]
    progressed: Optional[Micros]
    created: Optional[Micros]
    volume_ml: Optional[float]
    layer: Optional[int]
    layers: Optional[int]
    estimated_ms: Optional[int]
    material: str
    material_name: str
    user: str
    group: str

    def span(self, now: Micros) -> Optional[Span]:
        """Return when the printer worked on it, up to now; None if it is not known.

        A print that never ended, or whose reports stopped, counts up to the last one.
        """
        if self.started is None:
            return None
        end = self.ended
        if end is None and self.outcome == PrintOutcome.IN_PROGRESS and not self.is_stale:
            end = now
        elif end is None:
            end = self.progressed
        if end is None or end < self.started:
            return None
        return min(self.started, now), min(end, now)

    def closed_at(self) -> Optional[Micros]:
        """Return the moment at which it is counted as over; None for one in progress."""
        if self.outcome == PrintOutcome.IN_PROGRESS:
            return None
        for moment in (self.ended, self.progressed, self.started, self.created):
            if moment is not None:
                return moment
        return None


def runs_of(prints: pd.DataFrame) -> List[Run]:
    """Return the rows of ``frames.prints()``, each print once."""
    with garbage_collection_pause:  # a hundred thousand rows, without cycles
        rows = zip(*(read(prints, name) for name, read in _READERS.items()))
        seen: Dict[str, Run] = {}
        for row in rows:
            run = Run(*row)
            seen[run.guid] = run
        return list(seen.values())


def without_user_names(runs: Sequence[Run]) -> List[Run]:
    """Return the prints with ``User 1``, ``User 2`` and so on in place of names of users.

    Numbers follow the alphabet, so that equal data give equal numbers.
    """
    names = sorted({run.user for run in runs if run.user})
    numbered = {name: f"User {at}" for at, name in enumerate(names, start=1)}
    return [run._replace(user=numbered.get(run.user, "")) for run in runs]


def _values(frame: pd.DataFrame, name: str) -> List[Any]:
    """Return a column as Python objects; None for what is missing, also a missing column."""
    if name not in frame.columns:
        return [None] * len(frame)
    column = cast(Any, frame[name])
    return cast("List[Any]", column.astype(object).where(column.notna(), None).tolist())


def texts(frame: pd.DataFrame, name: str) -> List[str]:
    """Return a column of texts, safe to show; empty for what is missing."""
    known: Dict[Any, str] = {None: ""}
    found: List[str] = []
    for value in _values(frame, name):
        if isinstance(value, (list, dict)):  # the service sent something else than a text
            found.append("")
            continue
        if value not in known:
            known[value] = one_line(str(value))
        found.append(known[value])
    return found


def numbers(frame: pd.DataFrame, name: str) -> List[Optional[float]]:
    """Return a column of numbers; None for what is missing, or cannot have been measured."""
    return [_number(value) for value in _values(frame, name)]


def _number(value: Any) -> Optional[float]:
    found = number(value)
    return found if found is not None and abs(found) <= _LARGEST else None


def _integers(frame: pd.DataFrame, name: str) -> List[Optional[int]]:
    return [None if value is None else int(value) for value in numbers(frame, name)]


def _time_or_none(value: object) -> object:
    return value if isinstance(value, (str, datetime)) else None


def moments(frame: pd.DataFrame, name: str) -> List[Optional[Micros]]:
    """Return a column of times; None for what is missing."""
    if name not in frame.columns:
        return [None] * len(frame)
    import pandas as pd

    column = cast(Any, frame[name])
    if column.dtype == object:  # with what the service sent in place of times
        column = column.map(_time_or_none)
    parsed = cast(Any, pd).to_datetime(column, utc=True, errors="coerce", format="ISO8601")
    whole = cast("List[int]", parsed.dt.as_unit("us").astype("int64").tolist())
    return [value if 0 <= value < _LATEST else None for value in whole]


def _flags(frame: pd.DataFrame, name: str) -> List[bool]:
    return [value is True for value in _values(frame, name)]


_READERS: Dict[str, Callable[[pd.DataFrame, str], Sequence[Any]]] = {
    "guid": texts,
    "name": texts,
    "printer": texts,
    "status": texts,
    "outcome": texts,
    "is_stale": _flags,
    "print_started_at": moments,
    "ended_at": moments,
    "last_progress_at": moments,
    "created_at": moments,
    "volume_ml": numbers,
    "currently_printing_layer": _integers,
    "layer_count": _integers,
    "estimated_duration_ms": _integers,
    "material": texts,
    "material_name": texts,
    "user_username": texts,
    "group_name": texts,
}
"""The columns of the fields of ``Run``, in their order, and how each is read."""
RUN_COLUMNS = tuple(_READERS)
"""The columns of ``frames.prints()`` that reports use."""


class PrinterRow(NamedTuple):
    """What reports use of a printer."""

    serial: str
    label: str
    model: str
    group: str
    is_online: Optional[bool]
    pinged: Optional[Micros]


def printers_of(frame: pd.DataFrame, runs: Sequence[Run]) -> List[PrinterRow]:
    """Return the printers of ``frames.printers()``, and those that only prints name, by label."""
    labels = texts(frame, "label")
    found = {
        serial: PrinterRow(serial, label or serial, model, group, is_online, pinged)
        for serial, label, model, group, is_online, pinged in zip(
            texts(frame, "serial"),
            labels,
            texts(frame, "model_name"),
            texts(frame, "group_name"),
            _values(frame, "is_online"),
            moments(frame, "printer_status_last_pinged_at"),
        )
    }
    for run in runs:
        if run.printer and run.printer not in found:
            found[run.printer] = PrinterRow(run.printer, run.printer, "", "", None, None)
    shared = {label for label in labels if labels.count(label) > 1}
    distinct = [
        one._replace(label=f"{one.label} ({one.serial})") if one.label in shared else one
        for one in found.values()
    ]
    return sorted(distinct, key=lambda one: (one.label.lower(), one.serial))


class FleetData:
    """The data of a report: frames, read into rows, as they were at one moment.

    Args:
        prints: As ``client.frames.prints()`` gives them.
        printers: As ``client.frames.printers()`` gives them.
        as_of: When the frames were read, by the service's clock.
        cartridges: As ``client.frames.cartridges()`` gives them.
        tanks: As ``client.frames.tanks()`` gives them.
        queue: Queue items: ``name``, ``material_name``, ``volume_ml``, ``created_at``,
            ``estimated_duration_ms``, ``group_name``.
        samples: What printers were seen to do: ``printer``, ``at``, ``is_online``, and, if it was
            seen so for longer, ``seen_until``. Without them
            an idle printer cannot be distinguished from one that was switched off.
        hide_users: True to name users ``User 1``, ``User 2`` and so on.
        quota: The use of the rate limits; None if it is not known.
    """

    def __init__(
        self,
        prints: pd.DataFrame,
        printers: pd.DataFrame,
        as_of: datetime,
        *,
        cartridges: Optional[pd.DataFrame] = None,
        tanks: Optional[pd.DataFrame] = None,
        queue: Optional[pd.DataFrame] = None,
        samples: Optional[pd.DataFrame] = None,
        hide_users: bool = False,
        quota: Optional[Quota] = None,
    ) -> None:
        self.as_of = as_of
        self.now = micros_of(as_of)
        """When the data were read."""
        runs = runs_of(prints)
        self.runs = without_user_names(runs) if hide_users else runs
        self.printers = printers_of(printers, self.runs)
        self.material_names = _material_names(self.runs)
        """The name of each material with its code, since several codes share a name."""
        self.cartridges = cartridges
        self.tanks = tanks
        self.queue = queue
        self.samples = _samples_of(samples)
        self.quota = quota

    @cached_property
    def spans(self) -> List[Tuple[Run, Span]]:
        """The prints of which it is known when the printer worked on them, up to now."""
        found = ((run, run.span(self.now)) for run in self.runs)
        return [(run, span) for run, span in found if span is not None]

    @cached_property
    def closed(self) -> List[Tuple[Run, Micros]]:
        """The prints that are over, and when each is counted as over."""
        found = ((run, run.closed_at()) for run in self.runs)
        return [(run, at) for run, at in found if at is not None]

    @cached_property
    def printing(self) -> Dict[str, List[Span]]:
        """When each printer printed, by serial: time of prints that overlap counts once."""
        found: Dict[str, List[Span]] = {}
        for run, span in self.spans:
            if run.printer:
                found.setdefault(run.printer, []).append(span)
        return {serial: union(spans) for serial, spans in found.items()}

    def labels(self) -> Dict[str, str]:
        """Return the name of each printer by its serial."""
        return {printer.serial: printer.label for printer in self.printers}


def _material_names(runs: Sequence[Run]) -> Dict[str, str]:
    return {
        run.material: f"{run.material_name} ({run.material})"
        for run in runs
        if run.material and run.material_name
    }


class Sample(NamedTuple):
    """That a printer was seen online or offline, from one time to another."""

    at: Micros
    until: Micros
    is_online: bool


def _samples_of(frame: Optional[pd.DataFrame]) -> Dict[str, List[Sample]]:
    found: Dict[str, List[Sample]] = {}
    if frame is None:
        return found
    for printer, at, until, is_online in zip(
        texts(frame, "printer"),
        moments(frame, "at"),
        moments(frame, "seen_until"),
        _values(frame, "is_online"),
    ):
        if at is not None and is_online is not None:
            sample = Sample(at, max(at, until or at), bool(is_online))
            found.setdefault(printer, []).append(sample)
    for samples in found.values():
        samples.sort()
    return found
