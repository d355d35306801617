"""An HTTP server that runs an ASGI application in its own thread."""

from __future__ import annotations

import asyncio
import socket
import sys
import threading
from typing import List, Optional

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from formlabs_web_api._util.real_time import elapsed_ns
from formlabs_web_api.sandbox.http.fault_injection import CONNECTION, OpenConnections

_SECONDS_TO_FINISH = 2
_SECONDS_KEPT_ALIVE = 75


class Listener:
    """A server that listens from its construction until :meth:`stop`.

    Args:
        app: the application.
        host: the address to bind.
        port: the port to bind; 0 for any free one.
        open_connections: connections to close before the server stops.

    Raises:
        OSError: the address cannot be bound.
        RuntimeError: the server did not start.
    """

    def __init__(
        self, app: ASGIApp, host: str, port: int, open_connections: OpenConnections
    ) -> None:
        # Bound in the caller's thread, so that the caller gets the exception for a port in use.
        self._socket = _bound(host, port)
        self.port: int = self._socket.getsockname()[1]
        self.url = f"http://{f'[{host}]' if ':' in host else host}:{self.port}"
        self._server = _Server(
            uvicorn.Config(
                app,
                loop="asyncio",
                http=_Protocol,
                ws="none",
                lifespan="off",
                interface="asgi3",
                log_config=None,
                log_level="error",
                access_log=False,
                server_header=False,
                date_header=False,
                timeout_keep_alive=_SECONDS_KEPT_ALIVE,
                timeout_graceful_shutdown=_SECONDS_TO_FINISH,
            ),
            open_connections,
        )
        self._thread = threading.Thread(target=self._serve, name="formlabs-sandbox", daemon=True)
        try:
            self._thread.start()
        except RuntimeError:
            self._socket.close()
            raise
        self._server.settled.wait()
        if not self._server.started:
            self.stop()
            raise RuntimeError(
                "the sandbox's HTTP server did not start; see the traceback of its thread"
            )

    def stop(self) -> None:
        """Finish running requests, close all connections, and join the thread."""
        self._server.should_exit = True
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        loop = _RealTimeLoop()
        try:
            loop.run_until_complete(self._server.serve(sockets=[self._socket]))
        finally:
            self._server.settled.set()
            loop.close()


class _RealTimeLoop(asyncio.SelectorEventLoop):
    """An event loop whose timers run while a test has frozen time."""

    def time(self) -> float:
        """Return seconds of real time."""
        return elapsed_ns() / 1e9


class _Protocol(H11Protocol):
    """Adds the connection of a request to its scope."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        app = self.app

        async def app_with_connection(scope: Scope, receive: Receive, send: Send) -> None:
            # Not a context variable: some versions of uvicorn run the application without it.
            await app({**scope, CONNECTION: transport}, receive, send)

        self.app = app_with_connection


class _Server(uvicorn.Server):
    """Sets ``settled`` when it listens, or has failed to."""

    def __init__(self, config: uvicorn.Config, open_connections: OpenConnections) -> None:
        super().__init__(config)
        self._open_connections = open_connections
        self.settled = threading.Event()

    async def startup(self, sockets: Optional[List[socket.socket]] = None) -> None:
        await super().startup(sockets=sockets)
        self.settled.set()

    async def shutdown(self, sockets: Optional[List[socket.socket]] = None) -> None:
        self._open_connections.abort()
        await super().shutdown(sockets=sockets)


def _bound(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    listening = socket.socket(family, kind, protocol)
    try:
        # On Windows this option would let two servers share the port.
        if sys.platform != "win32":
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
    except Exception:
        listening.close()
        raise
    return listening
