"""Data frames that are continued from a spool, and the progress of reading them."""

from __future__ import annotations

import io
import os
import random
import signal
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Callable, Iterator, List, Optional

import pandas as pd
import pytest

pytest.importorskip("uvicorn", reason="the extra sandbox is not installed")

from formlabs_web_api import ApiClient, ApiValueError, Configuration, RateLimitException
from formlabs_web_api.frames import FrameProgress
from formlabs_web_api.frames.progress import SHOWN_AFTER, ProgressLine
from formlabs_web_api.frames.spool import Spool, kept_pages
from formlabs_web_api.models import PrintRun
from formlabs_web_api.paging import MAX_RESUME_AGE, Pages
from formlabs_web_api.sandbox import Sandbox

NOW = datetime(2026, 6, 5, 12, tzinfo=timezone.utc)
PAGES = 8


class Stop(Exception):
    """Ends the reading of a listing early."""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(seed=3, printers=4, prints=75, now=NOW) as sandbox:
        yield sandbox


def client_of(sandbox: Sandbox, **settings: Any) -> ApiClient:
    configuration = Configuration(
        host=sandbox.url,
        client_id=sandbox.client_id,
        client_secret=sandbox.client_secret,
        **{"rate_limits": None, **settings},
    )
    return ApiClient(configuration)


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[ApiClient]:
    sandbox.forget_requests()
    with client_of(sandbox) as client:
        yield client


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    return tmp_path / "prints.spool"


def stop_after(pages: int) -> Callable[[FrameProgress], None]:
    """Return a callback of the progress that ends the reading after some pages."""
    seen: List[FrameProgress] = []

    def stop(progress: FrameProgress) -> None:
        seen.append(progress)
        if len(seen) == pages:
            raise Stop

    return stop


def interrupt(client: ApiClient, spool: Path, pages: int, **options: Any) -> None:
    with pytest.raises(Stop):
        client.frames.prints(per_page=10, spool=spool, progress=stop_after(pages), **options)


def pages_read(sandbox: Sandbox) -> List[int]:
    asked = sandbox.requests_to("*/prints/")
    return [int(one.query["page"][0]) for one in asked]


@pytest.mark.parametrize("secrets", [False, True])
def test_interrupted_frame_reads_only_the_missing_pages_and_equals_an_unbroken_one(
    sandbox: Sandbox, client: ApiClient, spool: Path, secrets: bool
) -> None:
    unbroken = client.frames.prints(per_page=10, secrets=secrets, now=NOW)
    interrupt(client, spool, 5, secrets=secrets)
    assert spool.stat().st_mode & 0o777 == 0o600 or os.name == "nt"
    assert secrets == ("Signature" in spool.read_text(encoding="utf-8"))
    sandbox.forget_requests()
    frame = client.frames.prints(per_page=10, spool=spool, secrets=secrets, now=NOW)
    pd.testing.assert_frame_equal(frame, unbroken)
    assert pages_read(sandbox) == [5, 6, 7, 8]  # the last page is read again
    assert not spool.exists()


@pytest.mark.parametrize("listing", ["printers", "events", "tanks", "cartridges", "groups"])
def test_spool_of_each_listing_is_removed_when_the_frame_is_complete(
    client: ApiClient, spool: Path, listing: str
) -> None:
    read: Any = getattr(client.frames, listing)
    with pytest.raises(Stop):
        read(spool=spool, progress=stop_after(1))
    pd.testing.assert_frame_equal(read(spool=spool, now=NOW), read(now=NOW))
    assert not spool.exists()


KILLED = """
import os, signal, sys
from formlabs_web_api import ApiClient, Configuration
from formlabs_web_api.frames.spool import Spool, kept_pages, question_of

host, id, secret, path = sys.argv[1:]
configuration = Configuration(host=host, client_id=id, client_secret=secret)
ASKED = {"per_page": 10, "start_page": 1}
with ApiClient(configuration) as client:
    spool = Spool(path, question_of(configuration, "prints", ASKED), False)
    for page in kept_pages(client.prints.pages(per_page=10), spool):
        with open(path, "rb+") as file:  # half of the page, as if it were written now
            if file.read().count(b"\\n") == 5:
                file.truncate(file.tell() - 500)
                os.kill(os.getpid(), signal.SIGKILL)
"""


def test_frame_killed_while_a_page_is_written_is_continued_by_the_same_call(
    sandbox: Sandbox, client: ApiClient, spool: Path
) -> None:
    unbroken = client.frames.prints(per_page=10, now=NOW)
    arguments = [sandbox.url, sandbox.client_id, sandbox.client_secret, str(spool)]
    done = subprocess.run([sys.executable, "-c", KILLED, *arguments], check=False)
    assert done.returncode == -signal.SIGKILL
    sandbox.forget_requests()
    frame = client.frames.prints(per_page=10, spool=spool, now=NOW)
    pd.testing.assert_frame_equal(frame, unbroken)
    assert pages_read(sandbox) == [3, 4, 5, 6, 7, 8]  # page 3 was the last whole one


def test_interrupted_frame_with_a_limit_has_as_many_rows(client: ApiClient, spool: Path) -> None:
    interrupt(client, spool, 2, limit=35)
    frame = client.frames.prints(per_page=10, spool=spool, limit=35, now=NOW)
    pd.testing.assert_frame_equal(frame, client.frames.prints(per_page=10, limit=35, now=NOW))


def test_frame_that_fails_for_a_full_disk_is_continued_by_the_same_call(
    client: ApiClient, spool: Path
) -> None:
    resource = pytest.importorskip("resource", reason="Windows has no limit of the file size")
    interrupt(client, spool, 3)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (spool.stat().st_size + 2_000, before[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            client.frames.prints(per_page=10, spool=spool)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    frame = client.frames.prints(per_page=10, spool=spool, now=NOW)
    pd.testing.assert_frame_equal(frame, client.frames.prints(per_page=10, now=NOW))


def test_frame_larger_than_the_rate_limit_is_read_by_several_calls(
    sandbox: Sandbox, spool: Path
) -> None:
    settings: Any = {"rate_limits": [(6, 3600.0)], "max_wait": 0.0}
    with client_of(sandbox, **settings) as client, pytest.raises(RateLimitException):
        client.frames.prints(per_page=10, spool=spool)
    with client_of(sandbox, **settings) as client:
        assert len(client.frames.prints(per_page=10, spool=spool)) == 75


# --- files that are refused ---------------------------------------------------------------------


def test_spool_of_another_question_is_refused_by_the_argument_that_differs(
    client: ApiClient, spool: Path
) -> None:
    interrupt(client, spool, 1)
    before = spool.read_bytes()
    with pytest.raises(ApiValueError, match=r"per_page was 10, not 20"):
        client.frames.prints(per_page=20, spool=spool)
    with pytest.raises(ApiValueError, match=r"status was None, not 'ERROR'"):
        client.frames.prints(per_page=10, status="ERROR", spool=spool)
    with pytest.raises(ApiValueError, match=r"listing was 'prints', not 'events'"):
        client.frames.events(per_page=10, spool=spool)
    assert spool.read_bytes() == before


def test_spool_of_another_account_is_refused_without_naming_it(
    sandbox: Sandbox, client: ApiClient, spool: Path
) -> None:
    interrupt(client, spool, 1)
    refused = pytest.raises(ApiValueError, match="rows of another account")
    with client_of(sandbox, account="another") as other, refused as caught:
        other.frames.prints(per_page=10, spool=spool)
    assert sandbox.client_id not in str(caught.value)


def test_spool_of_another_version_is_refused(client: ApiClient, spool: Path) -> None:
    interrupt(client, spool, 1)
    content = spool.read_bytes()
    spool.write_bytes(content.replace(b'"version": "', b'"version": "0.', 1))
    with pytest.raises(ApiValueError, match=r"was written by version 0\."):
        client.frames.prints(per_page=10, spool=spool)


def test_file_that_is_not_a_spool_is_refused_and_left_as_it_is(
    client: ApiClient, tmp_path: Path
) -> None:
    file = tmp_path / "prints.csv"
    file.write_text("guid,name\n")
    with pytest.raises(ApiValueError, match="is another file"):
        client.frames.prints(spool=file)
    assert file.read_text() == "guid,name\n"
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "target")
    with pytest.raises(OSError, match="link"):
        client.frames.prints(spool=link)


def test_spool_in_use_is_refused(client: ApiClient, spool: Path) -> None:
    kept = Spool(spool, {}, secrets=False)
    with pytest.raises(ApiValueError, match="is in use by another program"):
        client.frames.prints(spool=spool)
    kept.close(remove=False)


def test_account_without_a_name_is_refused(spool: Path) -> None:
    nameless = ApiClient(Configuration(access_token="x"))
    with nameless as client, pytest.raises(ApiValueError, match="name the account"):
        client.frames.prints(spool=spool)


def test_credentials_of_one_call_are_refused_with_a_spool(client: ApiClient, spool: Path) -> None:
    bearer = {"type": "bearer", "in": "header", "key": "Authorization", "value": "Bearer x"}
    with pytest.raises(ApiValueError, match="leave out _request_auth"):
        client.frames.prints(spool=spool, _request_auth=bearer)


def test_default_page_size_may_be_written_out(client: ApiClient, spool: Path) -> None:
    with pytest.raises(Stop):
        client.frames.prints(spool=spool, progress=stop_after(1))
    assert len(client.frames.prints(per_page=100, spool=spool)) == 75


def test_spool_older_than_six_hours_is_read_from_the_beginning(
    sandbox: Sandbox, client: ApiClient, spool: Path
) -> None:
    interrupt(client, spool, 3)
    old = spool.stat().st_mtime - MAX_RESUME_AGE.total_seconds()
    os.utime(spool, (old, old))
    sandbox.forget_requests()
    assert len(client.frames.prints(per_page=10, spool=spool)) == 75
    assert pages_read(sandbox) == list(range(1, PAGES + 1))


# --- a listing without a network ----------------------------------------------------------------


class Listing:
    """Print runs on the service, newest first, four on a page."""

    def __init__(self, size: int) -> None:
        self.guids = [f"run-{number}" for number in range(size)]

    def page(self, number: int) -> Any:
        first, last = (number - 1) * 4, number * 4
        rows = [PrintRun.from_dict({"guid": guid}) for guid in self.guids[first:last]]
        return _Envelope(rows, len(self.guids), "a link" if last < len(self.guids) else None)

    def read(self, path: Path, pages: Optional[int] = None) -> List[str]:
        """Return the guids that are read through a spool, which is kept."""
        spool = Spool(path, {"listing": "prints"}, secrets=False)
        read: List[str] = []
        for number, page in enumerate(kept_pages(Pages(self.page, PrintRun), spool)):
            read += [run.guid for run in page]
            if number + 1 == pages:
                break
        spool.close(remove=False)
        return read


class _Envelope:
    def __init__(self, results: List[Any], count: int, next: Optional[str]) -> None:
        self.results, self.count, self.next = results, count, next


def test_spool_cut_off_at_any_byte_is_continued(spool: Path) -> None:
    listing = Listing(19)
    listing.read(spool)
    whole = spool.read_bytes()
    for end in range(0, len(whole), 37):
        spool.write_bytes(whole[:end])
        assert listing.read(spool) == listing.guids, end
    damaged = bytearray(whole)
    damaged[len(whole) // 2] ^= 1
    spool.write_bytes(damaged)
    assert listing.read(spool) == listing.guids


@pytest.mark.parametrize("seed", range(20))
def test_rows_that_move_during_an_interruption_are_read_exactly_once(
    spool: Path, seed: int
) -> None:
    chance = random.Random(seed)
    listing = Listing(40)
    lasting = set(listing.guids)
    done = False
    while not done:
        pages = chance.choice([1, 2, 3, 99])
        read = listing.read(spool, pages)
        done = pages == 99
        for number in range(chance.randrange(0, 7) if not done else 0):
            listing.guids.insert(0, f"new-{len(read)}-{number}")
        for _ in range(chance.randrange(0, 7) if not done else 0):
            lasting.discard(listing.guids.pop(chance.randrange(len(listing.guids))))
    assert len(read) == len(set(read))
    assert lasting <= set(read)


# --- progress ------------------------------------------------------------------------------------


def test_progress_names_the_rows_read_and_all_rows(client: ApiClient, spool: Path) -> None:
    reported: List[FrameProgress] = []
    client.frames.prints(per_page=30, limit=70, progress=reported.append)
    assert reported == [("prints", 30, 70), ("prints", 60, 70), ("prints", 70, 70)]


def test_progress_line_shows_the_rest_of_the_time_and_is_cleared() -> None:
    stream = io.StringIO()
    times = iter([0.0, SHOWN_AFTER - 1, 10.0, 20.0])
    line = ProgressLine(stream, rows_kept=1000, clock=lambda: next(times))
    line.show(FrameProgress("prints", 1100, 3000))
    assert not stream.getvalue()
    line.show(FrameProgress("prints", 2000, 3000))
    line.note("waiting 30 s for the rate limit")
    line.show(FrameProgress("prints", 2000, None))
    line.clear()
    first = "prints: 2,000 of 3,000 rows, about 10 s left"
    assert stream.getvalue().split("\r") == [
        "",
        first,
        " " * len(first),
        "waiting 30 s for the rate limit\n",
        "prints: 2,000 rows",
        " " * len("prints: 2,000 rows"),
        "",
    ]


@pytest.mark.parametrize("is_terminal", [True, False])
def test_progress_is_shown_on_a_terminal_only(
    client: ApiClient, monkeypatch: pytest.MonkeyPatch, is_terminal: bool
) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(stream, "isatty", lambda: is_terminal)
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.delattr(sys, "ps1", raising=False)
    monkeypatch.setattr("formlabs_web_api.frames.progress.SHOWN_AFTER", 0.0)
    client.frames.prints(per_page=50)
    shown = stream.getvalue()
    assert ("prints: 50 of 75 rows" in shown) == is_terminal
    assert shown.endswith(" \r") == is_terminal
