"""Cost of a poll of 500 printers besides reading the response: comparison and state.

``decoding`` is how every call parses the bytes of the response. ``poll`` is that, the
comparison with the stored state, and the transaction. Polls follow one another by half a minute,
so most printers report another ping and some prints progress.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, List
from unittest import mock

from _report import report

from formlabs_web_api import ApiClient, Configuration, PrintersApi
from formlabs_web_api._core.response import parse_body
from formlabs_web_api.models import DeveloperAPIMyPrinter
from formlabs_web_api.sandbox import Sandbox
from formlabs_web_api.watch import watcher as module

_PRINTERS = 500
_POLLS = 40
_GOAL = 2.0
_START = datetime(2026, 6, 5, 12, tzinfo=timezone.utc)


def main() -> None:
    decoding: List[float] = []
    polling: List[float] = []
    fleet = Sandbox(printers=_PRINTERS, prints=4 * _PRINTERS, now=_START)
    with fleet as sandbox, tempfile.TemporaryDirectory() as folder:
        configuration = Configuration(
            host=sandbox.url,
            client_id=sandbox.client_id,
            client_secret=sandbox.client_secret,
            rate_limits=None,
        )
        with ApiClient(configuration) as client:
            received: List[Any] = []

            def decoded(_: ApiClient) -> Any:
                begin = time.perf_counter()
                printers = parse_body(received[0], List[DeveloperAPIMyPrinter], False, client.drift)
                decoding.append(time.perf_counter() - begin)
                return printers

            watching = client.watch(state=Path(folder) / "state.db")
            with mock.patch.object(module, "_list_of", decoded):
                for _ in range(_POLLS):
                    sandbox.advance(seconds=30)
                    response = PrintersApi(client).printers_list_without_preload_content()
                    received[:] = [response.read()]
                    begin = time.perf_counter()
                    watching.poll()
                    polling.append(time.perf_counter() - begin)
    decode, poll = statistics.median(decoding[1:]), statistics.median(polling[1:])
    report(
        __doc__.splitlines()[0],
        {
            "printers": _PRINTERS,
            "response, kB": len(received[0]) // 1000,
            "decoding, ms": 1000 * decode,
            "poll, ms": 1000 * poll,
            "poll / decoding": poll / decode,
        },
        "poll / decoding",
        f"at most {_GOAL:g}",
        poll <= _GOAL * decode,
    )


if __name__ == "__main__":
    main()
