"""Derived values of models that came with a response are judged by the service's clock."""

from __future__ import annotations

import copy
import pickle
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from typing import Any, Dict, List

import pytest

from formlabs_web_api import ApiClient, PrintersApi, PrintsApi, models
from formlabs_web_api.frames import to_records
from formlabs_web_api.models.derived import PrinterState, PrintOutcome
from formlabs_web_api.models.derived.clock import response_time_of
from test.support.loopback import Loopback

SERVICE_NOW = datetime(2031, 5, 6, 7, 8, 9, tzinfo=timezone.utc)
"""Far from the clock of any computer that runs this test."""
DATE = format_datetime(SERVICE_NOW, usegmt=True)


def ago(**age: float) -> str:
    return (SERVICE_NOW - timedelta(**age)).isoformat()


def print_run() -> Dict[str, Any]:
    return {
        "guid": "1",
        "status": "PRINTING",
        "print_started_at": ago(hours=1),
        "elapsed_duration_ms": 3_500_000,
        "estimated_time_remaining_ms": 600_000,
        "currently_printing_layer": 7,
    }


def printer() -> Dict[str, Any]:
    return {
        "serial": "Form4-QuietOtter",
        "printer_status": {
            "status": "PRINTING",
            "last_pinged_at": ago(seconds=20),
            "current_print_run": print_run(),
        },
    }


def printers_of(service: Loopback, client: ApiClient) -> List[models.DeveloperAPIMyPrinter]:
    service.reply(200, [printer()], Date=DATE)
    return PrintersApi(client).printers_list()


def test_printer_state_is_judged_by_the_date_of_its_response(service: Loopback, client: ApiClient):
    (found,) = printers_of(service, client)
    assert found.state() is PrinterState.PRINTING
    assert found.is_online()
    assert "PRINTING" in found.state_reason()
    assert found.current_run is not None
    assert found.current_run.outcome is PrintOutcome.IN_PROGRESS
    assert not found.current_run.is_stale()


def test_explicit_now_takes_precedence_over_the_date_of_the_response(
    service: Loopback, client: ApiClient
):
    (found,) = printers_of(service, client)
    later = SERVICE_NOW + timedelta(days=30)
    assert found.state(later) is PrinterState.OFFLINE
    assert found.current_run is not None
    assert found.current_run.outcome_at(later) is PrintOutcome.ABANDONED


@pytest.mark.parametrize("is_page", [True, False], ids=["page", "bare list"])
def test_each_row_of_a_listing_is_judged_by_the_date(
    service: Loopback, client: ApiClient, is_page: bool
):
    rows = [print_run(), {**print_run(), "layer_count": "odd"}]
    service.reply(200, {"results": rows, "count": 2} if is_page else rows, Date=DATE)
    page = PrintsApi(client).prints_list()
    assert [run.outcome for run in page.results] == [PrintOutcome.IN_PROGRESS] * 2
    assert [record["outcome"] for record in to_records(page)] == ["in_progress"] * 2
    assert response_time_of(page) == SERVICE_NOW


def test_response_time_takes_no_part_in_equality_dicts_or_pickles(
    service: Loopback, client: ApiClient
):
    (found,) = printers_of(service, client)
    by_hand = models.DeveloperAPIMyPrinter.from_dict(printer())
    assert found == by_hand
    assert by_hand is not None
    assert found.to_dict() == by_hand.to_dict()
    restored = pickle.loads(pickle.dumps(found))
    assert restored == found
    assert response_time_of(restored) is None
    assert repr(found) == repr(by_hand)


@pytest.mark.parametrize(
    "copy_of",
    [copy.copy, copy.deepcopy, lambda model: model.model_copy(deep=True)],
    ids=["copy", "deepcopy", "model_copy"],
)
def test_copy_is_judged_as_its_original(service: Loopback, client: ApiClient, copy_of: Any):
    (found,) = printers_of(service, client)
    assert copy_of(found).state() is PrinterState.PRINTING


def test_model_without_response_is_judged_by_the_local_clock():
    now = datetime.now(timezone.utc)
    one = models.DeveloperAPIMyPrinter.from_dict(
        {"serial": "s", "printer_status": {"status": "IDLE", "last_pinged_at": now.isoformat()}}
    )
    assert one is not None
    assert one.state() is PrinterState.IDLE
    assert response_time_of(one) is None


@pytest.mark.parametrize("date", ["", "yesterday", "99"])
def test_invalid_date_header_leaves_the_local_clock(
    service: Loopback, client: ApiClient, date: str
):
    service.reply(200, [printer()], Date=date)
    (found,) = PrintersApi(client).printers_list()
    assert response_time_of(found) is None
    assert found.state() in PrinterState
