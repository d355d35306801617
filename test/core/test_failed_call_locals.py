"""Errors of a failed call show no secret in local variables and are freed at once."""

from __future__ import annotations

import gc
import socket
import traceback
import weakref
from typing import Any, Callable, Dict, Iterator, List, Optional, Tuple

import pytest

from formlabs_web_api import (
    ApiClient,
    ApiConnectionException,
    ApiException,
    Configuration,
    TanksApi,
)
from test.support.clocks import FakeClock
from test.support.loopback import Answer, Loopback

SECRET = "hush-7Qx9"
BROKEN: Dict[str, List[Answer]] = {
    "closed": [Answer(close=True)],
    "cut": [Answer(200, b"[1, 2, 3]", cut=5)],
    "500": [Answer(500, "trouble")],
    "garbage": [Answer(200, f'{{"url": "{SECRET}'.encode())],
    "refused by the service": [Answer(401, {"detail": "no"})],
}
SECRETS: Dict[str, Any] = {
    "token": {"access_token": SECRET},
    "client secret": {"access_token": None, "client_id": "id", "client_secret": SECRET},
    "cookie": {"cookie": SECRET},
    "request_auth": {
        "_request_auth": {"in": "header", "key": "X-Key", "value": SECRET, "type": ""}
    },
    "header": {"_headers": {"X-Key": SECRET}},
}


@pytest.mark.parametrize("spelling", ["", "_with_http_info", "_without_preload_content"])
@pytest.mark.parametrize("what", BROKEN)
@pytest.mark.parametrize("secret", SECRETS)
def test_failed_call_shows_no_secret_in_local_variables(
    service: Loopback, secret: str, what: str, spelling: str
) -> None:
    """The local variables are those that tools which report errors show."""
    service.answer = lambda asked: BROKEN[what][0]
    error, mine = failing(service.url, dict(SECRETS[secret]), spelling)
    if error is None:
        assert spelling == "_without_preload_content"  # returns the response whatever its status is
        return
    for report in all_of(traceback.TracebackException.from_exception(error, capture_locals=True)):
        for frame in report.stack:
            if frame.name != mine:
                assert SECRET not in str(frame.locals), f"{frame.filename} {frame.name}"


def test_refused_connection_shows_no_secret_in_local_variables(clock: FakeClock) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        host = f"http://127.0.0.1:{holder.getsockname()[1]}"
        for secret in SECRETS.values():
            error, mine = failing(host, dict(secret), "")
            assert isinstance(error, ApiConnectionException)
            report = traceback.TracebackException.from_exception(error, capture_locals=True)
            frames = [frame for one in all_of(report) for frame in one.stack if frame.name != mine]
            assert SECRET not in "".join(str(frame.locals) for frame in frames)


def failing(host: str, secret: Dict[str, Any], spelling: str) -> Tuple[Any, str]:
    """The error of a call with a secret, and the name of the frame that passed the secret."""
    here = {name: secret.pop(name) for name in list(secret) if name.startswith("_")}
    cookie = secret.pop("cookie", None)
    settings = {"access_token": "a-token", "retries": False, **secret}
    with ApiClient(Configuration(host=host, **settings), cookie=cookie) as client:
        try:
            getattr(TanksApi(client), f"tanks_list{spelling}")(**here)
        except ApiException as error:
            return error, "failing"
    return None, "failing"


def all_of(
    report: Optional[traceback.TracebackException],
) -> Iterator[traceback.TracebackException]:
    """A traceback and those of its causes, as far as they are shown."""
    if report is not None:
        yield report
        yield from all_of(report.__cause__)
        if not report.__suppress_context__:
            yield from all_of(report.__context__)


def test_error_is_freed_without_the_garbage_collector(
    service: Loopback, retrying_client_of: Callable[..., ApiClient]
) -> None:
    """A response and its connection would stay alive until the garbage collector runs."""
    service.queue(Answer(close=True))
    client = retrying_client_of()

    def failure() -> weakref.ref[ApiException]:
        try:
            TanksApi(client).tanks_list()
        except ApiConnectionException as error:
            return weakref.ref(error)
        raise AssertionError("it did not fail")

    gc.disable()
    try:
        assert failure()() is None
    finally:
        gc.enable()
