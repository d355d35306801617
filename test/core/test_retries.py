"""Which requests are retried, how often, and what the error states about it."""

from __future__ import annotations

import socket
import threading
from typing import Any, Callable, Dict

import pytest
import urllib3
from pydantic import ValidationError

from formlabs_web_api import (
    ApiClient,
    ApiConnectionException,
    ApiTimeoutException,
    Configuration,
    NotFoundException,
    PrintersApi,
    ServiceException,
    TanksApi,
)
from formlabs_web_api.retry import RetryPolicy
from test.support.clocks import FakeClock
from test.support.loopback import Answer, Loopback
from test.support.pipe import Pipe
from test.support.retrying import (
    IDEMPOTENT,
    NOT_IDEMPOTENT,
    REFUSED,
    REJECTED,
    UNCERTAIN,
    WITHOUT_BACKOFF,
)
from test.support.wire import Wire


def sent(service: Loopback, client: ApiClient, method: str, answer: Answer) -> int:
    """Return the number of attempts of a request that always gets this response."""
    service.queue(answer)
    try:
        assert client.call_api(method, f"{service.url}/x/").status >= 400
    except ApiConnectionException:
        assert answer.close or answer.cut
    return len(service.asked)


@pytest.mark.parametrize("method", IDEMPOTENT + NOT_IDEMPOTENT)
@pytest.mark.parametrize("what", REJECTED)
def test_request_rejected_before_processing_is_sent_four_times(
    service: Loopback, retrying_client_of: Callable[..., ApiClient], method: str, what: str
) -> None:
    assert sent(service, retrying_client_of(), method, REJECTED[what]) == 4


@pytest.mark.parametrize(
    ("method", "what"),
    [
        (method, what)
        for method in IDEMPOTENT
        for what in UNCERTAIN
        if (method, what) != ("HEAD", "cut short")  # a response to HEAD has no body
    ],
)
def test_idempotent_request_that_may_have_been_received_is_sent_four_times(
    service: Loopback, retrying_client_of: Callable[..., ApiClient], method: str, what: str
) -> None:
    assert sent(service, retrying_client_of(), method, UNCERTAIN[what]) == 4


@pytest.mark.parametrize("method", NOT_IDEMPOTENT)
@pytest.mark.parametrize("what", UNCERTAIN)
def test_post_or_patch_that_may_have_been_received_is_not_retried(
    service: Loopback, retrying_client_of: Callable[..., ApiClient], method: str, what: str
) -> None:
    assert sent(service, retrying_client_of(), method, UNCERTAIN[what]) == 1


@pytest.mark.parametrize("method", IDEMPOTENT + NOT_IDEMPOTENT)
@pytest.mark.parametrize("what", REFUSED)
def test_request_refused_as_invalid_is_not_retried(
    service: Loopback, retrying_client_of: Callable[..., ApiClient], method: str, what: str
) -> None:
    assert sent(service, retrying_client_of(), method, REFUSED[what]) == 1


@pytest.mark.parametrize("method", IDEMPOTENT + NOT_IDEMPOTENT)
def test_refused_connection_is_tried_four_times_for_any_method(method: str) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))  # bound and not listening, so connections are refused
        host = f"http://127.0.0.1:{holder.getsockname()[1]}"
        client = ApiClient(Configuration(host=host, retries=WITHOUT_BACKOFF))
        with client, pytest.raises(ApiConnectionException) as caught:
            client.call_api(method, f"{host}/x/")
    assert caught.value.attempts == 4
    assert isinstance(caught.value, urllib3.exceptions.NewConnectionError)


@pytest.mark.parametrize(("method", "times"), [("GET", 4), ("DELETE", 4), ("POST", 1)])
def test_read_timeout_is_retried_only_for_idempotent_methods(method: str, times: int) -> None:
    arrived = threading.Semaphore(0)
    wire = Wire(lambda number: arrived.release())
    client = ApiClient(Configuration(host=wire.url, retries=WITHOUT_BACKOFF, timeout=(5.0, 0.05)))
    with client, pytest.raises(ApiTimeoutException) as caught:
        client.call_api(method, f"{wire.url}/x/")
    for _ in range(times):  # possibly after the client gave up
        assert arrived.acquire(timeout=20)
    wire.close()
    assert caught.value.attempts == len(wire.requests) == times


def test_call_that_succeeds_at_the_last_attempt_returns_its_data(
    service: Loopback, retrying_client_of: Callable[..., ApiClient]
) -> None:
    for answer in (Answer(500), Answer(close=True), Answer(200, b"[1]", cut=1)):
        service.queue(answer)
    service.reply(200, {"serial": "Form4-QuietOtter", "alias": "Otto"})
    client = retrying_client_of()
    assert PrintersApi(client).printers_retrieve("Form4-QuietOtter").alias == "Otto"
    assert len(service.asked) == 4
    response = client.call_api("GET", f"{service.url}/x/")
    assert response.attempts == 1


def test_call_without_preload_content_is_retried_for_its_status(
    service: Loopback, retrying_client_of: Callable[..., ApiClient]
) -> None:
    service.reply(500, "trouble")
    service.reply(200, [])
    response = TanksApi(retrying_client_of()).tanks_list_without_preload_content()
    assert (response.status, response.read()) == (200, b"[]")
    assert len(service.asked) == 2


def test_connection_error_states_attempts_method_path_and_elapsed(
    service: Loopback, pipe: Pipe, clock: FakeClock
) -> None:
    service.queue(Answer(close=True))
    with pytest.raises(ApiConnectionException) as caught:
        pipe.send()
    error = caught.value
    assert (error.attempts, error.method, error.path) == (4, "GET", "/x/")
    assert error.elapsed == pytest.approx(sum(clock.waits))
    assert str(error).endswith("(GET /x/, 4 attempts)")
    assert isinstance(error, urllib3.exceptions.ProtocolError)
    assert isinstance(error, urllib3.exceptions.MaxRetryError)


def test_error_status_states_method_path_and_attempts(
    service: Loopback, retrying_client_of: Callable[..., ApiClient]
) -> None:
    service.reply(404, {"detail": "No Printer matches the given query."})
    with pytest.raises(NotFoundException) as caught:
        PrintersApi(retrying_client_of()).printers_retrieve("Form4-X")
    text = "404 Not Found: No Printer matches the given query."
    assert str(caught.value) == f"{text} (GET /developer/v1/printers/Form4-X/, 1 attempt)"


@pytest.mark.parametrize(
    ("retries", "times"),
    [
        (None, 4),
        (0, 1),
        (False, 1),
        (2, 3),
        (RetryPolicy(attempts=2, backoff_base=0), 2),
        (urllib3.Retry(total=1), 2),
        (urllib3.Retry(total=False), 1),
        (urllib3.Retry(total=3, status=1), 2),
        (urllib3.Retry(total=2, allowed_methods=["PUT"]), 1),
    ],
)
@pytest.mark.parametrize("where", ["configuration", "client", "call"])
def test_retries_can_be_set_on_the_configuration_or_per_call(
    service: Loopback, clock: FakeClock, retries: Any, times: int, where: str
) -> None:
    service.reply(500, "trouble")
    configuration = Configuration(host=service.url, access_token="a-token", retries=WITHOUT_BACKOFF)
    if where == "configuration":
        configuration.retries = retries
    with ApiClient(configuration) as client:
        if where == "client":
            configuration.retries = retries
        here = {"_retries": retries} if where == "call" else {}
        with pytest.raises(ServiceException) as caught:
            quickly(lambda: TanksApi(client).tanks_list(**here))
    assert caught.value.attempts == len(service.asked) == times


def quickly(call: Callable[[], Any]) -> Any:
    """Make a call with the default backoff, without the wait."""
    original = RetryPolicy.decide
    settings: Dict[str, Any] = {"random": lambda: 0.0}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            RetryPolicy, "decide", lambda *args, **kw: original(*args, **{**kw, **settings})
        )
        return call()


def test_statuses_and_methods_of_a_urllib3_retry_decide_what_is_retried(service: Loopback) -> None:
    service.reply(418, "a teapot")
    retries = urllib3.Retry(total=2, status_forcelist=[418], allowed_methods=["GET"])
    with ApiClient(Configuration(host=service.url, retries=retries)) as client:
        quickly(lambda: client.call_api("GET", f"{service.url}/x/"))
        assert len(service.asked) == 3
        quickly(lambda: client.call_api("DELETE", f"{service.url}/x/"))
        assert len(service.asked) == 4


@pytest.mark.parametrize("wrong", [-1, 2.5, "three", object()])
def test_invalid_retries_of_a_call_are_refused_before_sending(
    service: Loopback, wrong: Any
) -> None:
    with pytest.raises(ValidationError, match="retries") as caught:
        TanksApi(ApiClient(Configuration(host=service.url))).tanks_list(_retries=wrong)
    assert caught.value.errors()[0]["loc"] == ("_retries",)
    assert service.asked == []
