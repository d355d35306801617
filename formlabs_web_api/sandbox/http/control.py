"""The sandbox's own addresses: its Python interface over HTTP, for tests in other languages.

Requests and answers are JSON, without a token; a wrong request is answered with 400 and a reason.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any, Callable, Dict, Iterable, List, Mapping, Optional, Sequence, cast

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from typing_extensions import Protocol

from formlabs_web_api.sandbox.fleet.world import World
from formlabs_web_api.sandbox.http.fault_injection import CONTROL
from formlabs_web_api.sandbox.http.faults import FAULT_PARTS, Faults
from formlabs_web_api.sandbox.http.request_log import LoggedRequest
from formlabs_web_api.sandbox.instants import to_datetime

_SETTINGS = ("speed", "token_lifetime", "limit_per_second", "limit_per_hour")
_UNITS = ("weeks", "days", "hours", "minutes", "seconds", "milliseconds", "microseconds")
_REQUEST_FILTERS = ("path", "method")
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")

Action = Callable[[Mapping[str, Any]], Any]
"""Takes the object or the query of a request, and returns the answer's JSON; None is a 204."""


class Controllable(Protocol):
    """What the control addresses need of a sandbox."""

    client_id: str
    client_secret: str
    faults: Faults
    world: World

    def advance(self, by: Optional[timedelta] = None) -> None:
        """Let time pass at once."""

    def requests_to(self, path: str = "*", method: Optional[str] = None) -> List[LoggedRequest]:
        """Return the logged requests to a path."""
        ...

    def forget_requests(self) -> None:
        """Clear the request log."""

    def reset(self) -> None:
        """Return to the first state."""


def control_routes(sandbox: Controllable) -> List[BaseRoute]:
    """Build the routes that control a sandbox."""
    control = _Control(sandbox)
    return [
        _route("", GET=control.about),
        _route("advance", POST=control.advance),
        _route("faults", GET=control.faults, POST=control.add_fault, DELETE=control.clear_faults),
        _route("requests", GET=control.requests, DELETE=control.forget_requests),
        _route("settings", GET=control.settings, PATCH=control.change_settings),
        _route("reset", POST=control.reset),
    ]


class _Control:
    """The actions behind the control addresses."""

    def __init__(self, sandbox: Controllable) -> None:
        self._sandbox = sandbox

    def about(self, _: Mapping[str, object]) -> Any:
        return {
            "now": self._now(),
            "client_id": self._sandbox.client_id,
            "client_secret": self._sandbox.client_secret,
        }

    def advance(self, given: Mapping[str, Any]) -> Any:
        _check_names("unit of time", given, _UNITS)
        for unit, amount in given.items():
            if not _is_number(amount):
                raise ValueError(f"{unit} must be a number, 0 or more, not {json.dumps(amount)}")
            if amount < 0:
                raise ValueError(f"time only goes forward: {unit} must be 0 or more, not {amount}")
        try:
            by = timedelta(**given)
        except OverflowError:
            raise ValueError("that is beyond the end of the calendar") from None
        self._sandbox.advance(by)
        return {"now": self._now()}

    def faults(self, _: Mapping[str, object]) -> Any:
        return [fault.to_json() for fault in self._sandbox.faults]

    def add_fault(self, given: Mapping[str, Any]) -> Any:
        _check_names("part of a fault", given, FAULT_PARTS)
        return self._sandbox.faults.add(**given).to_json()

    def clear_faults(self, _: Mapping[str, object]) -> None:
        self._sandbox.faults.clear()

    def requests(self, given: Mapping[str, Any]) -> Any:
        _check_names("filter", given, _REQUEST_FILTERS)
        return [request._asdict() for request in self._sandbox.requests_to(**given)]

    def forget_requests(self, _: Mapping[str, object]) -> None:
        self._sandbox.forget_requests()

    def settings(self, _: Mapping[str, object]) -> Any:
        return {name: getattr(self._sandbox, name) for name in _SETTINGS}

    def change_settings(self, given: Mapping[str, object]) -> Any:
        _check_names("setting", given, _SETTINGS)
        for name, value in given.items():
            setattr(self._sandbox, name, value)
        return self.settings(given)

    def reset(self, _: Mapping[str, object]) -> None:
        self._sandbox.reset()

    def _now(self) -> str:
        return to_datetime(self._sandbox.world.clock()).isoformat()


def _route(name: str, **actions: Action) -> Route:
    async def respond(request: Request) -> Response:
        action = actions.get("GET" if request.method == "HEAD" else request.method)
        if action is None:
            allowed = ", ".join(actions)
            refusal = {"detail": f"{request.method} is not supported here; use {allowed}"}
            return JSONResponse(refusal, 405, {"Allow": allowed})
        try:
            is_read = request.method in ("GET", "HEAD")
            given = dict(request.query_params) if is_read else await _body(request)
            answer = action(given)
        except (TypeError, ValueError) as error:
            return JSONResponse({"detail": str(error)}, 400)
        return Response(status_code=204) if answer is None else JSONResponse(answer)

    return Route(CONTROL + name, respond, methods=_METHODS)


async def _body(request: Request) -> Dict[str, Any]:
    content = await request.body()
    try:
        body: Any = json.loads(content) if content else {}
    except (ValueError, RecursionError):
        raise ValueError('the body is not JSON; send an object, like {"hours": 3}') from None
    if not isinstance(body, dict):
        raise ValueError('the body must be a JSON object, like {"hours": 3}')
    return cast("Dict[str, Any]", body)


def _check_names(what: str, given: Iterable[str], known: Sequence[str]) -> None:
    for name in given:
        if name not in known:
            raise ValueError(f"there is no {what} {name!r}; there are {', '.join(known)}")


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value == value
