"""A thing in one line of text, for ``repr``: what it is called and how it stands."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any, List, Optional

from formlabs_web_api._util.json import is_array
from formlabs_web_api._util.signed_urls import redact_signed_urls_in
from formlabs_web_api.models.derived import (
    CartridgeDerived,
    PrinterDerived,
    PrintOutcome,
    PrintRunDerived,
    TankDerived,
)
from formlabs_web_api.models.derived.raw import moment, number, text

_LONGEST = 120
_LONGEST_VALUE = 40


def line(thing: Any) -> str:
    """A model in one line, without secrets."""
    said = _said(thing)
    name = type(thing).__name__
    return _fields(thing) if said is None else f"<{name} {said}>"


def _said(thing: Any) -> Optional[str]:
    if isinstance(thing, PrinterDerived):
        return f"{_word(thing.label)} ({_word(thing.model_name)}): {thing.state()}"
    if isinstance(thing, PrintRunDerived):
        return _print_run(thing)
    if isinstance(thing, CartridgeDerived):
        remaining = thing.remaining_ml
        left = "? ml" if remaining is None else f"{remaining:.0f} ml"
        return f"{_word(_text(thing, 'serial'))}: {_word(thing.material_name)}, {left} left"
    if isinstance(thing, TankDerived):
        layers = "?" if thing.layers is None else thing.layers
        return f"{_word(_text(thing, 'serial'))}: {_word(thing.material_name)}, {layers} layers"
    results = getattr(thing, "results", None)
    if is_array(results):
        total = number(getattr(thing, "count", None))
        return f"{len(results)} of {'?' if total is None else int(total)}"
    return {"UserEventReadOnly": _event, "Workgroup": _group}.get(type(thing).__name__, _none)(
        thing
    )


def _print_run(run: PrintRunDerived) -> str:
    outcome = run.outcome
    said = f"{_quoted(_text(run, 'name'))} on {_word(_text(run, 'printer'))}: {outcome}"
    if outcome is PrintOutcome.IN_PROGRESS:
        return f"{said}, {run.progress:.0%}, ends {_time(run.eta)}"
    return said if run.ended_at is None else f"{said}, ended {_time(run.ended_at)}"


def _event(event: Any) -> str:
    said = f"{_word(_text(event, 'type'))} at {_time(moment(getattr(event, 'created_at', None)))}"
    printer = _text(event, "printer")
    return f"{said} on {_word(printer)}" if printer else said


def _group(group: Any) -> str:
    printers, members = getattr(group, "printers", None), getattr(group, "memberships", None)
    counts = [str(len(many)) if is_array(many) else "?" for many in (printers, members)]
    return f"{_quoted(_text(group, 'name'))}: {counts[0]} printers, {counts[1]} members"


def _none(_: Any) -> None:
    return None


def _fields(thing: Any) -> str:
    """The fields that are set, as they would be written in Python, as many as fit on a line."""
    if not hasattr(thing, "__repr_args__"):
        return redact_signed_urls_in(repr(thing))
    parts: List[str] = []
    for name, value in thing.__repr_args__():
        if value is None and name not in thing.model_fields_set:
            continue
        shown = repr(value)
        if len(shown) > _LONGEST_VALUE:
            shown = f"{shown[: _LONGEST_VALUE - 1]}…"
        parts.append(f"{name}={shown}")
        if sum(map(len, parts)) > _LONGEST:
            parts[-1] = "…"
            break
    return f"{type(thing).__name__}({', '.join(parts)})"


def _text(thing: Any, name: str) -> str:
    return text(getattr(thing, name, None))


def _quoted(words: str) -> str:
    return repr(_short(words))


def _word(words: str) -> str:
    """A word as it is; what could break the line, or is no word, in quotes."""
    return _short(words) if words.isprintable() and words else _quoted(words)


def _short(words: str) -> str:
    words = redact_signed_urls_in(words)
    return words if len(words) <= _LONGEST_VALUE else f"{words[: _LONGEST_VALUE - 1]}…"


def _time(at: Optional[datetime]) -> str:
    return "?" if at is None else f"{at.astimezone(timezone.utc):%Y-%m-%d %H:%M} UTC"
