"""Lines as users write them, which mypy --strict accepts: CI checks the types of this module."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import List

import pytest

import formlabs_web_api
from formlabs_web_api import ApiClient, Printer, PrinterGroupsApi, PrintRun
from test.support.loopback import Loopback
from test.support.operations import GROUP, data_of


def test_a_dict_is_sent_as_a_body_of_its_model(service: Loopback, client: ApiClient) -> None:
    groups = PrinterGroupsApi(client)
    for status, body in ((201, "group_created"), (201, "member"), (200, "group")):
        service.reply(status, data_of(body))
    service.reply(200, b"")
    group = groups.groups_create({"name": "Night shift"})
    assert service.last.json == {"name": "Night shift"}
    client.groups.add_member(group.id, {"user": "dana@example.com", "is_admin": False})
    assert service.last.json == {"user": "dana@example.com", "is_admin": False}
    client.groups.update(GROUP, {"remote_print_enabled_override": None})
    assert service.last.json == {"remote_print_enabled_override": None}
    client.groups.add_printers({"target_group": GROUP, "printers": ["ModestStoat"]})
    request = formlabs_web_api.DeveloperAPIGroupsBulkAddPrintersRequest(
        target_group=GROUP, printers=["ModestStoat"]
    )
    client.groups.add_printers(request)
    first, second = service.asked[-2:]
    assert first.json == second.json


def test_short_names_have_the_types_of_the_official_ones(
    service: Loopback, client: ApiClient
) -> None:
    service.reply(200, data_of("printers"))
    service.reply(200, data_of("prints"))
    printers: List[Printer] = client.printers.list()
    assert printers[0].serial
    run: PrintRun = next(iter(client.printers.prints_iter("ModestStoat", limit=1)))
    assert run.guid


def test_frames_take_filters_and_options_of_a_table(service: Loopback, client: ApiClient) -> None:
    pytest.importorskip("pandas")
    service.reply(200, {"count": 0, "next": None, "previous": None, "results": []})
    moment = datetime(2026, 6, 1, tzinfo=timezone.utc)
    prints = client.frames.prints(
        status="FINISHED", ended_since=moment, ended_until=None, derived=False, secrets=True
    )
    events = client.frames.events(type="RESIN_LOW", date__gt=moment, now=moment, limit=5)
    assert len(prints) == len(events) == 0
