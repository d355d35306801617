"""An ASGI application served over HTTP by a thread of its own."""

from __future__ import annotations

import asyncio
import socket
import sys
import threading
from typing import List, Optional

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from formlabs_web_api.sandbox.http.fault_injection import CONNECTION, Held

_SECONDS_TO_FINISH = 2
_SECONDS_KEPT_ALIVE = 75


class Listener:
    """Listens from the moment it is made, until it is stopped.

    Args:
        app: the application.
        host: the address to listen at.
        port: the port; 0 takes any free one.
        held: connections that wait for an answer no longer when it stops.

    Raises:
        OSError: it cannot listen there.
    """

    def __init__(self, app: ASGIApp, host: str, port: int, held: Held) -> None:
        # Bound here, in the caller's thread, so that a port in use is the caller's exception.
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
            held,
        )
        self._thread = threading.Thread(target=self._serve, name="formlabs-sandbox", daemon=True)
        self._thread.start()
        self._server.settled.wait()
        if not self._server.started:
            self.stop()
            raise RuntimeError("the sandbox's HTTP server did not start; its thread says why")

    def stop(self) -> None:
        """Finish the requests under way, close all connections, end the thread."""
        self._server.should_exit = True
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        try:
            self._server.run(sockets=[self._socket])
        finally:
            self._server.settled.set()


class _Protocol(H11Protocol):
    """Tells the application by which connection a request came."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        app = self.app

        async def app_with_connection(scope: Scope, receive: Receive, send: Send) -> None:
            # Not by a context variable: some versions of uvicorn run the application without.
            await app({**scope, CONNECTION: transport}, receive, send)

        self.app = app_with_connection


class _Server(uvicorn.Server):
    """Says when it is listening, or has failed to."""

    def __init__(self, config: uvicorn.Config, held: Held) -> None:
        super().__init__(config)
        self._held = held
        self.settled = threading.Event()

    async def startup(self, sockets: Optional[List[socket.socket]] = None) -> None:
        await super().startup(sockets=sockets)
        self.settled.set()

    async def shutdown(self, sockets: Optional[List[socket.socket]] = None) -> None:
        self._held.abort()
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
