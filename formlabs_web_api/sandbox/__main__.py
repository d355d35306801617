"""``python -m formlabs_web_api.sandbox``: the sandbox as a program."""

from __future__ import annotations

import argparse
import gc
import signal
import sys
import threading
from types import FrameType
from typing import List, Optional

from . import Sandbox

_TEXT = """\
# Formlabs Web API sandbox: {fleet} at {url} (Ctrl-C stops it)
export FORMLABS_HOST={url}
export FORMLABS_CLIENT_ID={client_id}
export FORMLABS_CLIENT_SECRET={client_secret}

# A first call, in another terminal, after these lines:
# TOKEN=$(curl -s $FORMLABS_HOST/developer/v1/o/token/ -d grant_type=client_credentials \\
#   -d client_id=$FORMLABS_CLIENT_ID -d client_secret=$FORMLABS_CLIENT_SECRET \\
#   | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')
# curl -s -H "Authorization: Bearer $TOKEN" $FORMLABS_HOST/developer/v1/printers/
"""


def main(arguments: Optional[List[str]] = None) -> int:
    """Serve until interrupted; returns the exit code: 0 stopped, 1 could not start."""
    parser = argparse.ArgumentParser(
        prog="python -m formlabs_web_api.sandbox",
        description="Serve a made-up fleet that answers as the live Formlabs Web API does.",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen at (%(default)s)")
    parser.add_argument("--port", type=_port, default=8080, help="port; 0: any free (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="which fleet (%(default)s)")
    parser.add_argument("--printers", type=int, default=12, help="how many (%(default)s)")
    parser.add_argument("--prints", type=int, default=400, help="how many (%(default)s)")
    parser.add_argument("--load", metavar="FILE", help="start from a recording, not made up")
    parser.add_argument(
        "--speed", type=float, help="how many times as fast the fleet lives; 0 stands still"
    )
    chosen = parser.parse_args(arguments)
    stopped = threading.Event()

    def stop(number: int, frame: Optional[FrameType]) -> None:
        stopped.set()

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    try:
        sandbox = Sandbox(**vars(chosen))
    except (OSError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    # A big fleet is looked through by each full collection, for most of a second.
    gc.freeze()
    try:
        sandbox.start()
    except (OSError, ImportError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        where = f"cannot listen at {chosen.host}:{chosen.port}: "
        sys.stderr.write(f"{where}{reason}\n" if reason else f"{error}\n")
        return 1
    with sandbox:
        credentials = {"client_id": sandbox.client_id, "client_secret": sandbox.client_secret}
        fleet = "a made-up fleet" if chosen.load is None else f"the fleet of {chosen.load}"
        sys.stdout.write(_TEXT.format(url=sandbox.url, fleet=fleet, **credentials))
        sys.stdout.flush()
        # Waiting without an end would keep Ctrl-C from being seen on Windows.
        while not stopped.wait(1):
            pass
    return 0


def _port(text: str) -> int:
    number = int(text)
    if not 0 <= number <= 65_535:
        raise argparse.ArgumentTypeError(f"{number} is no port: 0 to 65535")
    return number


if __name__ == "__main__":
    sys.exit(main())
