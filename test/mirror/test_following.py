"""A mirror follows an account, is compared with it, and is read as data frames."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, List

import pytest
import sqlalchemy as sa

from formlabs_web_api import ApiClient
from formlabs_web_api.exceptions import ApiValueError, RateLimitException, UnauthorizedException
from formlabs_web_api.mirror import Mirror, SyncSummary
from formlabs_web_api.mirror.rows import by_key
from formlabs_web_api.mirror.schema import MIRROR_STATE, QUEUE_ITEMS
from formlabs_web_api.mirror.service import Service
from formlabs_web_api.sandbox import Sandbox
from test.support.mirrors import NOON, rows_in


class Waits:
    """Waits that take no time; after some of them the waiting function is stopped."""

    def __init__(self, sandbox: Sandbox, last: int) -> None:
        self.waited: List[float] = []
        self._sandbox = sandbox
        self._last = last

    def __call__(self, seconds: float) -> bool:
        self.waited.append(seconds)
        self._sandbox.advance(seconds=seconds)
        return len(self.waited) >= self._last


@pytest.fixture
def file_mirror(client: ApiClient, tmp_path: Path) -> Any:
    opened = client.mirror(f"sqlite:///{tmp_path}/fleet.db")
    yield opened
    opened.close()


def test_following_runs_a_full_sync_once_a_day(file_mirror: Mirror, sandbox: Sandbox) -> None:
    waits = Waits(sandbox, last=5)
    passes = [
        rows_in(file_mirror, MIRROR_STATE)[0].full_number
        for _ in file_mirror.follow(every=9 * 3600, only="prints", pause=waits)
    ]
    assert passes == [0, 0, 0, 1, 1]  # the first sync of a mirror reads everything anyway


def test_following_continues_after_an_outage_and_raises_for_wrong_credentials(
    file_mirror: Mirror,
    client: ApiClient,
    sandbox: Sandbox,
    caplog: pytest.LogCaptureFixture,
) -> None:
    sandbox.faults.add("/developer/v1/prints/", status=503, times=1)
    with caplog.at_level(logging.WARNING):
        summaries = list(file_mirror.follow(60, only="prints", pause=Waits(sandbox, 2)))
    assert len(summaries) == 1
    assert "The mirror is brought up to date later" in caplog.text
    sandbox.faults.add("/developer/v1/prints/", status=401)
    with pytest.raises(UnauthorizedException):
        list(file_mirror.follow(60, only="prints", pause=Waits(sandbox, 2)))


def test_sync_waits_for_the_rate_limit_as_long_as_it_may(
    client: ApiClient, sandbox: Sandbox
) -> None:
    sandbox.faults.add("/developer/v1/prints/", status=429, headers={"Retry-After": "900"}, times=1)
    waits = Waits(sandbox, last=9)
    client.configuration.max_wait = 0.0
    with pytest.raises(RateLimitException):
        Service(client, 600.0, waits).page("prints", 1)
    assert waits.waited == []


@pytest.mark.parametrize("every", [0, -1, float("nan"), "5m"])
def test_invalid_interval_of_following_is_refused_at_once(file_mirror: Mirror, every: Any) -> None:
    with pytest.raises(ValueError, match="every"):
        file_mirror.follow(every=every)


def test_verification_names_rows_that_differ(mirror: Mirror, sandbox: Sandbox) -> None:
    mirror.sync()
    assert mirror.verify(seed=1).rows > 100
    with mirror.engine.begin() as connection:
        connection.execute(sa.text("UPDATE cartridges SET content_hash = 'x', material = 'MINE'"))
        connection.execute(sa.text("DELETE FROM groups"))
    result = mirror.verify(pages=1, seed=1)
    assert not result
    texts = [str(difference) for difference in result.differences]
    assert any("not as the service lists it: material" in text for text in texts)
    assert any("groups" in text and "missing in the mirror" in text for text in texts)


def test_row_that_the_service_lists_twice_is_verified_once() -> None:
    first, last = {"id": "1", "group_id": "a"}, {"id": "1", "group_id": "b"}
    assert by_key(QUEUE_ITEMS, [first, last, {"id": None}]) == {("1",): last}


def test_verification_changes_no_row(mirror: Mirror) -> None:
    mirror.sync(only="prints")
    before = rows_in(mirror, sa.table("print_runs", sa.column("content_hash")))
    mirror.verify(pages=1, seed=2)
    assert rows_in(mirror, sa.table("print_runs", sa.column("content_hash"))) == before


def test_frames_have_the_columns_types_and_values_of_the_client(
    file_mirror: Mirror, client: ApiClient
) -> None:
    pandas = pytest.importorskip("pandas")
    file_mirror.sync()
    now = file_mirror.synced_at
    for name in ("prints", "events", "tanks", "cartridges", "groups", "printers"):
        ours = getattr(file_mirror.frames, name)(now=now)
        theirs = getattr(client.frames, name)(now=now)
        assert dict(ours.dtypes) == dict(theirs.dtypes), name
        assert len(ours) == len(theirs), name
    ours = file_mirror.frames.prints(now=now).set_index("guid").sort_index()
    theirs = client.frames.prints(now=now).set_index("guid").sort_index()
    private = [name for name in ours if "user" in name or "author" in name]
    closed = ~theirs["is_open"].astype(bool)
    pandas.testing.assert_frame_equal(
        ours[closed].drop(columns=private), theirs[closed].drop(columns=private)
    )


def test_frame_of_prints_is_limited_to_a_period_and_a_printer(
    file_mirror: Mirror, client: ApiClient
) -> None:
    pytest.importorskip("pandas")
    file_mirror.sync(only="prints")
    serial = client.printers.list()[0].serial
    since = NOON - timedelta(days=30)
    frame = file_mirror.frames.prints(since=since, printer=serial)
    expected = {
        run.guid
        for run in client.prints.iter(printer=serial)
        if max(filter(None, (run.created_at, run.print_started_at))) >= since
    }
    assert set(frame["guid"]) == expected


def test_invalid_arguments_of_read_are_refused(file_mirror: Mirror) -> None:
    with pytest.raises(ApiValueError, match="'moons' is not mirrored; name prints"):
        file_mirror.read("moons")
    with pytest.raises(ApiValueError, match="tanks have no times"):
        file_mirror.read("tanks", since=NOON)
    with pytest.raises(ApiValueError, match="no time zone"):
        file_mirror.read("prints", since=datetime(2026, 1, 1))


def test_summary_is_plain_data(file_mirror: Mirror) -> None:
    summary: SyncSummary = file_mirror.sync(only="tanks")
    plain = summary.to_dict()
    assert plain["tables"]["tanks"]["new"] == summary.total.new > 0
    assert str(summary).endswith("1 page")
