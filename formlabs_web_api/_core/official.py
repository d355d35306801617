"""Methods of ``ApiClient`` that scripts written for the official package call or override.

A call takes this way only if a program overrides one of them; see :func:`is_customized`.
"""

from __future__ import annotations

import os
import re
from contextvars import ContextVar
from operator import attrgetter
from typing import (
    TYPE_CHECKING,
    Any,
    ClassVar,
    Dict,
    List,
    Mapping,
    NamedTuple,
    NoReturn,
    Optional,
    Sequence,
    Tuple,
    Union,
    cast,
)

from pydantic import ValidationError

from formlabs_web_api._core import serialization
from formlabs_web_api._core.call import Call
from formlabs_web_api._core.request import (
    Request,
    authorization_of,
    body_and_fields,
    call_headers,
    list_formats,
    preferred_content_type,
    query_pairs,
    request_headers,
)
from formlabs_web_api._core.response import NAMED_TYPES, convert_json, resolve_type, type_for_status
from formlabs_web_api._core.serialization import TimeoutSetting
from formlabs_web_api._core.token_source import TokenSource
from formlabs_web_api._util.json import is_object, parse_json
from formlabs_web_api._util.secrets import HiddenText
from formlabs_web_api.api_response import ApiResponse
from formlabs_web_api.exceptions import ApiException
from formlabs_web_api.retry import RetryPolicy

if TYPE_CHECKING:
    from formlabs_web_api.configuration import Configuration
    from formlabs_web_api.rest import RESTResponse

RequestSerialized = Tuple[str, str, Dict[str, str], Optional[str], List[str]]
"""What ``ApiClient.param_serialize`` returns: method, URL, headers, body, form fields."""


class _SendOptions(NamedTuple):
    """Per-call options that ``call_api``'s official signature cannot carry."""

    preload: bool = True
    retries: Optional[RetryPolicy] = None


_DEFAULT_OPTIONS = _SendOptions()
_send_options: ContextVar[_SendOptions] = ContextVar(
    "formlabs_web_api_send_options", default=_DEFAULT_OPTIONS
)


class OfficialHelpers:
    """The official helpers of a client, and the way of a call through them."""

    PRIMITIVE_TYPES: ClassVar[Tuple[type, ...]] = (float, bool, bytes, str, int)
    NATIVE_TYPES_MAPPING: ClassVar[Dict[str, Any]] = {
        name: kind for name, kind in NAMED_TYPES.items() if name not in ("bytes", "None")
    }

    configuration: Configuration
    default_headers: Dict[str, str]
    cookie: Optional[str]
    tokens: TokenSource

    if TYPE_CHECKING:  # ApiClient has them

        def _send(self, request: Request) -> RESTResponse: ...

        def _decode(self, response: RESTResponse, expected: Any) -> Any: ...

        def _raise_for(self, response: RESTResponse, expected: Any) -> NoReturn: ...

    def _send_officially(self, call: Call[Any], preload: bool) -> RESTResponse:
        """Send a call through the methods that a program has overridden."""
        options = call.options
        _, headers = call_headers(call, self.default_headers)
        content_type = options.content_type if call.content_types else None
        if content_type is None:
            content_type = self.select_header_content_type(call.content_types)
            if content_type and serialization.header(options.headers or {}, "Content-Type") is None:
                serialization.set_header(headers, "Content-Type", content_type)
        if "Accept" in headers and serialization.header(options.headers or {}, "Accept") is None:
            headers["Accept"] = self.select_header_accept(["application/json"])
        body, fields = body_and_fields(call, content_type)
        query = query_pairs(call, self.configuration.datetime_format)
        serialized = self.param_serialize(
            method=call.method,
            resource_path=call.template,
            path_params=call.path,
            query_params=query,
            header_params=headers,
            body=body,
            post_params=fields,
            auth_settings=["bearerAuth"] if call.secured else [],
            collection_formats=list_formats(query),
            _request_auth=options.request_auth,
        )
        before = _send_options.set(_SendOptions(preload, options.retries))
        try:
            response = self.call_api(*serialized, _request_timeout=options.request_timeout)
        finally:
            _send_options.reset(before)
        if response.status == 401 and call.secured and not options.request_auth:
            authorized = serialization.header(serialized[2], "Authorization")
            response.lacked_credentials = not authorized
        return response

    def param_serialize(
        self,
        method: str,
        resource_path: str,
        path_params: Any = None,
        query_params: Any = None,
        header_params: Any = None,
        body: Any = None,
        post_params: Any = None,
        files: Any = None,
        auth_settings: Any = None,
        collection_formats: Any = None,
        _host: Optional[str] = None,
        _request_auth: Any = None,
    ) -> RequestSerialized:
        """Return the parts of a request: method, URL, headers, body, form fields.

        Headers of the call win over the default ones, and ``Authorization`` among them over the
        token.

        Raises:
            ApiValueError: a path parameter is empty, ``.`` or ``..``.
        """
        headers = request_headers(
            header_params, self.default_headers, self.cookie, bool(auth_settings)
        )
        path = resource_path
        if path_params:
            path = serialization.fill_path(
                resource_path,
                self.parameters_to_tuples(self._plain_params(path_params), collection_formats),
                self.configuration.safe_chars_for_path_param,
            )
        fields: List[Any] = []
        if post_params or files:
            fields = self.parameters_to_tuples(self._plain_params(post_params), collection_formats)
            if files:
                fields.extend(self.files_parameters(files))
        queries: List[Tuple[str, Any]] = []
        self.update_params_for_auth(
            headers, queries, auth_settings, resource_path, method, body, _request_auth
        )
        if not _request_auth and serialization.header(header_params or {}, "Authorization"):
            # The official way lets the token win over it; a header of this very call is wanted.
            own = serialization.header(header_params, "Authorization")
            serialization.set_header(headers, "Authorization", HiddenText(own))
        host = None if self.configuration.ignore_operation_servers else _host
        url = (host or self.configuration.host) + path
        has_secret = bool(queries)
        if query_params:
            params: Any = query_params.items() if is_object(query_params) else query_params
            queries = [*self.sanitize_for_serialization(list(params)), *queries]
        if queries:
            url += "?" + self.parameters_to_url_query(queries, collection_formats)
        url = HiddenText(url) if has_secret else url
        return method, url, headers, self.sanitize_for_serialization(body) if body else body, fields

    def _plain_params(self, params: Any) -> Any:
        return self.sanitize_for_serialization(params) if params else {}

    def call_api(
        self,
        method: str,
        url: str,
        header_params: Any = None,
        body: Any = None,
        post_params: Any = None,
        _request_timeout: TimeoutSetting = None,
        *,
        _retries: Any = None,
    ) -> RESTResponse:
        """Send a request with retries and return the response, whatever its status.

        Raises:
            ApiConnectionException: there was no response.
            RateLimitException: the wait for the rate limit would be too long; nothing was sent.
        """
        options = _send_options.get()
        policy = options.retries if _retries is None else RetryPolicy.of(_retries)
        request = Request(
            method,
            url,
            dict(header_params or {}),
            body,
            post_params,
            _request_timeout,
            policy or self.configuration.retry_policy,
            preload=options.preload,
        )
        return self._send(request)

    def response_deserialize(
        self, response_data: RESTResponse, response_types_map: Optional[Mapping[str, Any]] = None
    ) -> ApiResponse[Any]:
        """Decode a response into the type documented for its status.

        Args:
            response_data: The response.
            response_types_map: Status (``"200"``, ``"2XX"``) to type, or its name as text. A
                success of another status is decoded like the documented one.

        Raises:
            ApiException: the status is not a success.
            ResponseException: the body cannot be decoded.
        """
        types = response_types_map or {}
        status = response_data.status
        if not 200 <= status <= 299:
            self._raise_for(response_data, types.get(str(status), types.get(f"{status // 100}XX")))
        # Not of ApiResponse[Any], a class of its own that cannot be pickled.
        made: Any = cast("Any", ApiResponse).model_construct(
            status_code=status,
            headers=dict(response_data.getheaders()),
            data=self._decode(response_data, type_for_status(status, types)),
            raw_data=response_data.read(),
        )
        return cast("ApiResponse[Any]", made)

    def update_params_for_auth(
        self,
        headers: Dict[str, Any],
        queries: List[Tuple[str, Any]],
        auth_settings: Optional[Sequence[str]],
        resource_path: str,
        method: str,
        body: Any,
        request_auth: Optional[Mapping[str, Any]] = None,
    ) -> None:
        """Add the token of a request to its headers or query.

        ``request_auth`` replaces everything else. The configured token replaces an
        ``Authorization`` header; without one that header stays. If there is neither, the client's
        own token is fetched.
        """
        if not auth_settings:
            return
        if request_auth:
            self._apply_auth(headers, queries, request_auth)
            return
        settings: Any = self.configuration.auth_settings()
        chosen = [settings[name] for name in auth_settings if name in settings]
        for setting in chosen:
            self._apply_auth(headers, queries, setting)
        if chosen or serialization.header(headers, "Authorization") is not None:
            return
        if self.configuration.client_id:
            headers["Authorization"] = self.tokens.header()

    def _apply_auth(
        self, headers: Dict[str, Any], queries: List[Tuple[str, Any]], setting: Mapping[str, Any]
    ) -> None:
        where, key, value = authorization_of(setting)
        if where == "query":
            queries.append((key, value))
        else:
            serialization.set_header(headers, key, HiddenText(value))

    def sanitize_for_serialization(self, obj: Any) -> Any:
        """Return ``obj`` in JSON's own types; models without their read-only fields."""
        return serialization.plain(obj)

    def deserialize(
        self, response_text: str, response_type: Any, content_type: Optional[str]
    ) -> Any:
        """Decode text into a type, which may be given by name: ``List[Workgroup]``.

        Raises:
            ApiException: the content type is neither JSON nor text, or the text is not a date.
        """
        kind = (content_type or "application/json").lower()
        if serialization.is_json(kind):
            try:
                data = parse_json(response_text) if response_text else ""
            except ValueError:
                if content_type is not None:
                    raise
                data = response_text
        elif kind.startswith("text/"):
            data = response_text
        else:
            raise ApiException(status=0, reason=f"Unsupported content type: {content_type}")
        expected = resolve_type(response_type)
        try:
            return convert_json(data, expected)
        except ValidationError:
            raise
        except ValueError as error:
            raise ApiException(status=0, reason=f"{data!r} is not a {response_type}") from error

    def parameters_to_tuples(self, params: Any, collection_formats: Any) -> List[Tuple[str, Any]]:
        """Return parameters as pairs; a list is repeated or joined by its collection format."""
        return serialization.to_tuples(params, collection_formats)

    def parameters_to_url_query(self, params: Any, collection_formats: Any) -> str:
        """Return parameters as the query of a URL, percent-encoded."""
        return serialization.to_query(params, collection_formats)

    def files_parameters(
        self,
        files: Mapping[str, Union[str, bytes, List[str], List[bytes], Tuple[str, bytes]]],
    ) -> List[Tuple[str, Tuple[str, bytes, str]]]:
        """Return files as fields of a form: by path, by content, or as a pair (name, content)."""
        return serialization.file_fields(files)

    def select_header_accept(self, accepts: Sequence[str]) -> Optional[str]:
        """Return the content type to ask for: JSON if it is offered, else the first."""
        return preferred_content_type(accepts)

    def select_header_content_type(self, content_types: Sequence[str]) -> Optional[str]:
        """Return the content type to send: JSON if it is accepted, else the first."""
        return preferred_content_type(content_types)

    def _saved(self, response: RESTResponse, raw: bytes) -> str:
        """Write a body into a file; return its path."""
        import tempfile  # slow to import

        disposition = response.getheader("Content-Disposition") or ""
        found = re.search(r'filename=["\']?([^"\';]+)', disposition)
        folder = self.configuration.temp_folder_path
        # Only the last part of a name that the server chose: the rest could lead anywhere.
        name = os.path.basename(found.group(1).strip().replace("\\", "/")) if found else ""
        if name in ("", ".", ".."):
            handle, path = tempfile.mkstemp(dir=folder)
            os.close(handle)
        else:
            path = os.path.join(folder or tempfile.gettempdir(), name)
        with open(path, "wb") as file:
            file.write(raw)
        return path


_ON_THE_WAY_OUT = (
    "call_api",
    "param_serialize",
    "update_params_for_auth",
    "sanitize_for_serialization",
    "parameters_to_tuples",
    "parameters_to_url_query",
    "select_header_accept",
    "select_header_content_type",
)
_of_class = attrgetter(*_ON_THE_WAY_OUT)
_METHODS: Tuple[Any, ...] = _of_class(OfficialHelpers)
_DESERIALIZE = OfficialHelpers.response_deserialize


def is_customized(client: OfficialHelpers) -> bool:
    """Return True if a program overrides a helper that builds or sends requests.

    Helpers may be overridden on the class or the instance.
    """
    is_replaced = _of_class(type(client)) != _METHODS
    return is_replaced or not vars(client).keys().isdisjoint(_ON_THE_WAY_OUT)


def decodes_differently(client: OfficialHelpers) -> bool:
    """Return True if a program overrides ``response_deserialize`` on the class or the instance."""
    replaced = type(client).response_deserialize is not _DESERIALIZE
    return replaced or "response_deserialize" in vars(client)
