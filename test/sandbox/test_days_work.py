"""A sequence of calls to the sandbox by independent clients: requests and curl."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import Any, Dict, Iterator, List, Optional

import pytest
import requests

from formlabs_web_api.sandbox import Sandbox


def documented_only(headers: Any) -> None:
    """Let responses contain nothing that the service would not send."""
    assert not [name for name in headers if "sandbox" in name.lower()]
    assert "sandbox" not in " ".join(map(str, headers.values())).lower()


class Day:
    """The calls of an integration in a day, whatever sends the requests."""

    def __init__(self, host: str, client_id: str, client_secret: str) -> None:
        self.api = f"{host}/developer/v1"
        self.credentials = {"client_id": client_id, "client_secret": client_secret}
        self.token = ""

    def send(
        self, method: str, url: str, body: Optional[Any] = None, form: bool = False
    ) -> tuple[int, Any]:
        raise NotImplementedError

    def rows(self, path: str) -> List[Dict[str, Any]]:
        """Return all rows of a list by following ``next``."""
        url, rows = self.api + path, []
        while url:
            status, page = self.send("GET", url)
            assert status == 200
            rows += page["results"]
            url = page["next"]
        assert len(rows) == page["count"]
        return rows

    def log_in(self) -> None:
        form = {"grant_type": "client_credentials", **self.credentials}
        status, answer = self.send("POST", f"{self.api}/o/token/", form, form=True)
        assert (status, answer["token_type"], answer["expires_in"]) == (200, "Bearer", 86_400)
        self.token = answer["access_token"]

    def work(self, sandbox: Sandbox) -> None:
        status, problem = self.send("GET", f"{self.api}/printers/")
        assert (status, list(problem)) == (401, ["detail"])
        self.log_in()

        _, printers = self.send("GET", f"{self.api}/printers/")
        assert {"serial", "printer_status", "cartridge_status", "tank_status"} <= set(printers[0])
        serial = printers[0]["serial"]
        assert self.send("GET", f"{self.api}/printers/{serial}/")[1]["serial"] == serial
        before = {row["guid"] for row in self.rows("/prints/?per_page=100")}
        assert len(before) == 400
        failed = self.rows("/prints/?status=ERROR&machine_type_id=FORM-4-0&per_page=5")
        assert all(row["status"] == "ERROR" for row in failed)
        assert self.rows(f"/printers/{serial}/prints/?per_page=50")
        noon = printers[0]["printer_status"]["last_modified"]

        for _ in range(3):
            sandbox.advance(hours=3)
            _, printers = self.send("GET", f"{self.api}/printers/?per_page=100")
            assert printers["count"] == len(printers["results"]) == 12
        fresh = {row["guid"] for row in self.rows("/prints/?per_page=100")} - before
        assert fresh
        events = self.rows(f"/events/?type=PRINT_START&date__gt={noon.replace('+', '%2B')}")
        assert {row["print_run"]["guid"] for row in events} == fresh
        for cartridge in self.rows("/cartridges/"):
            assert cartridge["volume_dispensed_ml"] >= 0
        assert self.rows("/tanks/?per_page=3")

        status, group = self.send("POST", f"{self.api}/groups/", {"name": "Night shift"})
        assert status == 201
        of_group = f"{self.api}/groups/{group['id']}"
        who = {"user": "dana@example.com", "is_admin": False}
        assert self.send("POST", f"{of_group}/members/", who)[0] == 201
        assert self.send("PUT", f"{of_group}/members/", {**who, "is_admin": True})[0] == 200
        assert self.send("DELETE", f"{of_group}/members/", {"user": who["user"]})[0] == 204
        assert self.send("PATCH", f"{of_group}/", {"name": "Late shift"})[1]["name"] == "Late shift"
        move = {"target_group": group["id"], "printers": [serial]}
        assert self.send("POST", f"{self.api}/groups/bulk-add-printers/", move)[0] == 200
        assert self.send("GET", f"{of_group}/queue/") == (200, [])
        mine = {row["name"]: row for row in self.send("GET", f"{self.api}/groups/")[1]}
        assert mine["Late shift"]["printers"] == [serial]
        assert self.send("DELETE", f"{of_group}/")[0] == 204
        assert self.send("POST", f"{self.api}/groups/", {})[0] == 400
        assert self.send("GET", f"{self.api}/printers/NoSuchPrinter/")[0] == 404

        sandbox.advance(hours=16)
        assert self.send("GET", f"{self.api}/tanks/")[0] == 401, "the token was a day old"
        self.log_in()
        sandbox.limit_per_hour = 1
        assert self.send("GET", f"{self.api}/tanks/")[0] == 200
        assert self.send("GET", f"{self.api}/tanks/")[0] == 429
        form = {"token": self.token, **self.credentials}
        assert self.send("POST", f"{self.api}/o/revoke_token/", form, form=True)[0] == 200


class WithRequests(Day):
    def __init__(self, *about: str) -> None:
        super().__init__(*about)
        self.session = requests.Session()
        self.session.trust_env = False

    def send(
        self, method: str, url: str, body: Optional[Any] = None, form: bool = False
    ) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token and not form else {}
        given = {"data": body} if form else {"json": body}
        response = self.session.request(method, url, headers=headers, timeout=20, **given)
        documented_only(response.headers)
        return response.status_code, response.json() if response.content else None


class WithCurl(Day):
    def send(
        self, method: str, url: str, body: Optional[Any] = None, form: bool = False
    ) -> tuple[int, Any]:
        command = ["curl", "-sS", "--noproxy", "*", "--compressed", "-X", method, url]
        command += ["-w", "\n%{http_code}", "--max-time", "20"]
        if self.token and not form:
            command += ["-H", f"Authorization: Bearer {self.token}"]
        if form:
            command += [part for each in body.items() for part in ("-d", "=".join(each))]
        elif body is not None:
            command += ["-H", "Content-Type: application/json", "-d", json.dumps(body)]
        done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=True)
        content, _, status = done.stdout.rpartition("\n")
        return int(status), json.loads(content) if content else None


@pytest.fixture
def session(sandbox: Sandbox) -> Iterator[WithRequests]:
    day = WithRequests(sandbox.url, sandbox.client_id, sandbox.client_secret)
    yield day
    day.session.close()


def test_requests_library_gets_the_documented_responses(
    session: WithRequests, sandbox: Sandbox
) -> None:
    session.work(sandbox)


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl here")
def test_curl_gets_the_documented_responses(sandbox: Sandbox) -> None:
    WithCurl(sandbox.url, sandbox.client_id, sandbox.client_secret).work(sandbox)


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl here")
def test_curl_reports_each_broken_answer(sandbox: Sandbox) -> None:
    day = WithCurl(sandbox.url, sandbox.client_id, sandbox.client_secret)
    day.log_in()
    codes = {"reset": (52, 56), "cut": (18,), "garbage": (1, 52, 56)}
    for how, expected in codes.items():
        sandbox.faults.add("/tanks/", times=1, **{how: True})
        with pytest.raises(subprocess.CalledProcessError) as raised:
            day.send("GET", f"{day.api}/tanks/")
        assert raised.value.returncode in expected, how
    assert day.send("GET", f"{day.api}/tanks/")[0] == 200
