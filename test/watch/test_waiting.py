"""Waiting for a printer by its state, a change or a function, and timeouts."""

from __future__ import annotations

from typing import Any, Iterator, List

import pytest

pytest.importorskip("uvicorn", reason="the extra sandbox is not installed")

from formlabs_web_api import ApiClient, NotFoundException, PrintersApi
from formlabs_web_api.exceptions import ApiValueError, ForbiddenException
from formlabs_web_api.sandbox import Sandbox
from formlabs_web_api.watch import Change, WatchTimeout
from formlabs_web_api.watch.waiting import Until, Waiting
from test.watch.fleets import client_of, fleet_of


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with fleet_of(printers=12) as sandbox:
        yield sandbox


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[ApiClient]:
    with client_of(sandbox) as client:
        yield client


class Waits:
    """Waits that advance the sandbox's clock and take no time."""

    def __init__(self, sandbox: Sandbox, client: ApiClient) -> None:
        self.sandbox = sandbox
        self.client = client
        self.pauses: List[float] = []

    def waiting(self, until: Until, timeout: float = 1e6, every: float = 60.0) -> Waiting:
        return Waiting(
            *(self.client, until, timeout, every),
            clock=lambda: sum(self.pauses),
            pause=self.pause,
        )

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.sandbox.advance(seconds=seconds)


@pytest.fixture
def waits(sandbox: Sandbox, client: ApiClient) -> Waits:
    return Waits(sandbox, client)


def serial_of(client: ApiClient, state: str) -> str:
    printers = PrintersApi(client).printers_list()
    return next(one.serial for one in printers if one.state(client.now()) == state)


def test_wait_for_returns_a_printer_in_the_state_at_once(client: ApiClient) -> None:
    serial = serial_of(client, "idle")
    found: Any = client.wait_for(serial)
    assert found.serial == serial
    found = client.wait_for_any("printing")
    assert found.state(client.now()) == "printing"


def test_wait_for_returns_when_the_printer_reaches_the_state(
    waits: Waits, client: ApiClient
) -> None:
    serial = serial_of(client, "printing")
    found: Any = waits.waiting("idle", every=600).for_one(serial)
    assert found.state(client.now()) == "idle"
    assert waits.pauses


def test_wait_for_returns_a_change_of_the_given_kind(waits: Waits, client: ApiClient) -> None:
    serial = serial_of(client, "printing")
    found = waits.waiting("print_finished", every=600).for_one(serial)
    assert isinstance(found, Change)
    assert (found.kind, found.printer) == ("print_finished", serial)


def test_wait_for_accepts_a_function_of_the_printer(waits: Waits, client: ApiClient) -> None:
    serial = serial_of(client, "printing")
    found: Any = waits.waiting(lambda printer: printer.state(client.now()) != "printing").for_one(
        serial
    )
    assert found.state(client.now()) != "printing"


def test_wait_for_any_selects_printers_by_material_name_or_code(waits: Waits) -> None:
    for material in ("Clear V5", "FLGPCL05", "clear v5"):
        found: Any = waits.waiting("idle").for_any(None, material)
        assert "Clear V5" in [one.material_name for one in found.cartridges]


def test_wait_for_any_returns_a_change_of_the_given_material(waits: Waits) -> None:
    found: Any = waits.waiting("print_started", every=600).for_any(None, "Clear V5")
    assert found.run.material_name == "Clear V5"


def test_wait_for_any_considers_only_the_given_printers(waits: Waits, client: ApiClient) -> None:
    serial = serial_of(client, "printing")
    found: Any = waits.waiting("printing").for_any([serial], None)
    assert found.serial == serial


def test_wait_for_raises_at_the_timeout_and_not_before(waits: Waits, client: ApiClient) -> None:
    serial = serial_of(client, "offline")
    with pytest.raises(WatchTimeout, match=f"{serial} was not idle in 150 s"):
        waits.waiting("idle", timeout=150).for_one(serial)
    assert waits.pauses == [60, 60, 30]
    with pytest.raises(TimeoutError, match="no print_failed in 1 s"):
        waits.waiting("print_failed", timeout=1).for_one(serial)


def test_wait_for_continues_after_an_outage(
    waits: Waits, client: ApiClient, sandbox: Sandbox
) -> None:
    client.configuration.retries = False
    serial = serial_of(client, "idle")
    sandbox.faults.add("/printers/*", status=503, times=2)
    found: Any = waits.waiting("idle").for_one(serial)
    assert found.serial == serial
    assert len(waits.pauses) == 2


def test_wait_for_raises_a_refusal_of_the_service(
    waits: Waits, client: ApiClient, sandbox: Sandbox
) -> None:
    serial = serial_of(client, "idle")
    sandbox.faults.add("/printers/*", status=403)
    with pytest.raises(ForbiddenException):
        waits.waiting("idle").for_one(serial)


def test_wait_for_an_unknown_printer_raises_at_once(client: ApiClient) -> None:
    with pytest.raises(NotFoundException):
        client.wait_for("NoSuchPrinter")
    with pytest.raises(ApiValueError, match="no such printer: NoSuchPrinter"):
        client.wait_for("NoSuchPrinter", "print_finished")


@pytest.mark.parametrize(
    ("until", "timeout", "message"),
    [("asleep", 1.0, "neither a state"), ("idle", -1.0, "timeout"), (7, 1.0, "until")],
)
def test_invalid_wait_argument_is_refused_before_a_request(
    client: ApiClient, sandbox: Sandbox, until: Any, timeout: float, message: str
) -> None:
    sandbox.forget_requests()
    with pytest.raises(ValueError, match=message):
        client.wait_for("A", until, timeout=timeout)
    assert not sandbox.requests
