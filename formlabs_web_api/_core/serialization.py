"""Serialize paths, queries, headers and bodies."""

from __future__ import annotations

import json
import os
import re
from datetime import date, datetime, timezone
from decimal import Decimal
from enum import Enum
from typing import (
    TYPE_CHECKING,
    Any,
    Dict,
    Iterable,
    Iterator,
    List,
    Mapping,
    MutableMapping,
    Optional,
    Sequence,
    Tuple,
    Union,
    cast,
)
from urllib.parse import quote, urlencode
from uuid import UUID

from formlabs_web_api._util.json import is_array, is_mapping
from formlabs_web_api._util.secrets import HiddenBytes, HiddenText, hidden
from formlabs_web_api.exceptions import ApiException, ApiTypeError, ApiValueError

if TYPE_CHECKING:
    from pydantic import BaseModel

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"

_JSON = re.compile(r"^\s*application/([\w.+-]+\+)?json\b|[+/]json\b", re.IGNORECASE)
PUBLIC_HEADERS = frozenset({"accept", "accept-encoding", "content-type", "user-agent"})
_PLAIN_TYPES = frozenset({str, int, float, bool, type(None)})
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
_DELIMITERS = {"csv": ",", "ssv": " ", "tsv": "\t", "pipes": "|"}

Pairs = Sequence[Tuple[str, Any]]
TimeoutSetting = Union[None, float, Tuple[float, float]]
"""Seconds for connecting and for each read, or a pair; None means the configured timeouts."""


def is_json(content_type: str) -> bool:
    return bool(_JSON.search(content_type))


def fill_path(template: str, values: Iterable[Tuple[str, object]], safe: str = "") -> str:
    """Replace each ``{name}`` in ``template`` by its percent-encoded value.

    Raises:
        ApiValueError: A value is empty, ``.`` or ``..``, or has such a part between unencoded
            slashes. The request would have another target than the caller intended.
    """
    for name, value in values:
        text = str(value)
        parts = text.split("/") if "/" in safe else [text]
        if any(part in ("", ".", "..") for part in parts):
            raise ApiValueError(f"{name} must not be {text!r}: it would change the request's path")
        template = template.replace(f"{{{name}}}", quote(text, safe=safe))
    return template


def query_text(value: object, datetime_format: str) -> object:
    """Convert a query value to text; a naive date-time is local time and gets its offset."""
    if isinstance(value, datetime):
        # strftime writes the year 33 as 33, which is not valid in ISO 8601.
        how = datetime_format.replace("%Y", f"{value.year:04d}")
        return _aware(value).strftime(how)
    if is_array(value):
        return [query_text(one, datetime_format) for one in value]
    return value


def _aware(moment: datetime) -> datetime:
    try:
        aware = moment.astimezone() if moment.tzinfo is None else moment
        offset = aware.utcoffset()
        # Local times of the 19th century have offsets with seconds, which ISO 8601 cannot write.
        has_seconds = offset is not None and offset.total_seconds() % 60
        return aware.astimezone(timezone.utc) if has_seconds else aware
    except (ValueError, OverflowError, OSError):  # datetime.min and max have no local time
        return moment.replace(tzinfo=timezone.utc)


def plain(value: Any) -> Any:
    """Convert a value to JSON's types.

    Models become dicts without their read-only fields, date-times ISO text, enums their value.
    """
    if type(value) in _PLAIN_TYPES or isinstance(value, (int, float, bytes)):
        return value
    if is_mapping(value):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, Enum):
        return plain(value.value)
    if isinstance(value, str):
        return value
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, (Decimal, UUID)):
        return str(value)
    if isinstance(value, (list, set, frozenset)):
        return [plain(one) for one in cast("Iterable[Any]", value)]
    if isinstance(value, tuple):
        return tuple(plain(one) for one in cast("Iterable[Any]", value))
    return _plain_object(value)


def _plain_object(value: Any) -> Any:
    if hasattr(value, "get_secret_value"):  # pydantic's SecretStr
        return plain(value.get_secret_value())
    if hasattr(value, "model_fields_set"):
        return {name: plain(one) for name, one in _writable(value)}
    if hasattr(value, "to_dict"):
        return plain(value.to_dict())
    if not hasattr(value, "__dict__"):
        raise ApiTypeError(
            f"{type(value).__name__} {value!r} cannot be sent: JSON has no such type"
        )
    return plain(vars(value))


def _writable(model: BaseModel) -> Iterator[Tuple[str, object]]:
    """Yield the fields of a model that were set and are not read-only, by name on the wire."""
    from formlabs_web_api.models._base import read_only_names  # loads pydantic

    read_only = read_only_names(type(model))
    for name, value in model:
        if name in model.model_fields_set or name in (model.model_extra or ()):
            info = type(model).model_fields.get(name)
            wire_name = (info.alias if info is not None else None) or name
            if wire_name not in read_only:
                yield wire_name, value


def merged_headers(*layers: Optional[Mapping[str, object]]) -> Dict[str, Any]:
    """Merge headers into one dict; later layers take precedence, names are case-insensitive."""
    merged: Dict[str, Tuple[str, Any]] = {}
    for layer in layers:
        if layer:
            for name, value in layer.items():
                lower = name.lower()
                sent = value if type(value) in (str, HiddenText) else plain(value)
                if lower not in PUBLIC_HEADERS:
                    sent = hidden(sent)
                merged[lower] = (name, sent)
    return dict(merged.values())


def header(headers: Mapping[str, object], name: str) -> Optional[Any]:
    """Return a header's value; its name is case-insensitive."""
    if name in headers:
        return headers[name]
    wanted = name.lower()
    for key, value in headers.items():
        if key.lower() == wanted:
            return value
    return None


def set_header(headers: MutableMapping[str, Any], name: str, value: object) -> None:
    """Set a header; replace headers whose name differs only in case."""
    wanted = name.lower()
    for key in [key for key in headers if key.lower() == wanted]:
        del headers[key]
    headers[name] = value


def check_headers(headers: Mapping[str, object]) -> None:
    """Raise ApiValueError for an invalid header.

    The message does not contain the value, which may be a secret, for example a token that was read
    from a file together with its line end.
    """
    if are_plain(headers):  # the usual case; one check of all headers is faster than one each
        return
    for name, value in headers.items():
        if not _HEADER_NAME.fullmatch(name):
            raise ApiValueError(f"{name!r} cannot be the name of a header")
        text = value.decode("latin-1") if isinstance(value, bytes) else value
        if isinstance(text, int):
            continue
        if not isinstance(text, str) or not _HEADER_VALUE.fullmatch(text):
            raise ApiValueError(
                f"the value of header {name!r} cannot be sent: text of one line in Latin-1 is"
                " needed"
            )


def are_plain(headers: Mapping[str, Any]) -> bool:
    """Return True if all names are of letters and hyphens, and all values printable ASCII text."""
    try:
        names, values = "".join(headers), "".join(headers.values())
    except TypeError:  # not all of it is text
        return False
    are_letters = names.isascii() and names.replace("-", "").isalpha() and "" not in headers
    return are_letters and values.isascii() and values.isprintable()


def to_tuples(
    params: Union[Mapping[str, Any], Pairs], collection_formats: Optional[Mapping[str, str]]
) -> List[Tuple[str, Any]]:
    """Return parameters as pairs; a list is repeated (``multi``) or joined by its format."""
    pairs: List[Tuple[str, Any]] = []
    for name, value in params.items() if isinstance(params, Mapping) else params:
        how = (collection_formats or {}).get(name)
        if how == "multi":
            pairs += [(name, one) for one in value]
        elif how:
            pairs.append((name, _DELIMITERS.get(how, ",").join(map(str, value))))
        else:
            pairs.append((name, value))
    return pairs


def to_query(
    params: Union[Mapping[str, Any], Pairs], collection_formats: Optional[Mapping[str, str]]
) -> str:
    """Return parameters as the query of a URL; values are percent-encoded completely."""
    pairs: List[str] = []
    for name, value in params.items() if isinstance(params, Mapping) else params:
        how = (collection_formats or {}).get(name)
        if how == "multi":
            pairs += [f"{name}={quote(_scalar(one))}" for one in value]
        elif how:
            joined = _DELIMITERS.get(how, ",").join(quote(_scalar(one)) for one in value)
            pairs.append(f"{name}={joined}")
        else:
            pairs.append(f"{name}={quote(_scalar(value))}")
    return "&".join(pairs)


def _scalar(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (dict, list)):
        return json.dumps(value)
    return str(value)


def form_pairs(fields: Union[Mapping[str, Any], Pairs]) -> List[Tuple[str, object]]:
    """Return form fields as pairs; a list repeats its key, None becomes the empty text."""
    return [
        (name, "" if one is None else one)
        for name, value in (fields.items() if isinstance(fields, Mapping) else fields)
        for one in (value if is_array(value) else [value])
    ]


def file_fields(files: Mapping[str, Any]) -> List[Tuple[str, Tuple[str, bytes, str]]]:
    """Return files as form fields: name, content and content type.

    Args:
        files: By field, a path, bytes, a pair (name, content), or a list of these.

    Raises:
        ApiValueError: A file has another type.
        OSError: A file cannot be read.
    """
    import mimetypes  # slow to import

    fields: List[Tuple[str, Tuple[str, bytes, str]]] = []
    for field, value in files.items():
        for one in value if is_array(value) else [value]:
            if isinstance(one, str):
                with open(one, "rb") as file:
                    name, content = os.path.basename(one), file.read()
            elif isinstance(one, bytes):
                name, content = field, one
            elif isinstance(one, tuple) and len(cast("Any", one)) == 2:
                name, content = cast("Tuple[str, bytes]", one)
            else:
                kinds = "a path, bytes or a pair (name, content)"
                raise ApiValueError(
                    f"file {field}: {kinds} is needed, not {type(cast(Any, one)).__name__}"
                )
            kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
            fields.append((field, (name, content, kind)))
    return fields


def encode_body(
    content_type: Optional[str], body: object, fields: Union[Mapping[str, object], Pairs, None]
) -> Tuple[Optional[bytes], Optional[str]]:
    """Return the bytes of a body and the content type to send.

    Raises:
        ApiException: The body cannot be encoded in the content type.
        ApiValueError: The body contains a value that JSON cannot represent.
    """
    if isinstance(body, (bytes, bytearray)):
        return HiddenBytes(body), content_type
    kind = (content_type or "application/json").strip()
    if is_json(kind):
        return (None if body is None else _json_bytes(body)), content_type
    pairs = list(fields.items() if isinstance(fields, Mapping) else fields or ())
    if not pairs and isinstance(body, Mapping):
        pairs = form_pairs(cast("Mapping[str, object]", body))
    if kind.lower().startswith(FORM):
        text = urlencode([(name, _field(value)) for name, value in pairs])
        return (HiddenBytes(text.encode("ascii")) if pairs else None), content_type
    if kind.lower().startswith(MULTIPART):
        from urllib3 import encode_multipart_formdata

        if not pairs:
            return None, content_type
        parts: List[Any] = [(n, v if isinstance(v, tuple) else _field(v)) for n, v in pairs]
        encoded, content_type = encode_multipart_formdata(parts)
        return HiddenBytes(encoded), content_type
    if isinstance(body, (str, bool)):
        return _scalar(body).encode("utf-8"), content_type
    if body is None and not pairs:
        return None, content_type
    raise ApiException(
        status=0,
        reason=f"a body cannot be sent as {kind!r}; _content_type may be application/json,"
        f" {FORM} or {MULTIPART}",
    )


def _json_bytes(body: object) -> bytes:
    try:
        return HiddenBytes(json.dumps(body, allow_nan=False).encode("ascii"))
    except (TypeError, ValueError) as error:
        raise ApiValueError(f"the body cannot be written as JSON: {error}") from None


def _field(value: object) -> Union[str, bytes]:
    return value if isinstance(value, (str, bytes)) else _scalar(value)
