"""``python -m formlabs_web_api.sandbox``: the sandbox as a program."""

from __future__ import annotations

import argparse
import gc
import signal
import sys
import threading
from contextlib import suppress
from types import FrameType
from typing import List, Optional, Sequence

from formlabs_web_api.sandbox import Sandbox

_EXPORTS = """\
export FORMLABS_HOST={url}
export FORMLABS_CLIENT_ID={client_id}
export FORMLABS_CLIENT_SECRET={client_secret}
"""
_TEXT = (
    """\
# Formlabs Web API sandbox: {fleet} at {url} (Ctrl-C stops it)
"""
    + _EXPORTS
    + """
# A first call, in another terminal, after these lines:
# TOKEN=$(curl -s $FORMLABS_HOST/developer/v1/o/token/ -d grant_type=client_credentials \\
#   -d client_id=$FORMLABS_CLIENT_ID -d client_secret=$FORMLABS_CLIENT_SECRET \\
#   | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')
# curl -s -H "Authorization: Bearer $TOKEN" $FORMLABS_HOST/developer/v1/printers/
"""
)


class CannotServe(Exception):
    """The sandbox could not be created or started; the message is one line."""


def main(arguments: Optional[List[str]] = None) -> int:
    """Serve until interrupted; return the exit code: 0 stopped, 1 could not start."""
    parser = argparse.ArgumentParser(
        prog="python -m formlabs_web_api.sandbox",
        description="Serve a generated fleet that answers as the live Formlabs Web API does.",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to bind (%(default)s)")
    parser.add_argument(
        "--allow-host",
        metavar="NAME",
        action="append",
        default=[],
        dest="allowed_hosts",
        help="host name, besides localhost, that clients may use (repeatable)",
    )
    parser.add_argument(
        "--port", type=_port, default=8080, help="port; 0 for any free one (%(default)s)"
    )
    parser.add_argument("--seed", type=int, default=1, help="seed of the fleet (%(default)s)")
    parser.add_argument("--printers", type=int, default=12, help="number of printers (%(default)s)")
    parser.add_argument("--prints", type=int, default=400, help="number of prints (%(default)s)")
    parser.add_argument("--load", metavar="FILE", help="start from a recording")
    parser.add_argument(
        "--speed", type=float, help="factor of real time for the fleet; 0 stands still"
    )
    try:
        serve(**vars(parser.parse_args(arguments)))
    except CannotServe as error:
        sys.stderr.write(f"Error: {error}\n")
        return 1
    return 0


def serve(
    *,
    host: str,
    port: int,
    seed: int,
    printers: int,
    prints: int,
    load: Optional[str],
    speed: Optional[float],
    allowed_hosts: Sequence[str] = (),
    remarks: bool = True,
) -> None:
    """Serve until interrupted, and print the environment variables of a client.

    Args:
        remarks: whether to print comments, too; the other arguments are those of ``Sandbox``.

    Raises:
        CannotServe: a value is out of range, the file to load is not a recording, or the address
            cannot be bound.
    """
    # Not an Event: its set() would deadlock in a signal handler that runs while this thread holds
    # the internal lock of the Event, which it does for a moment when it begins to wait.
    running = threading.Lock()
    running.acquire()

    def stop(number: int, frame: Optional[FrameType]) -> None:
        with suppress(RuntimeError):  # the second signal
            running.release()

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    try:
        sandbox = Sandbox(
            host=host,
            port=port,
            seed=seed,
            printers=printers,
            prints=prints,
            load=load,
            speed=speed,
            allowed_hosts=allowed_hosts,
        )
    except OSError as error:
        raise CannotServe(f"{error.filename or load}: {error.strerror or error}") from None
    except ValueError as error:
        raise CannotServe(str(error)) from None
    # Otherwise each full collection traverses a big fleet, for most of a second.
    gc.freeze()
    try:
        sandbox.start()
    except OSError as error:
        raise CannotServe(f"cannot bind {host}:{port}: {error.strerror or error}") from None
    except ImportError as error:
        raise CannotServe(str(error)) from None
    with sandbox:
        credentials = {"client_id": sandbox.client_id, "client_secret": sandbox.client_secret}
        fleet = "a generated fleet" if load is None else f"the fleet of {load}"
        text = _TEXT if remarks else _EXPORTS
        sys.stdout.write(text.format(url=sandbox.url, fleet=fleet, **credentials))
        sys.stdout.flush()
        # Without a timeout, Windows would not deliver Ctrl-C.
        while not running.acquire(timeout=1):
            pass


def _port(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port (0 to 65535)") from None
    if not 0 <= number <= 65_535:
        raise argparse.ArgumentTypeError(f"{number} is not a port (0 to 65535)")
    return number


if __name__ == "__main__":
    sys.exit(main())
