"""A server in its own process, so that its cost is not counted as the client's."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from typing import Any, Dict, Iterator
from urllib.parse import parse_qs, urlsplit

_HEADERS = (
    "Date: Fri, 05 Jun 2026 12:00:00 GMT",
    "Content-Type: application/json",
    "Server: nginx",
    "Vary: Accept, Cookie",
    "Allow: GET, HEAD, OPTIONS",
    "X-Frame-Options: DENY",
    "X-Content-Type-Options: nosniff",
)


@contextmanager
def served(pages: Dict[int, Any], latency: float = 0.0) -> Iterator[str]:
    """Yield the address of a server whose every path has pages (page 1 by default).

    ``latency`` is in seconds and comes before each answer.
    """
    command = [sys.executable, __file__]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps([latency, pages]) + "\n")
        process.stdin.flush()
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.kill()


def _serve() -> None:
    latency, pages = json.loads(sys.stdin.readline())
    answers: Dict[str, bytes] = {}
    for number, page in pages.items():
        body = json.dumps(page).encode()
        head = "\r\n".join(["HTTP/1.1 200 OK", *_HEADERS, f"Content-Length: {len(body)}"])
        answers[number] = head.encode() + b"\r\n\r\n" + body
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        print(listener.getsockname()[1], flush=True)
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=_answer, args=(connection, answers, latency)).start()


def _answer(connection: socket.socket, answers: Dict[str, bytes], latency: float) -> None:
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with connection, connection.makefile("rb") as requests:
        for line in requests:
            if not line.startswith(b"GET "):
                continue
            query = parse_qs(urlsplit(line.split()[1].decode()).query)
            while requests.readline().strip():
                pass
            time.sleep(latency)
            connection.sendall(answers[query.get("page", ["1"])[0]])


if __name__ == "__main__":
    _serve()
