"""Fault injection: middleware that delays, replaces or breaks answers."""

from __future__ import annotations

import asyncio
import socket
import struct
import sys
from typing import List, Set

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from formlabs_web_api.sandbox.http.faults import Fault, Faults

CONTROL = "/__sandbox__/"
"""Prefix of the sandbox's own addresses; no fault applies to them."""

NO_ANSWER = "sandbox.no_answer"
"""Type of a message for the request log only: the request gets no HTTP answer."""

_NOT_HTTP = b"\x15\x03\x01\x00\x02\x02\x46 this is not HTTP\r\n\r\n"

CONNECTION = "sandbox.connection"
"""Key in a scope for the connection of the request, an ``asyncio.Transport``."""


class OpenConnections:
    """Connections whose answer is delayed; they are closed when the sandbox stops."""

    def __init__(self) -> None:
        self._connections: Set[asyncio.Transport] = set()

    def add(self, transport: asyncio.Transport) -> None:
        """Register a connection."""
        self._connections.add(transport)

    def remove(self, transport: asyncio.Transport) -> None:
        """Unregister a connection."""
        self._connections.discard(transport)

    def abort(self) -> None:
        """Close all connections."""
        for transport in list(self._connections):
            transport.abort()


class FaultInjection:
    """Pass requests on to an application, unless a rule makes them fail.

    Args:
        app: the application.
        faults: the rules.
        open_connections: where connections are registered while they wait.
    """

    def __init__(self, app: ASGIApp, faults: Faults, open_connections: OpenConnections) -> None:
        self._app = app
        self._faults = faults
        self._open_connections = open_connections

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        fault = None
        if scope["type"] == "http" and not scope["path"].startswith(CONTROL):
            fault = self._faults.match(scope["method"], scope["path"])
        if fault is None:
            await self._app(scope, receive, send)
            return
        request = await _whole(receive)
        transport: asyncio.Transport = scope[CONNECTION]
        self._open_connections.add(transport)
        try:
            if fault.latency and await _gone(receive, fault.latency):
                await send({"type": NO_ANSWER})
                return
            await self._act(fault, request, scope, receive, send)
        finally:
            self._open_connections.remove(transport)

    async def _act(
        self, fault: Fault, request: List[Message], scope: Scope, receive: Receive, send: Send
    ) -> None:
        async def again() -> Message:
            return request.pop(0) if request else await receive()

        transport: asyncio.Transport = scope[CONNECTION]
        if fault.has_forbidden_body:
            await send({"type": NO_ANSWER, "status": fault.status})
            transport.write(_raw(fault))
            transport.close()
            await _gone(receive)
        elif fault.status is not None:
            await _answer(fault, scope["method"] == "HEAD", send)
        elif fault.reset or fault.garbage:
            await send({"type": NO_ANSWER})
            if fault.garbage:
                transport.write(_NOT_HTTP)
                transport.close()
            else:
                _reset(transport)
            await _gone(receive)
        elif fault.cut or fault.stall:
            await _send_half(self._app, scope, again, send)
            if fault.cut:
                transport.close()
            await _gone(receive)
        else:
            await self._app(scope, again, send)


async def _whole(receive: Receive) -> List[Message]:
    """Receive all messages of a request, to the end of its body."""
    messages = [await receive()]
    while messages[-1].get("more_body"):
        messages.append(await receive())
    return messages


async def _gone(receive: Receive, within: float = float("inf")) -> bool:
    """Wait until the client disconnects, ``within`` seconds at most; return True if it did."""
    try:
        while True:
            timeout = None if within == float("inf") else within
            message = await asyncio.wait_for(receive(), timeout)
            if message["type"] == "http.disconnect":
                return True
    except asyncio.TimeoutError:
        return False


async def _answer(fault: Fault, without_body: bool, send: Send) -> None:
    status, headers, content = fault.answer()
    if content or status not in (204, 304):
        headers.setdefault("content-length", str(len(content)))
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": b"" if without_body else content})


def _raw(fault: Fault) -> bytes:
    """Render an answer as HTTP libraries refuse to: a status without body, and a body."""
    status, headers, content = fault.answer()
    headers = {"content-length": str(len(content)), **headers, "connection": "close"}
    lines = [f"HTTP/1.1 {status} Fault", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join((*lines, "", "")).encode("latin-1") + content


async def _send_half(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    messages: List[Message] = []

    async def keep(message: Message) -> None:
        messages.append(message)

    await app(scope, receive, keep)
    body = b"".join(message.get("body", b"") for message in messages[1:])
    await send(messages[0])
    await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})


def _reset(transport: asyncio.Transport) -> None:
    """Close a connection with RST instead of FIN."""
    sock = transport.get_extra_info("socket")
    linger = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    transport.abort()
