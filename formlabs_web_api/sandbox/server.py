"""The sandbox as an HTTP server in its own thread, on loopback."""

from __future__ import annotations

import importlib
import os
from datetime import datetime, timedelta
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, Callable, List, Optional, Sequence, Tuple, Type, Union, cast

from formlabs_web_api._util.extras import install_hint
from formlabs_web_api.sandbox.clock import Clock
from formlabs_web_api.sandbox.fleet.build import build_fleet
from formlabs_web_api.sandbox.fleet.identity import derived_hex
from formlabs_web_api.sandbox.fleet.records import Fleet
from formlabs_web_api.sandbox.fleet.world import World
from formlabs_web_api.sandbox.http.faults import Faults
from formlabs_web_api.sandbox.http.request_log import LoggedRequest, RequestLog
from formlabs_web_api.sandbox.http.throttle import Throttle
from formlabs_web_api.sandbox.http.thumbnails import Thumbnails
from formlabs_web_api.sandbox.http.tokens import Credentials, Tokens
from formlabs_web_api.sandbox.instants import HOUR, SECOND, Instant, to_datetime
from formlabs_web_api.sandbox.recorded.recording import Recording, read_recording
from formlabs_web_api.sandbox.recorded.restore import restore_fleet
from formlabs_web_api.sandbox.truth import Truth

if TYPE_CHECKING:
    from formlabs_web_api.sandbox.http.listener import Listener


_LONGEST_ADVANCE = timedelta(days=3_660)


class Sandbox:
    """An HTTP server that answers as the live Formlabs Web API does, with a generated fleet.

    Use it as a context manager, or with :meth:`start` and :meth:`stop`::

        with Sandbox(seed=1) as sandbox:
            configuration = Configuration(
                host=sandbox.url,
                client_id=sandbox.client_id,
                client_secret=sandbox.client_secret,
            )

    Needs the extra ``sandbox``: ``pip install ".[sandbox]"`` in a checkout.

    Args:
        seed: seed of fleet and credentials. The same seed and the same time give the same answers,
            whatever time passes.
        port: the port to bind; 0 for any free port.
        now: the moment at which time stands still until :meth:`advance`; if omitted, time runs.
        host: the address to bind.
        allowed_hosts: host names, besides ``localhost`` and IP addresses, under which clients may
            reach the sandbox: the name of a container, for instance. Requests with another
            ``Host``, or from a web page of another origin, are answered with 403.
        printers: number of printers.
        prints: number of print runs, over 90 days.
        load: file of a recording to start from, instead of a generated fleet; without ``now``, time
            continues from the moment of the recording.
        speed: factor of real time for the fleet, at most a million; 0 stands still. Tokens and
            limits keep real time.
        token_lifetime: seconds that a token is valid.
        limit_per_second: requests of an address in a second; the live service documents 100. No
            limit if omitted.
        limit_per_hour: requests of a user in an hour; the live service documents 1500. No limit if
            omitted.

    Attributes:
        client_id: id of the client application.
        client_secret: its secret.
        password: the password of the account's user, for the undocumented ``password`` grant that
            older programs use.
        world: the fleet and its simulation, for tests that inspect or change them.
        faults: rules that make requests fail: ``sandbox.faults.add("/prints/", status=503)``.

    Raises:
        ValueError: a size, a limit or the speed is out of range, ``now`` has no time zone, or the
            file to load is not a recording.
        OSError: the file to load cannot be read.
    """

    def __init__(
        self,
        seed: int = 1,
        port: int = 0,
        now: Optional[datetime] = None,
        *,
        host: str = "127.0.0.1",
        allowed_hosts: Sequence[str] = (),
        printers: int = 12,
        prints: int = 400,
        load: Union[str, os.PathLike[str], None] = None,
        speed: Optional[float] = None,
        token_lifetime: int = 86_400,
        limit_per_second: Optional[int] = None,
        limit_per_hour: Optional[int] = None,
    ) -> None:
        self.client_id = derived_hex(32, seed, "client id")
        self.client_secret = derived_hex(64, seed, "client secret")
        self.password = derived_hex(24, seed, "password")
        self.faults = Faults()
        self._host = host
        self._allowed_hosts = _checked_hosts(host, allowed_hosts)
        self._port = port
        self._fleet: Callable[[Instant], Fleet] = partial(_generated, seed, printers, prints)
        if load is not None:
            recording = read_recording(load)
            self._fleet = partial(_recorded, seed, recording)
            if now is None:
                now = to_datetime(recording.at)
                speed = 1.0 if speed is None else speed
        self._clock = Clock(now, speed)
        self._settings = (token_lifetime, limit_per_second, limit_per_hour)
        self.world = World(self._fleet(self._clock()), self._clock)
        clock = self._clock.client_time
        credentials = Credentials(
            self.client_id, self.client_secret, self.world.account.username, self.password
        )
        self._tokens = Tokens(credentials, token_lifetime, clock)
        self._per_second = Throttle(limit_per_second, SECOND, clock)
        self._per_hour = Throttle(limit_per_hour, HOUR, clock)
        self._log = RequestLog(self._tokens.redact)
        self._running: Optional[Listener] = None

    def __repr__(self) -> str:
        where = "not running" if self._running is None else self.url
        return f"<Sandbox {where}>"

    @property
    def url(self) -> str:
        """The base URL, without a trailing slash, for ``Configuration(host=…)``.

        Raises:
            RuntimeError: the sandbox is not running.
        """
        if self._running is None:
            raise RuntimeError("the sandbox is not running: use `with Sandbox()`, or call start()")
        return self._running.url

    @property
    def requests(self) -> List[LoggedRequest]:
        """The last 1000 requests, oldest first, without credentials."""
        return self._log.requests()

    def requests_to(self, path: str = "*", method: Optional[str] = None) -> List[LoggedRequest]:
        """Return the :attr:`requests` to a path, optionally with one method only.

        Args:
            path: as in :meth:`Faults.add`: ``/prints/``, or a pattern like ``/printers/*``.
            method: ``GET``, ``POST`` and so on.
        """
        return self._log.requests(path, method)

    def forget_requests(self) -> None:
        """Clear the list of requests."""
        self._log.clear()

    @property
    def truth(self) -> Truth:
        """What truly happened in the fleet, for comparison with what a program made of it."""
        return Truth(self.world)

    def rate_print(self, guid: str, rating: str) -> None:
        """Rate a print run now, or change its rating.

        Args:
            guid: which print run.
            rating: ``SUCCESS`` or ``FAILURE``.

        Raises:
            KeyError: the print run does not exist.
            ValueError: the rating is unknown, or the print has not ended.
        """
        if rating not in ("SUCCESS", "FAILURE"):
            raise ValueError(f"rating must be SUCCESS or FAILURE, not {rating!r}")
        with self.world.lock:
            self.world.settle()
            self.world.rate_print(self.world.ended_print(guid), rating)

    def delete_print(self, guid: str) -> None:
        """Delete a print run now: no list contains it any more.

        Args:
            guid: which print run.

        Raises:
            KeyError: the print run does not exist.
            ValueError: the print has not ended, or its printer still shows it.
        """
        with self.world.lock:
            self.world.settle()
            self.world.delete_print(self.world.ended_print(guid))

    @property
    def username(self) -> str:
        """The name of the account's user, for the ``password`` grant."""
        return self.world.account.username

    @property
    def speed(self) -> float:
        """Factor of real time for the fleet; 0 stands still."""
        return self._clock.speed

    @speed.setter
    def speed(self, speed: float) -> None:
        with self.world.lock:
            self._clock.speed = speed

    @property
    def token_lifetime(self) -> int:
        """Seconds that a token issued from now on is valid."""
        return self._tokens.lifetime

    @token_lifetime.setter
    def token_lifetime(self, seconds: int) -> None:
        self._tokens.lifetime = seconds

    @property
    def limit_per_second(self) -> Optional[int]:
        """Requests of an address in a second; None without a limit."""
        return self._per_second.limit

    @limit_per_second.setter
    def limit_per_second(self, limit: Optional[int]) -> None:
        self._per_second.limit = limit

    @property
    def limit_per_hour(self) -> Optional[int]:
        """Requests of a user in an hour; None without a limit."""
        return self._per_hour.limit

    @limit_per_hour.setter
    def limit_per_hour(self, limit: Optional[int]) -> None:
        self._per_hour.limit = limit

    def advance(self, by: Optional[timedelta] = None, **units: float) -> None:
        """Let time pass at once: ``advance(hours=3)``, or a ``timedelta``.

        Raises:
            ValueError: the time is negative, or more than ten years, which would have to be
                simulated at once.
        """
        duration = (by or timedelta()) + timedelta(**units)
        if duration > _LONGEST_ADVANCE:
            raise ValueError(
                f"time passes by ten years at once at most, not by {duration.days:,} days"
            )
        with self.world.lock:
            self._clock.advance(duration)
            self.world.settle()

    def reset(self) -> None:
        """Return to the first state: fleet, time and settings; remove faults, requests and tokens.

        The URL stays the same.
        """
        with self.world.lock:
            self._clock.restart()
            self.world.begin(self._fleet(self._clock()))
            self._tokens.clear()
            self._per_second.clear()
            self._per_hour.clear()
            self.token_lifetime, self.limit_per_second, self.limit_per_hour = self._settings
            self.faults.clear()
            self._log.clear()

    def start(self) -> Sandbox:
        """Start the server, unless it runs; it accepts requests when this method returns.

        Raises:
            OSError: the address cannot be bound, for instance because the port is in use.
            ImportError: the extra ``sandbox`` is not installed.
        """
        if self._running is None:
            self._running = self._listen()
        return self

    def stop(self) -> None:
        """Close all connections and stop the server, if it runs."""
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
            # Starlette imports it only when it receives the first form.
            importlib.import_module("python_multipart")

            from formlabs_web_api.sandbox.http.app import Service, build_app
            from formlabs_web_api.sandbox.http.control import control_routes
            from formlabs_web_api.sandbox.http.fault_injection import OpenConnections
            from formlabs_web_api.sandbox.http.listener import Listener
        except ImportError as error:
            raise ImportError(
                f"the sandbox needs {error.name}: {install_hint('sandbox')}"
            ) from error
        thumbnails = Thumbnails(self.client_secret, self._clock.client_time)
        service = Service(self.world, self._tokens, thumbnails, self._per_second, self._per_hour)
        open_connections = OpenConnections()
        app = build_app(
            *(service, self._log, self.faults, open_connections, control_routes(self)),
            allowed_hosts=self._allowed_hosts,
        )
        return Listener(app, self._host, self._port, open_connections)


def _checked_hosts(host: str, allowed_hosts: Sequence[str]) -> Tuple[str, ...]:
    # A lone string is a sequence too, of names with one letter each.
    if isinstance(cast(Any, allowed_hosts), str):
        raise ValueError(f"allowed_hosts must be a list of names, not {allowed_hosts!r}")
    return (host, *allowed_hosts)


def _generated(seed: int, printers: int, prints: int, now: Instant) -> Fleet:
    return build_fleet(seed, now, printers, prints)


def _recorded(seed: int, recording: Recording, now: Instant) -> Fleet:
    return restore_fleet(recording, seed)
