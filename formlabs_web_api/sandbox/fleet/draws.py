"""Random draws for print runs: size, attributes, end."""

from __future__ import annotations

import random
from typing import NamedTuple, Optional, Sequence, Tuple

from formlabs_web_api.sandbox.fleet import words
from formlabs_web_api.sandbox.fleet.identity import derived_uuid
from formlabs_web_api.sandbox.fleet.kinds import Kind
from formlabs_web_api.sandbox.fleet.records import Load, Print, Printer, User
from formlabs_web_api.sandbox.instants import MILLISECOND, SECOND, Instant

_OUTCOMES: Tuple[Tuple[float, str, Optional[str]], ...] = (
    (952 / 1474, "FINISHED", "SUCCESS"),
    (1172 / 1474, "FINISHED", None),
    (1347 / 1474, "ABORTED", None),
    (1418 / 1474, "ERROR", "FAILURE"),
    (1.0, "FINISHED", "FAILURE"),
)
"""Cumulative share, status and rating of ended prints (observation 1.6)."""


class Size(NamedTuple):
    """The size of a job."""

    layers: int
    estimated_ms: int
    duration: Instant


def size(chance: random.Random, kind: Kind, shortest: Instant, longest: Instant) -> Size:
    """Draw a size that takes between ``shortest`` and ``longest``."""
    layer_ms = chance.randrange(*kind.layer_ms)
    most = longest // (layer_ms * MILLISECOND * 108 // 100)
    least = shortest // (layer_ms * MILLISECOND * 95 // 100)
    layers = max(min(chance.randrange(*kind.layers), most), least + 1, 10)
    estimated_ms = layers * layer_ms
    duration = int(estimated_ms * chance.uniform(0.96, 1.07)) // 1000 * SECOND
    return Size(layers, estimated_ms // 1000 * 1000, duration)


def print_run(
    chance: random.Random,
    seed: int,
    number: int,
    printer: Printer,
    load: Load,
    members: Sequence[User],
    size: Size,
    started: Instant,
) -> Print:
    """Draw a print run that starts at ``started``."""
    kind = printer.kind
    started = started // kind.grain * kind.grain
    user = chance.choice(members) if chance.random() < 0.92 and members else None
    return Print(
        number=number,
        guid=derived_uuid(seed, "print", number),
        printer=printer,
        load=load,
        name=chance.choice(words.JOBS) if number % 40 else words.LONG_JOB,
        status="PRINTING",
        started=started,
        created=started + chance.randrange(3 * SECOND, 25 * SECOND),
        ends=started + size.duration,
        layer_count=size.layers,
        layer_mm=chance.choice(kind.layer_mm),
        volume_ml=chance.uniform(*kind.volume_ml),
        estimated_ms=size.estimated_ms,
        firmware=kind.firmware if chance.random() < 0.7 else kind.former_firmware,
        settings=chance.choice(kind.settings),
        user=user,
        group=printer.group,
        note=chance.choice(words.NOTES) if user is not None and number % 25 == 3 else None,
        queue_item=derived_uuid(seed, "queue item", number) if number % 10 == 7 else None,
        live=True,
    )


class Fate(NamedTuple):
    """How a print run ends."""

    status: str
    rating: Optional[str]
    stops_at: Optional[int]
    """Percent of its time after which it stops; None if it is completed."""
    freezes_at: Optional[int]
    """Percent of its time after which it reports no more progress."""
    rated_after: Instant
    has_no_finish: bool
    """Whether the service never learns when it finished."""


def fate(chance: random.Random, kind: Kind) -> Fate:
    """Draw an end, in the observed shares."""
    lot = chance.random()
    _, status, rating = next(outcome for outcome in _OUTCOMES if lot < outcome[0])
    stops_at = freezes_at = None
    if status != "FINISHED":
        stops_at = chance.randrange(2, 99)
    elif kind.is_form_4 and chance.random() < 4 / 7:
        freezes_at = chance.randrange(6, 94)
    return Fate(
        status=status,
        rating=rating,
        stops_at=stops_at,
        freezes_at=freezes_at,
        rated_after=int(43 * SECOND * chance.uniform(1, 6) ** 5),
        has_no_finish=rating is None and lot % 0.01 < 0.001,
    )


def temperature(chance: random.Random, kind: Kind, busy: bool) -> Optional[float]:
    """Draw the temperature that a printer reports, in °C; None for the Form 4 family."""
    if kind.is_form_4:
        return None
    if kind.is_fuse:
        return chance.randrange(1200, 1500) / 8 if busy else 27.4794921875
    return chance.randrange(*((248, 288) if busy else (168, 216))) / 8
