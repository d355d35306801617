"""The sandbox as an HTTP server in a thread of its own, on loopback."""

from __future__ import annotations

import importlib
from datetime import datetime, timedelta
from types import TracebackType
from typing import TYPE_CHECKING, List, Optional, Type

from .clock import Clock
from .fleet import build as build_fleet
from .identity import made_up_hex
from .instants import HOUR, SECOND
from .log import Log, Request
from .throttle import Throttle
from .thumbnails import Thumbnails
from .tokens import Tokens
from .world import World

if TYPE_CHECKING:
    from .listener import Listener


class Sandbox:
    """An HTTP server that answers as the live Formlabs Web API does, with a made-up fleet.

    Use it as a context manager, or with :meth:`start` and :meth:`stop`::

        with Sandbox(seed=1) as sandbox:
            configuration = Configuration(
                host=sandbox.url,
                client_id=sandbox.client_id,
                client_secret=sandbox.client_secret,
            )

    Needs the extra ``sandbox``: ``pip install "formlabs_web_api[sandbox]"``.

    Args:
        seed: which fleet, and which credentials. The same seed at the same time: the same answers.
        port: where to listen; 0 takes any free port.
        now: where time stands, until :meth:`advance`; without it, time runs as usual.
        host: the address to listen at.
        printers: how many printers.
        prints: how many print runs, over 90 days.
        token_lifetime: seconds a token is valid.
        limit_per_second: requests an address may make in a second; the live service documents 100.
        limit_per_hour: requests a user may make in an hour; the live service documents 1500.
            Without a number there is no limit.

    Attributes:
        client_id: id of the client application that may call.
        client_secret: its secret.
        world: the fleet and its rules, for tests that look behind the scene.

    Raises:
        ValueError: a size is too small, or ``now`` has no time zone.
    """

    def __init__(
        self,
        seed: int = 1,
        port: int = 0,
        now: Optional[datetime] = None,
        *,
        host: str = "127.0.0.1",
        printers: int = 12,
        prints: int = 400,
        token_lifetime: int = 86_400,
        limit_per_second: Optional[int] = None,
        limit_per_hour: Optional[int] = None,
    ) -> None:
        self.client_id = made_up_hex(32, seed, "client id")
        self.client_secret = made_up_hex(64, seed, "client secret")
        self._host = host
        self._port = port
        self._clock = Clock(now)
        self.world = World(build_fleet(seed, self._clock(), printers, prints), self._clock)
        self._tokens = Tokens(self.client_id, self.client_secret, token_lifetime, self._clock)
        self._per_second = Throttle(limit_per_second, SECOND, self._clock)
        self._per_hour = Throttle(limit_per_hour, HOUR, self._clock)
        self._log = Log()
        self._running: Optional[Listener] = None

    def __repr__(self) -> str:
        where = "not running" if self._running is None else self.url
        return f"<Sandbox {where}>"

    @property
    def url(self) -> str:
        """Where it listens, without a trailing slash, to be given as ``Configuration(host=…)``.

        Raises:
            RuntimeError: it is not running.
        """
        if self._running is None:
            raise RuntimeError("the sandbox is not running: use `with Sandbox()`, or start() it")
        return self._running.url

    @property
    def requests(self) -> List[Request]:
        """The last 1000 requests it saw, oldest first, without secrets."""
        return self._log.requests()

    def advance(self, by: Optional[timedelta] = None, **units: float) -> None:
        """Let time pass at once: ``advance(hours=3)``, or a ``timedelta``.

        Raises:
            ValueError: it would go back.
        """
        with self.world.lock:
            self._clock.advance((by or timedelta()) + timedelta(**units))
            self.world.settle()

    def start(self) -> Sandbox:
        """Listen, unless it does already; ready for requests when this returns.

        Raises:
            OSError: it cannot listen there, for instance because the port is in use.
            ImportError: the extra is not installed.
        """
        if self._running is None:
            self._running = self._listen()
        return self

    def stop(self) -> None:
        """Close all connections and stop listening, unless it has already."""
        running, self._running = self._running, None
        if running is not None:
            running.stop()

    def __enter__(self) -> Sandbox:
        return self.start()

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        self.stop()

    def _listen(self) -> Listener:
        try:
            # Starlette asks for it only when the first form comes.
            importlib.import_module("python_multipart")

            from .app import Service, build
            from .listener import Listener
        except ImportError as error:
            raise ImportError(
                f'the sandbox needs {error.name}: pip install "formlabs_web_api[sandbox]"'
            ) from error
        thumbnails = Thumbnails(self.client_secret, self._clock)
        service = Service(self.world, self._tokens, thumbnails, self._per_second, self._per_hour)
        return Listener(build(service, self._log), self._host, self._port)
