"""Features that read the whole account survive unexpected values in any field of any row."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any, Callable, Dict, Tuple

import pytest

from formlabs_web_api import (
    ApiClient,
    CartridgesApi,
    Configuration,
    EventsApi,
    PrinterGroupsApi,
    PrintersApi,
    PrintsApi,
    TanksApi,
)
from test.support.loopback import Answer, Asked, Loopback

pytest.importorskip("pandas", reason="the extra reports is not installed")
pytest.importorskip("sqlalchemy", reason="the extra mirror is not installed")

UNEXPECTED: Tuple[Any, ...] = (
    *(None, "", "text", "0001-01-01T00:00:00Z", "1969-12-31T23:59:59Z"),
    *(
        "9999-12-31T23:59:59.999999Z",
        -1,
        10**30,
        10**400,
        1e308,
        True,
        [],
        {},
        [None, "x"],
        {"name": ["x"]},
    ),
    *("=cmd", "\u202e\x1b[31m", "<script>", "ß" * 300),
)


def corrupted(value: Any, draw: Random, chance: float) -> Any:
    """Return a copy with fields replaced by unexpected values, and some left out."""
    if isinstance(value, dict):
        return {
            name: draw.choice(UNEXPECTED)
            if draw.random() < chance
            else corrupted(inner, draw, chance)
            for name, inner in value.items()
            if draw.random() > chance / 3
        }
    if isinstance(value, list):
        return [corrupted(inner, draw, chance) for inner in value]
    return value


@pytest.fixture(scope="module")
def bodies() -> Dict[str, Any]:
    """Return the bodies of a fleet in the sandbox by the end of their path."""
    from formlabs_web_api.sandbox import Sandbox

    with Sandbox(seed=3) as sandbox:
        credentials = {"client_id": sandbox.client_id, "client_secret": sandbox.client_secret}
        client = ApiClient(Configuration(host=sandbox.url, **credentials))
        groups = PrinterGroupsApi(client)
        found = {
            "/prints/": PrintsApi(client).prints_list_without_preload_content(per_page=100),
            "/events/": EventsApi(client).events_list_without_preload_content(),
            "/tanks/": TanksApi(client).tanks_list_without_preload_content(),
            "/cartridges/": CartridgesApi(client).cartridges_list_without_preload_content(),
            "/printers/": PrintersApi(client).printers_list_without_preload_content(),
            "/groups/": groups.groups_list_without_preload_content(),
        }
        read = {path: json.loads(response.data) for path, response in found.items()}
        group_id = read["/groups/"][0]["id"]
        queue = groups.groups_queue_list_without_preload_content(group_id)
        client.close()
        return {"/queue/": json.loads(queue.data), **read}


@pytest.fixture
def corrupted_client(
    service: Loopback, client_of: Callable[..., ApiClient], bodies: Dict[str, Any], seed: int
) -> ApiClient:
    draw = Random(seed)
    chance = (0.02, 0.1, 0.4)[seed % 3]
    served: Dict[str, Any] = {}
    for path, body in bodies.items():
        if isinstance(body, dict):
            rows = corrupted(body["results"], draw, chance)
            served[path] = {**body, "next": None, "results": rows}
        else:
            served[path] = corrupted(body, draw, chance)

    def answer(asked: Asked) -> Answer:
        path = next(path for path in served if asked.path.split("?")[0].endswith(path))
        return Answer(200, served[path])

    service.answer = answer
    return client_of(account="plant")


@pytest.mark.parametrize("seed", range(4))
def test_mirror_watch_and_reports_survive_unexpected_values(
    corrupted_client: ApiClient, tmp_path: Path
) -> None:
    from formlabs_web_api.reports import ClientSource, MirrorSource, make_report

    client, now = corrupted_client, corrupted_client.now()
    since = now - timedelta(days=30)
    with client.mirror(f"sqlite:///{tmp_path}/fleet.db") as mirror:
        mirror.sync()
        assert mirror.verify(seed=1)
        sources = [ClientSource(client), MirrorSource(mirror)]
        for source in sources:
            report = make_report("all", source, since, zone="Pacific/Kiritimati")
            page = report.html()
            assert "<script" not in page
            assert "\x1b" not in page
            assert report.to_bytes(".xlsx")
    with client.watch(state=tmp_path / "state", since=since) as watcher:
        watcher.poll()
        assert watcher.poll() == []
