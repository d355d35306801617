"""A SOCKS proxy is used when one is set."""

from __future__ import annotations

import socket
import threading
from typing import Any, Callable, List

import pytest

from formlabs_web_api import ApiClient, TanksApi
from test.support.loopback import Loopback

pytest.importorskip("socks", reason="the extra socks is not installed")


def _serve_once(listener: socket.socket, asked: List[int]) -> None:
    """Serve one connection of SOCKS 5 without authorization, to an IPv4 address."""
    client, _ = listener.accept()
    with client:
        client.recv(2 + 255)
        client.sendall(b"\x05\x00")
        request = client.recv(10)
        host, port = socket.inet_ntoa(request[4:8]), int.from_bytes(request[8:10], "big")
        asked.append(port)
        with socket.create_connection((host, port)) as server:
            client.sendall(b"\x05\x00\x00\x01" + request[4:10])
            server.sendall(client.recv(65536))
            answer = b""
            while not answer.endswith(b"}"):
                answer += server.recv(65536)
            client.sendall(answer)


def test_requests_go_through_a_socks_proxy(
    service: Loopback, client_of: Callable[..., ApiClient]
) -> None:
    page: Any = {"count": 0, "next": None, "previous": None, "results": []}
    service.reply(200, page)
    asked: List[int] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        proxy = threading.Thread(target=_serve_once, args=(listener, asked))
        proxy.start()
        settings = client_of(retries=False).configuration
        settings.proxy = f"socks5://127.0.0.1:{listener.getsockname()[1]}"
        with ApiClient(settings) as client:
            assert TanksApi(client).tanks_list().count == 0
        proxy.join()
    assert service.url.endswith(f":{asked[0]}")
