"""The reference time of derived values that depend on the present."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any, Dict, List, Optional, Sequence, Tuple, Type

from typing_extensions import get_args

from formlabs_web_api._util.dates import parse_http_date
from formlabs_web_api._util.json import is_array, is_object
from formlabs_web_api.exceptions import ApiValueError


class ResponseTime:
    """The time of a response, by the service's clock; shared by all models of the response.

    Args:
        date: The ``Date`` header of the response; it is parsed when the time is first needed.
    """

    __slots__ = ("_date", "_time")

    def __init__(self, date: Optional[str]) -> None:
        self._date = date
        self._time: Optional[datetime] = None

    def get(self) -> Optional[datetime]:
        """Return the time in UTC; None if the header is missing or invalid."""
        if self._date is not None:
            self._time, self._date = parse_http_date(self._date), None
        return self._time


class TimeDependent:
    """Mixin of models with derived values that depend on the present.

    Without an explicit ``now``, the reference time is that of the response which contained the
    model: a computer's wrong clock must not make every printer off line. For a model that was not
    part of a response it is the computer's time.
    """

    __slots__ = ()

    def _resolve_now(self, now: Optional[datetime]) -> datetime:
        if now is None:
            now = response_time_of(self)
        return resolve_now(now)


def resolve_now(now: Optional[datetime]) -> datetime:
    """Return ``now`` in UTC: the present for None, local time for a naive one."""
    return datetime.now(timezone.utc) if now is None else now.astimezone(timezone.utc)


def check_zone(name: str, moment: Optional[datetime]) -> None:
    """Raise ApiValueError if a time has no time zone."""
    if moment is not None and moment.tzinfo is None:
        raise ApiValueError(
            f"{name}: {moment.isoformat()} has no time zone; write "
            f"{name}={name}.astimezone() for local time"
        )


def response_time_of(value: object) -> Optional[datetime]:
    """Return the time of the response that contained a model, in UTC; None if it is not known.

    For a list or a page of models, the time of the first model.
    """
    rows = value if is_array(value) else getattr(value, "results", None)
    if is_array(rows):
        return response_time_of(rows[0]) if rows and not is_array(rows[0]) else None
    time = getattr(value, "__response_time__", None)
    return time.get() if isinstance(time, ResponseTime) else None


def set_response_time(value: object, time: ResponseTime) -> None:
    """Set the time of a response for each model in its body that depends on the present."""
    model = type(value)
    plan = _plans.get(model)
    if plan is None:
        if is_object(value):
            value = list(value.values())
        if is_array(value):
            _set_in_rows(value, time)
            return
        plan = _plans[model] = _time_dependent_parts(model)
    depends, fields = plan
    if depends:
        object.__setattr__(value, "__response_time__", time)
    if fields:
        parts = value.__dict__
        for name in fields:
            part = parts.get(name)
            if part is not None:
                set_response_time(part, time)


def _set_in_rows(rows: Sequence[object], time: ResponseTime) -> None:
    for row in rows:
        plan = _plans.get(type(row))
        if plan is None or plan[1]:
            set_response_time(row, time)
        elif plan[0]:
            object.__setattr__(row, "__response_time__", time)


_plans: Dict[Type[Any], Tuple[bool, Tuple[str, ...]]] = {}
"""By type: whether it depends on time, and the fields that may hold models that do."""


def _time_dependent_parts(model: Type[Any]) -> Tuple[bool, Tuple[str, ...]]:
    fields = tuple(
        name
        for name, info in getattr(model, "model_fields", {}).items()
        if any(_leads_to_time_dependent(part, ()) for part in _model_types_in(info.annotation))
    )
    return issubclass(model, TimeDependent), fields


def _leads_to_time_dependent(model: Any, above: Tuple[object, ...]) -> bool:
    if issubclass(model, TimeDependent):
        return True
    parts = [
        part for info in model.model_fields.values() for part in _model_types_in(info.annotation)
    ]
    return any(
        _leads_to_time_dependent(part, (*above, model)) for part in parts if part not in above
    )


def _model_types_in(annotation: object) -> List[Any]:
    if isinstance(annotation, type) and hasattr(annotation, "model_fields"):
        return [annotation]
    return [model for part in get_args(annotation) for model in _model_types_in(part)]
