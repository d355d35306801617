"""Redaction of credentials in what the request log keeps.

A value is replaced by ``[hidden]`` where the name of its header, parameter or field denotes a
credential, where it follows an authentication scheme such as ``Bearer``, and, in the token calls,
everywhere but in the fields known to be harmless.
"""

from __future__ import annotations

import json
import re
from typing import Any, Callable, Dict, List, Mapping, Match
from urllib.parse import parse_qs, parse_qsl, urlencode

from formlabs_web_api._util.json import is_array, is_nested_deeper, is_object

HIDDEN = "[hidden]"

_SECRET_NAME = re.compile(
    r"auth|cookie|credential|jwt|pass|private|pwd|secret|session|signature|token|x-amz-|"
    r"(api|access|client|secret|signing)[-_. ]?key",
    re.IGNORECASE,
)
_PLAIN_NAMES = frozenset(("token_type", "token_type_hint", "author"))
_PLAIN_TOKEN_FIELDS = frozenset(("grant_type", "client_id", "scope", "token_type_hint"))
_SCHEME = re.compile(r"\b(bearer|basic|digest)(\s+|%20|\+)[\w.~+/=%-]{4,}", re.IGNORECASE)
_QUOTED = re.compile(
    r"""(["'])(?P<name>[^"']{1,64})\1(\s*[:=]\s*)(["'])(?:(?!\4)[^\\]|\\.)*(?:\4|$)"""
)
_PAIR = re.compile(r"(?P<name>[\w.-]{1,64})(=)[^&\s\"'<>;,]+")
_PART_NAME = re.compile(r"name=(?:\"([^\"]*)\"|([^;\r\n]*))", re.IGNORECASE)
_DEEPEST = 64


def is_secret_name(name: str) -> bool:
    """Return True if a header, parameter or field of this name may hold a credential."""
    return name.lower() not in _PLAIN_NAMES and _SECRET_NAME.search(name) is not None


def redact_headers(headers: Mapping[str, str]) -> Dict[str, str]:
    """Return headers without credentials."""
    return {name: _redact_value(name, value) for name, value in headers.items()}


def redact_query(query: str) -> Dict[str, List[str]]:
    """Parse a query string and return its values, without credentials."""
    return {
        redact_text(name): [
            HIDDEN if is_secret_name(name) else redact_text(each) for each in values
        ]
        for name, values in parse_qs(query, keep_blank_values=True).items()
    }


def _redact_value(name: str, value: str) -> str:
    return HIDDEN if is_secret_name(name) else redact_text(value)


def redact_text(text: str) -> str:
    """Replace what follows the name of an authentication scheme."""
    return _SCHEME.sub(lambda match: f"{match[1]} {HIDDEN}", text)


def redact_body(body: str, content_type: str, is_token_call: bool) -> str:
    """Return a body without credentials; one without any stays as it is.

    Args:
        body: the decoded body.
        content_type: the header that describes it; the content decides where the header is wrong.
        is_token_call: whether only fields known to be harmless may stay.
    """
    if is_token_call:
        return _redact_token_call(body, content_type)
    if "multipart/" in content_type.lower() and "boundary=" in content_type.lower():
        return _redact_multipart(body, content_type, is_secret_name)
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return redact_text(_PAIR.sub(_hide_pair, _QUOTED.sub(_hide_quoted, body)))
    if is_nested_deeper(document, _DEEPEST):
        return HIDDEN
    redacted = _redact_json(document)
    return body if redacted == document else json.dumps(redacted, ensure_ascii=False)


def _redact_token_call(body: str, content_type: str) -> str:
    if "multipart/" in content_type.lower():
        return _redact_multipart(body, content_type, _is_no_plain_token_field)
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        pairs = parse_qsl(body, keep_blank_values=True)
        if body and not pairs:
            return HIDDEN
        kept = [(name, HIDDEN if _is_no_plain_token_field(name) else v) for name, v in pairs]
        return urlencode(kept, safe="[]")
    if not is_object(document):
        return HIDDEN
    return json.dumps(
        {name: HIDDEN if _is_no_plain_token_field(name) else v for name, v in document.items()}
    )


def _is_no_plain_token_field(name: str) -> bool:
    return name not in _PLAIN_TOKEN_FIELDS


def _redact_json(value: Any) -> Any:
    if is_object(value):
        return {
            name: HIDDEN if inner is not None and is_secret_name(name) else _redact_json(inner)
            for name, inner in value.items()
        }
    if is_array(value):
        return [_redact_json(inner) for inner in value]
    return redact_text(value) if isinstance(value, str) else value


def _redact_multipart(body: str, content_type: str, is_secret: Callable[[str], bool]) -> str:
    boundary = re.search(r"boundary=(?:\"([^\"]+)\"|([^;\s]+))", content_type, re.IGNORECASE)
    if boundary is None:
        return HIDDEN
    delimiter = "--" + (boundary[1] or boundary[2])
    return delimiter.join(_redact_part(part, is_secret) for part in body.split(delimiter))


def _redact_part(part: str, is_secret: Callable[[str], bool]) -> str:
    head, blank_line, value = re.split(r"(\r?\n\r?\n)", part + "\n\n", maxsplit=1)
    name = _PART_NAME.search(head)
    value = value[: -len("\n\n")] if value.endswith("\n\n") else ""
    if not value:
        return part
    # A part without a readable name may hold anything.
    if name is None or is_secret((name[1] or name[2] or "").strip()):
        return f"{head}{blank_line}{HIDDEN}\r\n"
    return f"{head}{blank_line}{redact_text(value)}"


def _hide_quoted(match: Match[str]) -> str:
    if not is_secret_name(match["name"]):
        return match[0]
    return f"{match[1]}{match['name']}{match[1]}{match[3]}{match[4]}{HIDDEN}{match[4]}"


def _hide_pair(match: Match[str]) -> str:
    return f"{match['name']}={HIDDEN}" if is_secret_name(match["name"]) else match[0]
