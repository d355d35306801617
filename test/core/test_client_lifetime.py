"""Clients in a process: closed during a call, never closed, first used by many threads."""

from __future__ import annotations

import copy
import gc
import pickle
import weakref
from contextlib import suppress
from pathlib import Path
from typing import Any, Callable, Dict, Optional

import pytest

from formlabs_web_api import ApiClient, ApiException, ApiValueError, Configuration, TanksApi
from test.support.loopback import Answer, Asked, Loopback
from test.support.subprocesses import run_script


def test_call_is_not_retried_after_its_client_is_closed(
    service: Loopback, retrying_client_of: Callable[..., ApiClient]
) -> None:
    service.queue(Answer(500))
    client = retrying_client_of()
    client.configuration.on_retry = lambda event: client.close()
    with pytest.raises(ApiValueError, match="closed"):
        TanksApi(client).tanks_list()
    assert len(service.asked) == 1
    assert len(client.rest_client.pool_manager.pools) == 0


DROPPED = """
def use():
    client = ApiClient(configuration)
    for answer in (Answer(200, b"[]"), Answer(404), Answer(200, b"[1, 2]", cut=2), Answer(200)):
        service.answer = lambda asked: (
            answer
            if not asked.path.endswith("/token/")
            else Answer(200, {"access_token": "t", "expires_in": 86400})
        )
        try:
            TanksApi(client).tanks_list(_retries=0)
        except ApiException:
            pass

for _ in range(3):
    use()
    gc.collect()
service.close()
gc.collect()
print("fine")
"""


def test_unclosed_client_causes_no_resource_warning() -> None:
    done = run_script(DROPPED, "-X", "dev", "-W", "error")
    assert (done.stderr, done.stdout) == ("", "fine\n")


USES: Dict[str, Callable[[ApiClient], Any]] = {
    "listing": lambda client: client.tanks.list(),
    "listing with the response": lambda client: TanksApi(client).tanks_list_with_http_info(),
    "unread response": lambda client: TanksApi(client).tanks_list_without_preload_content(),
    "all items": lambda client: list(client.prints.iter()),
    "abandoned items": lambda client: next(iter(client.prints.iter(prefetch=2)), None),
    "failed call": lambda client: client.printers.get("missing"),
    "official helper": lambda client: client.call_api("GET", f"{client.configuration.host}/x/"),
}


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("shared", [False, True], ids=["alone", "shared"])
def test_client_that_was_used_and_not_closed_is_freed(
    service: Loopback, tmp_path: Path, use: str, shared: bool
) -> None:
    def answer(asked: Asked) -> Answer:
        if asked.path.endswith("/o/token/"):
            return Answer(200, {"access_token": "a-token-of-a-test", "expires_in": 3600})
        return Answer(404) if "missing" in asked.path else Answer(200, b"[]")

    service.answer = answer
    client: Optional[ApiClient] = ApiClient(
        Configuration(
            host=service.url,
            client_id="an-id",
            client_secret="a-long-secret",
            shared=f"sqlite:///{tmp_path / 'shared.sqlite3'}" if shared else None,
        )
    )
    assert client is not None
    with suppress(ApiException):
        USES[use](client)
    known = weakref.ref(client)
    client = None
    gc.collect()
    assert known() is None


QUIET = """
service.reply(200, [{"serial": 5, "new": "x"}])
api = TanksApi(ApiClient(configuration))
configuration.access_token = "token"
configuration.on_request = lambda event: 1 / 0
api.tanks_list()
service.close()
assert len(api.api_client.drift) > 1
"""


def test_client_writes_nothing_to_stderr_unless_logging_is_configured() -> None:
    done = run_script(QUIET)
    assert (done.stderr, done.stdout) == ("", "")


FIRST = """
configuration.access_token = "token"
configuration.rate_limits = None
service.reply(200, {"count": 0, "next": None, "previous": None, "results": []})
client = ApiClient(configuration)
calls = [
    TanksApi(client).tanks_list,
    CartridgesApi(client).cartridges_list,
    PrintsApi(client).prints_list,
    EventsApi(client).events_list,
    PrintersApi(client).printers_list,
    PrinterGroupsApi(client).groups_list,
]
together, trouble = threading.Barrier(24), []

def call(number):
    together.wait()
    try:
        calls[number % len(calls)]()
    except BaseException as error:
        trouble.append(error)

threads = [threading.Thread(target=call, args=[number]) for number in range(24)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
client.close()
service.close()
assert not trouble, trouble
print("fine")
"""


def test_first_calls_of_many_threads_at_once_succeed() -> None:
    """They build the validators and models that all threads then share."""
    for _ in range(2):
        done = run_script(FIRST, "-W", "error")
        assert (done.stderr, done.stdout) == ("", "fine\n")


@pytest.mark.parametrize("part", ["client", "api", "namespace", "frames"])
def test_client_for_another_process_is_refused_with_what_to_send(
    client: ApiClient, service: Loopback, part: str
) -> None:
    service.reply(200, {"count": 0, "next": None, "previous": None, "results": []})
    client.tanks.list()
    parts = {
        "client": client,
        "api": TanksApi(client),
        "namespace": client.tanks,
        "frames": client.frames,
    }
    with pytest.raises(TypeError, match=r"send client\.configuration"):
        pickle.dumps(parts[part])


def test_configuration_of_a_used_client_makes_a_client_in_another_process(
    client: ApiClient, service: Loopback
) -> None:
    service.reply(200, {"count": 0, "next": None, "previous": None, "results": []})
    client.tanks.list()
    with ApiClient(pickle.loads(pickle.dumps(client.configuration))) as other:
        other.tanks.list()
    assert len(service.asked) == 2


def test_copy_of_a_client_shares_its_connections(client: ApiClient) -> None:
    assert copy.copy(client).rest_client is client.rest_client
