"""5,000 calls from 16 threads while one request in twenty meets a fault, of every kind."""

from __future__ import annotations

import io
import logging
import os
import socket
import threading
import traceback
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Callable, Dict, Iterator, List, Sequence, Tuple
from typing import Counter as Counts

import pytest

from formlabs_web_api import (
    ApiClient,
    ApiException,
    Configuration,
    PrinterGroupsApi,
    PrintersApi,
    ResponseException,
    TanksApi,
)
from formlabs_web_api.hooks import RequestEvent
from formlabs_web_api.rate_limit import RateLimiter
from formlabs_web_api.retry import RetryPolicy
from test.storm.server import FAULTS, SECRETS, Storm

pytestmark = pytest.mark.skipif(
    not hasattr(socket, "SO_REUSEPORT"), reason="the storm needs a port that can be shared"
)

SEED = 20
CALLS = 5000
THREADS = 16
MOST_REQUESTS = 1.15
"""For each call, beyond the requests that met a fault."""


class EarlyGate(RateLimiter):
    """A gate that opens twenty times too early; its duration does not matter here."""

    def close_gate(self, seconds: float) -> None:
        super().close_gate(seconds / 20)


@dataclass
class Outcomes:
    """The results and errors of the calls."""

    right: Counts[str] = field(default_factory=Counter)
    wrong: List[Any] = field(default_factory=list)
    errors: List[Tuple[str, BaseException]] = field(default_factory=list)


class Calls:
    """The calls of the storm, each with a unique result."""

    def __init__(self, client: ApiClient) -> None:
        self.printers = PrintersApi(client)
        self.tanks = TanksApi(client)
        self.groups = PrinterGroupsApi(client)

    def make(self, number: int) -> Tuple[str, Callable[[], Any], Any]:
        """Return the kind of a call, the call, and its expected result."""
        kind = number % 10
        name = f"group-{number}"
        if kind == 0:
            return "POST", lambda: self.groups.groups_create({"name": name}).name, name
        if kind == 1:
            change = {"name": name}
            return "PATCH", lambda: self.groups.groups_partial_update("g", change).name, name
        if kind == 2:
            return "DELETE", lambda: self.groups.groups_destroy(name), None
        if kind < 6:
            serials = [f"tank-{number}-{row}" for row in range(5)]
            return "GET page", lambda: self.serials(number), serials
        serial = f"Form4-{number}"
        return "GET", lambda: self.printers.printers_retrieve(serial).alias, f"alias of {serial}"

    def serials(self, page: int) -> List[str]:
        return [tank.serial for tank in self.tanks.tanks_list(page=page).results or ()]


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """The log of this package and of urllib3 at DEBUG, as it would be in a file."""
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    handler.setFormatter(logging.Formatter("%(name)s %(levelname)s %(message)s"))
    loggers = [logging.getLogger("formlabs_web_api"), logging.getLogger("urllib3")]
    for logger in loggers:
        logger.addHandler(handler)
        logger.setLevel(logging.DEBUG)
        logger.propagate = False
    yield text
    for logger in loggers:
        logger.removeHandler(handler)
        logger.setLevel(logging.NOTSET)
        logger.propagate = True


def open_sockets() -> int:
    """Return the number of sockets of this process, if the system reports it."""
    folder = "/proc/self/fd"
    if not os.path.isdir(folder):
        return 0
    links = (os.path.join(folder, name) for name in os.listdir(folder))
    return sum(os.path.islink(link) and "socket" in os.readlink(link) for link in links)


def configuration_of(storm: Storm) -> Configuration:
    configuration = Configuration(
        host=f"http://127.0.0.1:{storm.port}",
        client_id="storm",
        client_secret=SECRETS["client secret"],
        retries=RetryPolicy(backoff_base=0.01, backoff_max=0.05),
        timeout=(2.0, 1.0),
    )
    configuration.rate_limiter = EarlyGate(())

    def heal(event: RequestEvent) -> None:
        if event.reason.startswith("not sent"):
            storm.listen()

    configuration.on_retry = heal
    return configuration


def run(client: ApiClient, numbers: Sequence[int] = range(CALLS)) -> Outcomes:
    outcomes = Outcomes()
    calls = Calls(client)
    together = threading.Barrier(THREADS)

    def work(first: int) -> None:
        together.wait()
        for number in numbers[first::THREADS]:
            kind, call, expected = calls.make(number)
            try:
                result = call()
            except BaseException as error:
                outcomes.errors.append((kind, error))
            else:
                if result == expected:
                    outcomes.right[kind] += 1
                else:
                    outcomes.wrong.append((kind, result, expected))

    threads = [threading.Thread(target=work, args=[first]) for first in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def table(storm: Storm, outcomes: Outcomes) -> str:
    """Return the counters as a table for the log."""
    faults = sum(storm.faults.values())
    beyond = (storm.requests - faults) / CALLS
    failed: Counts[str] = Counter()
    for kind, error in outcomes.errors:
        failed[f"{kind}: {type(error).__name__}"] += 1
    parts: Dict[str, Dict[str, Any]] = {
        "faults": dict(sorted(storm.faults.items())),
        "calls that gave their result": dict(sorted(outcomes.right.items())),
        "calls that raised": dict(sorted(failed.items())),
        "in all": {
            "calls": CALLS,
            "requests": storm.requests,
            "requests that met a fault": faults,
            "requests with a token that had ended": storm.refused_as_expired,
            "requests for each call beyond the faults": f"{beyond:.3f}",
        },
    }
    lines = [f"A storm of seed {storm.seed}"]
    for title, rows in parts.items():
        lines += ["", title]
        lines += [f"  {name:45}{value:>8}" for name, value in rows.items()]
    return "\n".join([*lines, ""])


def text_of(error: BaseException) -> str:
    """Return every text that a report of an error may show, local variables included."""
    report = traceback.TracebackException.from_exception(error, capture_locals=True)
    return "".join([str(error), repr(error), *report.format()])


def test_every_call_succeeds_or_raises_its_own_error_under_faults(
    log: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    sockets, threads = open_sockets(), threading.active_count()
    storm = Storm(SEED)
    with ApiClient(configuration_of(storm)) as client:
        outcomes = run(client)
    storm.close()
    with capsys.disabled():
        os.write(1, f"\n{table(storm, outcomes)}".encode())

    assert outcomes.wrong == []
    assert sum(outcomes.right.values()) + len(outcomes.errors) == CALLS
    foreign = [error for _, error in outcomes.errors if not isinstance(error, ApiException)]
    assert foreign == []

    assert set(storm.faults) == set(FAULTS)
    assert storm.requests - sum(storm.faults.values()) <= MOST_REQUESTS * CALLS

    once = {name: n for name, n in storm.applied.items() if name.startswith(("POST", "PATCH"))}
    assert set(once.values()) == {1}
    assert len(once) >= outcomes.right["POST"] + outcomes.right["PATCH"]
    # A garbled response is not retried. Every other repeatable call succeeds, unless
    # two faults meet in one call, or the response with a new token for all threads is garbled.
    harmless = [e for kind, e in outcomes.errors if kind in ("GET", "GET page", "DELETE")]
    lost = [error for error in harmless if not isinstance(error, ResponseException)]
    assert len(lost) <= CALLS / 100

    assert open_sockets() <= sockets  # sockets of other tests may have been closed meanwhile
    assert threading.active_count() <= threads

    report = log.getvalue() + "".join(text_of(error) for _, error in outcomes.errors)
    assert "is sent again" in report
    assert [name for name, secret in SECRETS.items() if secret in report] == []


WRITES = [number for number in range(3200) if number % 10 < 3]
"""The numbers of 960 calls that create, change and delete."""


def test_no_write_is_doubled_at_forty_percent_faults(
    log: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    storm = Storm(SEED, share_of_faults=0.4)
    with ApiClient(configuration_of(storm)) as client:
        outcomes = run(client, WRITES)
    storm.close()
    done, failed = sum(outcomes.right.values()), len(outcomes.errors)
    # A deletion may be repeated; what creates or changes takes effect once, if it succeeded.
    applied = {name: n for name, n in storm.applied.items() if name.startswith(("POST", "PATCH"))}
    doubled = [name for name, n in applied.items() if n > 1]
    faults = sum(storm.faults.values())
    text = f"{len(WRITES)} writes, {faults} faults: {done} done, {failed} failed, {len(doubled)}"
    with capsys.disabled():
        os.write(1, f"\n{text} doubled\n".encode())

    assert doubled == []
    assert len(applied) >= outcomes.right["POST"] + outcomes.right["PATCH"]
    assert done + failed == len(WRITES)
    assert outcomes.wrong == []
    assert [error for _, error in outcomes.errors if not isinstance(error, ApiException)] == []
