"""The sandbox's own addresses: what a test in Python does with it, for all other languages.

All take and give JSON and need no token; a request that is wrong gets a 400 that says why.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Callable, Dict, Iterable, List, Mapping, Sequence, cast

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from formlabs_web_api.sandbox.http.fault_injection import CONTROL
from formlabs_web_api.sandbox.http.faults import FAULT_PARTS
from formlabs_web_api.sandbox.instants import to_datetime

if TYPE_CHECKING:
    from formlabs_web_api.sandbox.server import Sandbox

_SETTINGS = ("speed", "token_lifetime", "limit_per_second", "limit_per_hour")

_UNITS = ("weeks", "days", "hours", "minutes", "seconds", "milliseconds", "microseconds")
_REQUEST_FILTERS = ("path", "method")

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")

Action = Callable[[Mapping[str, Any]], Any]
"""Takes a request's object, or its query, and gives what is answered; None is a 204."""


def routes(sandbox: Sandbox) -> List[BaseRoute]:
    """The addresses with which a sandbox is controlled."""

    def about(_: Mapping[str, Any]) -> Any:
        return {
            "now": _now(sandbox),
            "client_id": sandbox.client_id,
            "client_secret": sandbox.client_secret,
        }

    def advance(given: Mapping[str, Any]) -> Any:
        _expect_names("unit of time", given, _UNITS)
        for unit, amount in given.items():
            if not _is_number(amount):
                raise ValueError(f"{unit} must be a number, 0 or more, not {json.dumps(amount)}")
            if amount < 0:
                raise ValueError(f"time only goes forward: {unit} must be 0 or more, not {amount}")
        try:
            by = timedelta(**given)
            _ = to_datetime(sandbox.world.clock()) + by
        except OverflowError:
            raise ValueError("that is too far ahead: no calendar goes there") from None
        sandbox.advance(by)
        return {"now": _now(sandbox)}

    def faults(_: Mapping[str, Any]) -> Any:
        return [fault.to_json() for fault in sandbox.faults]

    def add_fault(given: Mapping[str, Any]) -> Any:
        _expect_names("part of a fault", given, FAULT_PARTS)
        return sandbox.faults.add(**given).to_json()

    def clear_faults(_: Mapping[str, Any]) -> None:
        sandbox.faults.clear()

    def requests(given: Mapping[str, Any]) -> Any:
        _expect_names("filter", given, _REQUEST_FILTERS)
        return [request._asdict() for request in sandbox.requests_to(**given)]

    def forget_requests(_: Mapping[str, Any]) -> None:
        sandbox.forget_requests()

    def settings(_: Mapping[str, Any]) -> Any:
        return {name: getattr(sandbox, name) for name in _SETTINGS}

    def change_settings(given: Mapping[str, Any]) -> Any:
        _expect_names("setting", given, _SETTINGS)
        for name, value in given.items():
            setattr(sandbox, name, value)
        return settings(given)

    def reset(_: Mapping[str, Any]) -> None:
        sandbox.reset()

    return [
        _route("", GET=about),
        _route("advance", POST=advance),
        _route("faults", GET=faults, POST=add_fault, DELETE=clear_faults),
        _route("requests", GET=requests, DELETE=forget_requests),
        _route("settings", GET=settings, PATCH=change_settings),
        _route("reset", POST=reset),
    ]


def _route(name: str, **actions: Action) -> Route:
    async def respond(request: Request) -> Response:
        action = actions.get("GET" if request.method == "HEAD" else request.method)
        if action is None:
            allowed = ", ".join(actions)
            refusal = {"detail": f"{request.method} does nothing here; there is {allowed}"}
            return JSONResponse(refusal, 405, {"Allow": allowed})
        try:
            reads = request.method in ("GET", "HEAD")
            given = dict(request.query_params) if reads else await _given(request)
            answer = action(given)
        except (TypeError, ValueError) as error:
            return JSONResponse({"detail": str(error)}, 400)
        return Response(status_code=204) if answer is None else JSONResponse(answer)

    return Route(CONTROL + name, respond, methods=_METHODS)


async def _given(request: Request) -> Dict[str, Any]:
    content = await request.body()
    try:
        given: Any = json.loads(content) if content else {}
    except (ValueError, RecursionError):
        raise ValueError('the body is no JSON; an object is needed, like {"hours": 3}') from None
    if not isinstance(given, dict):
        raise ValueError('the body must be a JSON object, like {"hours": 3}')
    return cast("Dict[str, Any]", given)


def _expect_names(what: str, given: Iterable[str], known: Sequence[str]) -> None:
    """Refuse a name that is none of those known, and say which these are."""
    for name in given:
        if name not in known:
            raise ValueError(f"there is no {what} {name!r}; there are {', '.join(known)}")


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value == value


def _now(sandbox: Sandbox) -> str:
    return to_datetime(sandbox.world.clock()).isoformat()
