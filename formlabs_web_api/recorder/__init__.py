"""Record the service's answers for an account, anonymized.

    from formlabs_web_api import ApiClient, recorder

    with ApiClient() as client:
        recorder.save(recorder.record(client), "fleet.json")

The file can accompany a bug report, and ``Sandbox(load="fleet.json")`` starts from it.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, Dict, List, Mapping, Optional, Union
from urllib.parse import quote

from formlabs_web_api._util.files import atomic_write
from formlabs_web_api._util.json import is_array, is_nested_deeper, is_object
from formlabs_web_api._util.recording_format import FORMAT, MAX_DEPTH, VERSION
from formlabs_web_api.recorder.anonymizer import Anonymizer

if TYPE_CHECKING:
    from formlabs_web_api.api_client import ApiClient

_PER_PAGE = 100
_MAX_PAGES = 200
"""Pages of one listing; a service whose listing does not end would otherwise be read for hours."""
_MAX_GROUPS = 200
_API = "/developer/v1"
_HEADERS = ("content-type", "retry-after")


def record(client: ApiClient, *, prints: int = 500, events: int = 500) -> Dict[str, Any]:
    """Request every listing, in each shape that it has, and return the anonymized answers.

    About twenty requests for a dozen printers; more with the number of cartridges, tanks and
    groups. At most 200 pages of a listing and the queues of 200 groups are recorded. Error
    responses are recorded, too. :mod:`formlabs_web_api.recorder.anonymizer` documents what is
    replaced.

    Args:
        client: the client; its retries and rate limits apply.
        prints, events: minimum number of newest prints (events) to record; rounded up to pages of
            100.

    Raises:
        UnauthorizedException: the credentials are refused.
        ApiConnectionException: there was no response.
    """
    session = _Session(client)
    printers = session.get("/printers/")
    session.get("/printers/", query={"per_page": _PER_PAGE})
    serial = _first_text(printers, "serial")
    if serial is not None:
        session.get("/printers/{serial}/", {"serial": serial})
        session.get("/printers/{serial}/prints/", {"serial": serial})
    session.get_pages("/prints/", prints)
    session.get_pages("/tanks/")
    session.get_pages("/cartridges/")
    session.get_pages("/events/", events)
    for group in _rows(session.get("/groups/"))[:_MAX_GROUPS]:
        group_id = _first_text([group], "id")
        if group_id is not None:
            session.get("/groups/{group_id}/queue/", {"group_id": group_id})
    return {
        "format": FORMAT,
        "version": VERSION,
        "recorded_at": client.now().isoformat(),
        "answers": session.anonymized(),
    }


def save(recording: Mapping[str, object], path: Union[str, os.PathLike[str]]) -> None:
    """Write a recording to a file that only its owner may read; an existing file is replaced.

    Raises:
        OSError: the file cannot be written.
    """
    with atomic_write(path, mode=0o600) as file:
        for chunk in json.JSONEncoder(indent=1).iterencode(recording):
            file.write(chunk.encode("ascii"))
        file.write(b"\n")


class _Session:
    """The responses so far, each with its request."""

    def __init__(self, client: ApiClient) -> None:
        self._client = client
        self._answers: List[Dict[str, Any]] = []

    def get(
        self,
        template: str,
        path: Optional[Mapping[str, str]] = None,
        query: Optional[Mapping[str, int]] = None,
    ) -> Any:
        """Return the JSON of a response of any status; None if it is not JSON."""
        client = self._client
        serialized = client.param_serialize(
            "GET",
            _API + template,
            path_params=path,
            query_params=query,
            header_params={"Accept": "application/json"},
            auth_settings=["bearerAuth"],
        )
        response = client.call_api(*serialized)
        if response.status == 401:
            client.response_deserialize(response)
        content = response.read()
        headers = {name.lower(): value for name, value in response.getheaders().items()}
        answer: Dict[str, Any] = {
            "method": "GET",
            "template": template,
            "path": dict(path or {}),
            "query": {name: str(value) for name, value in (query or {}).items()},
            "status": response.status,
            "headers": {name: headers[name] for name in _HEADERS if name in headers},
            "body": _parse(content),
        }
        if answer["body"] is None and content.strip() != b"null":
            answer["no_json_but_bytes"] = len(content)
        self._answers.append(answer)
        return answer["body"]

    def get_pages(self, template: str, at_least: Optional[int] = None) -> None:
        """Request the pages of a listing to its end, or until there are enough rows."""
        rows = 0
        previous: Any = None
        for page in range(1, _MAX_PAGES + 1):
            if at_least is not None and rows >= at_least:
                return
            body = self.get(template, query={"page": page, "per_page": _PER_PAGE})
            results = _rows(body)
            rows += len(results)
            if not is_object(body) or not body.get("next") or not results or results == previous:
                return
            previous = results

    def anonymized(self) -> List[Dict[str, Any]]:
        """Return the recorded responses, anonymized."""
        anonymizer = Anonymizer()
        for answer in self._answers:
            for part in ("body", "path", "headers"):
                anonymizer.collect(answer[part])
        return [
            {
                **answer,
                "path": _API + _filled(answer["template"], anonymizer.anonymize(answer["path"])),
                "headers": anonymizer.anonymize(answer["headers"]),
                "body": anonymizer.anonymize(answer["body"]),
            }
            for answer in self._answers
        ]


def _parse(content: bytes) -> Any:
    """Parse a body; None if it is not JSON, or nested deeper than a recording may be."""
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return None if is_nested_deeper(body, MAX_DEPTH) else body


def _filled(template: str, path: Mapping[str, str]) -> str:
    return template.format(**{name: quote(value, safe="") for name, value in path.items()})


def _rows(body: Any) -> List[Any]:
    rows = body.get("results") if is_object(body) else body
    return rows if is_array(rows) else []


def _first_text(body: object, name: str) -> Optional[str]:
    """Return the first text of a field in the rows of a listing."""
    for row in _rows(body):
        if is_object(row) and isinstance(row.get(name), str) and row[name].strip("."):
            return str(row[name])
    return None
