"""Calls of a sandbox over plain HTTP, independent of the package's client."""

from __future__ import annotations

import json
from typing import Any, Dict, Optional

import urllib3

from formlabs_web_api.sandbox import Sandbox

API = "/developer/v1"


class Caller:
    """A caller that sends its token with every call except token calls."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.pool = urllib3.PoolManager(retries=False)
        self.headers: Dict[str, str] = {}
        self.headers["Authorization"] = f"Bearer {self.token()}"

    def form(self, path: str, **fields: str) -> urllib3.BaseHTTPResponse:
        """POST a form, without a token."""
        url = self.sandbox.url + API + path
        return self.pool.request("POST", url, fields=fields, encode_multipart=False)

    def token(self) -> str:
        sandbox = self.sandbox
        response = self.form(
            "/o/token/",
            grant_type="client_credentials",
            client_id=sandbox.client_id,
            client_secret=sandbox.client_secret,
        )
        assert response.status == 200, response.data
        token: str = json.loads(response.data)["access_token"]
        return token

    def __call__(
        self,
        method: str,
        path: str,
        body: Optional[Any] = None,
        *,
        headers: Optional[Dict[str, str]] = None,
        **more: Any,
    ) -> urllib3.BaseHTTPResponse:
        sent = {**self.headers, **(headers or {})}
        if body is not None and "fields" not in more:
            sent.setdefault("Content-Type", "application/json")
            more["body"] = body if isinstance(body, (bytes, str)) else json.dumps(body)
        url = path if path.startswith("http") else self.sandbox.url + API + path
        return self.pool.request(method, url, headers=sent, redirect=False, **more)

    def get(self, path: str) -> Any:
        """Return the JSON of a successful GET."""
        response = self("GET", path)
        assert response.status == 200, response.data
        return json.loads(response.data)
