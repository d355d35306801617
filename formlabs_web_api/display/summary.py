"""Summarize a model in one line for ``repr``: its name and its state."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any, List, Optional

from formlabs_web_api._util.json import is_array
from formlabs_web_api._util.signed_urls import redact_signed_urls_in
from formlabs_web_api._util.text import one_line
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


def summarize(model: object) -> str:
    """Return a model in one line, without secrets."""
    summary = _summary(model)
    return _fields(model) if summary is None else f"<{type(model).__name__} {summary}>"


def _summary(model: Any) -> Optional[str]:
    if isinstance(model, PrinterDerived):
        return f"{_word(model.label)} ({_word(model.model_name)}): {model.state()}"
    if isinstance(model, PrintRunDerived):
        return _print_run(model)
    if isinstance(model, CartridgeDerived):
        remaining = model.remaining_ml
        left = "? ml" if remaining is None else f"{remaining:.0f} ml"
        return f"{_word(text(model, 'serial'))}: {_word(model.material_name)}, {left} left"
    if isinstance(model, TankDerived):
        layers = "?" if model.layers is None else model.layers
        return f"{_word(text(model, 'serial'))}: {_word(model.material_name)}, {layers} layers"
    results = getattr(model, "results", None)
    if is_array(results):
        total = number(model, "count")
        return f"{len(results)} of {'?' if total is None else int(total)}"
    return {"UserEventReadOnly": _event, "Workgroup": _group}.get(type(model).__name__, _none)(
        model
    )


def _print_run(run: PrintRunDerived) -> str:
    outcome = run.outcome
    summary = f"{_quoted(text(run, 'name'))} on {_word(text(run, 'printer'))}: {outcome}"
    if outcome is PrintOutcome.IN_PROGRESS:
        return f"{summary}, {run.progress:.0%}, ends {_time(run.eta)}"
    return summary if run.ended_at is None else f"{summary}, ended {_time(run.ended_at)}"


def _event(event: object) -> str:
    summary = f"{_word(text(event, 'type'))} at {_time(moment(event, 'created_at'))}"
    printer = text(event, "printer")
    return f"{summary} on {_word(printer)}" if printer else summary


def _group(group: Any) -> str:
    printers, members = getattr(group, "printers", None), getattr(group, "memberships", None)
    counts = [str(len(many)) if is_array(many) else "?" for many in (printers, members)]
    return f"{_quoted(text(group, 'name'))}: {counts[0]} printers, {counts[1]} members"


def _none(_: object) -> None:
    return None


def _fields(model: Any) -> str:
    """Return the fields that are set, as in Python code, as many as fit on a line."""
    if not hasattr(model, "__repr_args__"):
        return one_line(redact_signed_urls_in(repr(model)))
    parts: List[str] = []
    for name, value in model.__repr_args__():
        if value is None and name not in model.model_fields_set:
            continue
        shown = repr(value)
        if len(shown) > _LONGEST_VALUE:
            shown = f"{shown[: _LONGEST_VALUE - 1]}…"
        parts.append(f"{name}={shown}")
        if sum(map(len, parts)) > _LONGEST:
            parts[-1] = "…"
            break
    return f"{type(model).__name__}({', '.join(parts)})"


def _quoted(words: str) -> str:
    return repr(_short(words))


def _word(words: str) -> str:
    """Return a printable text as it is, anything else quoted and escaped."""
    return _short(words) if words.isprintable() and words else _quoted(words)


def _short(words: str) -> str:
    words = redact_signed_urls_in(words)
    return words if len(words) <= _LONGEST_VALUE else f"{words[: _LONGEST_VALUE - 1]}…"


def _time(at: Optional[datetime]) -> str:
    return "?" if at is None else f"{at.astimezone(timezone.utc):%Y-%m-%d %H:%M} UTC"
