"""Record what the service answers for an account, without what identifies anybody in it.

    from formlabs_web_api import ApiClient, recorder

    with ApiClient() as client:
        recorder.save(recorder.record(client), "fleet.json")

The file can go with a bug report, and ``Sandbox(load="fleet.json")`` starts from it.
"""

from __future__ import annotations

import json
import os
import tempfile
from typing import TYPE_CHECKING, Any, Dict, List, Mapping, Optional, Union
from urllib.parse import quote

from formlabs_web_api._util.json import is_array, is_object
from formlabs_web_api.recorder.anonymizer import Disguise

if TYPE_CHECKING:
    from formlabs_web_api.api_client import ApiClient

FORMAT = "formlabs_web_api recording"
VERSION = 1
_PER_PAGE = 100
_API = "/developer/v1"
_HEADERS = ("content-type", "retry-after")


def record(client: ApiClient, *, prints: int = 500, events: int = 500) -> Dict[str, Any]:
    """Ask for all lists, once in each shape they have, and keep the answers as they came.

    Some twenty requests for a fleet of a dozen printers; more with the number of cartridges, tanks
    and groups. Texts and ids are replaced as :mod:`formlabs_web_api.recorder.anonymizer` says.
    An answer that
    is an error is kept too.

    Args:
        client: what asks; its retries and rate limits hold.
        prints, events: so many of the newest, at least; whole pages of 100 are kept.

    Raises:
        UnauthorizedException: the credentials are refused.
        ApiConnectionException: there was no answer.
    """
    asked = _Asked(client)
    printers = asked.get("/printers/")
    asked.get("/printers/", query={"per_page": _PER_PAGE})
    serial = _text_of(printers, "serial")
    if serial is not None:
        asked.get("/printers/{serial}/", {"serial": serial})
        asked.get("/printers/{serial}/prints/", {"serial": serial})
    asked.get_pages("/prints/", prints)
    asked.get_pages("/tanks/")
    asked.get_pages("/cartridges/")
    asked.get_pages("/events/", events)
    for group in _rows(asked.get("/groups/")):
        group_id = _text_of([group], "id")
        if group_id is not None:
            asked.get("/groups/{group_id}/queue/", {"group_id": group_id})
    return {
        "format": FORMAT,
        "version": VERSION,
        "recorded_at": client.now().isoformat(),
        "answers": asked.disguised(),
    }


def save(recording: Mapping[str, Any], path: Union[str, os.PathLike[str]]) -> None:
    """Write a recording into a file, whole or not at all; one that is there is replaced.

    Raises:
        OSError: it cannot be written.
    """
    target = os.path.abspath(path)
    handle, draft = tempfile.mkstemp(dir=os.path.dirname(target), suffix=".part")
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            json.dump(recording, file, indent=1)
            file.write("\n")
        os.replace(draft, target)
    except BaseException:
        os.unlink(draft)
        raise


class _Asked:
    """The answers so far, each with what was asked."""

    def __init__(self, client: ApiClient) -> None:
        self._client = client
        self._answers: List[Dict[str, Any]] = []

    def get(
        self,
        template: str,
        path: Optional[Mapping[str, str]] = None,
        query: Optional[Mapping[str, int]] = None,
    ) -> Any:
        """The JSON of an answer, whatever its status; None where it is no JSON."""
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
        }
        try:
            answer["body"] = json.loads(content)
        except ValueError:
            answer["body"], answer["no_json_but_bytes"] = None, len(content)
        self._answers.append(answer)
        return answer["body"]

    def get_pages(self, template: str, at_least: Optional[int] = None) -> None:
        """A list page by page, to its end or until there are enough rows."""
        page = rows = 0
        before: Any = None
        while at_least is None or rows < at_least:
            page += 1
            body = self.get(template, query={"page": page, "per_page": _PER_PAGE})
            rows += len(_rows(body))
            if not is_object(body) or not body.get("next") or body.get("results") == before:
                return
            before = body["results"]

    def disguised(self) -> List[Dict[str, Any]]:
        """All of it, with nothing that identifies."""
        disguise = Disguise()
        for answer in self._answers:
            disguise.learn(answer["body"])
            disguise.learn(answer["path"])
            disguise.learn(answer["headers"])
        return [
            {
                **answer,
                "path": _API + _filled(answer["template"], disguise.apply(answer["path"])),
                "headers": disguise.apply(answer["headers"]),
                "body": disguise.apply(answer["body"]),
            }
            for answer in self._answers
        ]


def _filled(template: str, path: Mapping[str, str]) -> str:
    return template.format(**{name: quote(value, safe="") for name, value in path.items()})


def _rows(body: Any) -> List[Any]:
    rows = body.get("results") if is_object(body) else body
    return rows if is_array(rows) else []


def _text_of(body: Any, name: str) -> Optional[str]:
    """The first text of a name in a list's rows."""
    for row in _rows(body):
        if is_object(row) and isinstance(row.get(name), str) and row[name].strip("."):
            return str(row[name])
    return None
