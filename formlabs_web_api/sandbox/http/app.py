"""The operations of the service over HTTP: routes, authorization, answers.

Each answer about the fleet is rendered under the world's lock, for one instant.
"""

from __future__ import annotations

import gzip
import json
from email.utils import format_datetime
from typing import Any, Callable, Dict, Iterable, List, Mapping, NamedTuple, Optional, Sequence
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Match, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from formlabs_web_api.sandbox.errors import Refusal, detail, not_found
from formlabs_web_api.sandbox.fleet.records import Group
from formlabs_web_api.sandbox.fleet.world import World
from formlabs_web_api.sandbox.http import rows as rendering
from formlabs_web_api.sandbox.http.bodies import (
    JSON,
    Body,
    boolean,
    receive,
    text,
    text_or_null,
    texts,
    truth_or_null,
    uuid,
)
from formlabs_web_api.sandbox.http.fault_injection import (
    CONTROL,
    NO_ANSWER,
    FaultInjection,
    OpenConnections,
)
from formlabs_web_api.sandbox.http.faults import API, Faults
from formlabs_web_api.sandbox.http.query import (
    Page,
    Parameters,
    read_event_filter,
    read_print_filter,
)
from formlabs_web_api.sandbox.http.request_log import RequestLog
from formlabs_web_api.sandbox.http.rows import Row, Rows
from formlabs_web_api.sandbox.http.same_origin import SameOriginMiddleware
from formlabs_web_api.sandbox.http.throttle import Throttle
from formlabs_web_api.sandbox.http.thumbnails import PATH as THUMBNAILS_PATH
from formlabs_web_api.sandbox.http.thumbnails import Thumbnails, picture
from formlabs_web_api.sandbox.http.tokens import Tokens
from formlabs_web_api.sandbox.instants import Instant, to_datetime

_MIN_GZIP_BYTES = 500
_CHALLENGE = 'Bearer realm="api"'


class Call(NamedTuple):
    """The parts of a request that operations use."""

    path: Mapping[str, str]
    parameters: Parameters
    address: str
    """The URL without its query."""
    rows: Rows
    body: Body
    authorization: str


class Answer(NamedTuple):
    """The answer of an operation; without a body, only the status is sent."""

    status: int
    body: Optional[Any] = None


Operation = Callable[[Call], Answer]


class Service:
    """All operations.

    Args:
        world: the fleet.
        tokens: the issued tokens.
        thumbnails: signs the URLs of pictures.
        per_second: the limit of an address.
        per_hour: the limit of a user.
    """

    def __init__(
        self,
        world: World,
        tokens: Tokens,
        thumbnails: Thumbnails,
        per_second: Throttle,
        per_hour: Throttle,
    ) -> None:
        self.world = world
        self.tokens = tokens
        self.thumbnails = thumbnails
        self.per_second = per_second
        self.per_hour = per_hour

    # Authentication

    def token(self, call: Call) -> Answer:
        return Answer(200, self.tokens.issue(call.body.form(), call.authorization))

    def revoke_token(self, call: Call) -> Answer:
        self.tokens.revoke(call.body.form(), call.authorization)
        return Answer(200)

    # Reads

    def printers_list(self, call: Call) -> Answer:
        return self._list(call, list(self.world.printers.values()), call.rows.printer)

    def printers_retrieve(self, call: Call) -> Answer:
        return Answer(200, call.rows.printer(self.world.printer(call.path["serial"])))

    def printers_prints_list(self, call: Call) -> Answer:
        return self._prints(call, self.world.printer(call.path["serial"]).serial)

    def prints_list(self, call: Call) -> Answer:
        return self._prints(call, None)

    def events_list(self, call: Call) -> Answer:
        found = self.world.find_events(read_event_filter(call.parameters))
        page = Page.read(call.parameters, len(found))
        made = [call.rows.event(event) for event in found.newest(page.skip, page.size)]
        return Answer(200, page.envelope(call.address, call.parameters, len(found), made))

    def tanks_list(self, call: Call) -> Answer:
        return self._page(call, self.world.tanks, call.rows.tank)

    def cartridges_list(self, call: Call) -> Answer:
        return self._page(call, self.world.cartridges, call.rows.cartridge)

    # Groups

    def groups_list(self, call: Call) -> Answer:
        return self._list(call, self.world.groups.mine(), lambda group: self._group(call, group))

    def groups_create(self, call: Call) -> Answer:
        fields = call.body.fields({"name": text})
        return Answer(201, rendering.new_group(self.world.groups.create(fields["name"])))

    def groups_partial_update(self, call: Call) -> Answer:
        group = self._group_to_change(call)
        fields = call.body.fields(
            {}, {"name": text_or_null, "remote_print_enabled_override": truth_or_null}
        )
        if fields.get("name") is not None:
            self.world.groups.rename(group, fields["name"])
        if "remote_print_enabled_override" in fields:
            group.remote_print_enabled = fields["remote_print_enabled_override"]
        return Answer(200, self._group(call, group))

    def groups_destroy(self, call: Call) -> Answer:
        self.world.groups.delete(self._group_to_change(call))
        return Answer(204)

    def groups_members_create(self, call: Call) -> Answer:
        group = self._group_to_change(call)
        fields = call.body.fields({"user": text}, {"is_admin": boolean})
        is_admin = fields.get("is_admin", False)
        who = self.world.groups.add(group, fields["user"], is_admin)
        return Answer(201, rendering.member(who, is_admin))

    def groups_members_update(self, call: Call) -> Answer:
        group = self._group_to_change(call)
        fields = call.body.fields({"user": text}, {"is_admin": boolean})
        is_admin = fields.get("is_admin", False)
        who = self.world.groups.change(group, fields["user"], is_admin)
        return Answer(200, rendering.member(who, is_admin))

    def groups_members_destroy(self, call: Call) -> Answer:
        group = self._group_to_change(call)
        self.world.groups.remove(group, call.body.fields({"user": text})["user"])
        return Answer(204)

    def groups_bulk_add_printers_create(self, call: Call) -> Answer:
        fields = call.body.fields({"target_group": uuid, "printers": texts})
        group = self.world.groups.find_to_change(fields["target_group"])
        self.world.groups.move_printers(group, fields["printers"])
        return Answer(200)

    def groups_queue_list(self, call: Call) -> Answer:
        group = self.world.groups.find(call.path["group_id"])
        return Answer(200, [call.rows.queue_item(item) for item in group.queue])

    # Shared by operations

    def _prints(self, call: Call, of_printer: Optional[str]) -> Answer:
        found = self.world.find_prints(read_print_filter(call.parameters, of_printer))
        page = Page.read(call.parameters, len(found))
        made = [call.rows.print_(run) for run in found.newest(page.skip, page.size)]
        return Answer(200, page.envelope(call.address, call.parameters, len(found), made))

    def _list(self, call: Call, records: Sequence[Any], write: Callable[[Any], Row]) -> Answer:
        """Answer a bare array, unless a page is requested (observation 1.1)."""
        if "page" in call.parameters or "per_page" in call.parameters:
            return self._page(call, records, write)
        return Answer(200, [write(record) for record in records])

    def _page(self, call: Call, records: Sequence[Any], write: Callable[[Any], Row]) -> Answer:
        page = Page.read(call.parameters, len(records))
        made = [write(record) for record in records[page.skip : page.skip + page.size]]
        return Answer(200, page.envelope(call.address, call.parameters, len(records), made))

    def _group_to_change(self, call: Call) -> Group:
        return self.world.groups.find_to_change(call.path["group_id"])

    def _group(self, call: Call, group: Group) -> Row:
        groups = self.world.groups
        return call.rows.group(group, groups.members(group), groups.printers(group))


class Resource:
    """One path: its operations by method, authorization and limits."""

    def __init__(self, service: Service, public: bool, **operations: Operation) -> None:
        self._service = service
        self._public = public
        self._operations = operations
        methods = (*operations, *(("HEAD",) if "GET" in operations else ()), "OPTIONS")
        self._allow = {"Allow": ", ".join(methods)}

    async def __call__(self, scope: Scope, receive_: Receive, send: Send) -> None:
        request = Request(scope, receive_)
        body = await receive(request)
        with self._service.world.lock:
            response = self._respond(request, body)
        await response(scope, receive_, send)

    def _respond(self, request: Request, body: Body) -> Response:
        service = self._service
        service.world.settle()
        try:
            service.per_second.admit()
            if not self._public:
                self._authorize(request)
                service.per_hour.admit()
            if request.method == "OPTIONS":
                parses = ["application/json", "application/x-www-form-urlencoded"]
                about = {"name": request.url.path, "renders": [JSON], "parses": parses}
                return _response(request, 200, about, self._allow)
            operation = self._operations.get("GET" if request.method == "HEAD" else request.method)
            if operation is None:
                raise detail(405, f'Method "{request.method}" not allowed.', self._allow)
            status, answer = operation(self._call(request, body))
        except Refusal as refusal:
            return _response(request, refusal.status, refusal.body, refusal.headers)
        return _response(request, status, answer)

    def _call(self, request: Request, body: Body) -> Call:
        base = _base_url(request)
        return Call(
            path=request.path_params,
            parameters=parse_qs(request.url.query, keep_blank_values=True),
            address=base + request.url.path,
            rows=Rows(self._service.world.clock(), self._service.thumbnails.signer(base)),
            body=body,
            authorization=request.headers.get("authorization", ""),
        )

    def _authorize(self, request: Request) -> None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            challenge = _CHALLENGE
        elif not self._service.tokens.is_valid(token.strip()):
            challenge = f'{_CHALLENGE}, error="invalid_token"'
        else:
            return
        raise detail(
            401,
            "Authentication credentials were not provided.",
            {"WWW-Authenticate": challenge},
        )


class NotFound:
    """Every other path: redirect reads without trailing slash, as Django does; else 404."""

    def __init__(self, routes: Sequence[BaseRoute]) -> None:
        self._routes = list(routes)

    async def __call__(self, scope: Scope, receive_: Receive, send: Send) -> None:
        request = Request(scope)
        slashed = {**scope, "path": scope["path"] + "/"}
        known = any(route.matches(slashed)[0] is Match.FULL for route in self._routes)
        response: Response
        if known and request.method in ("GET", "HEAD"):
            response = RedirectResponse(request.url.replace(path=request.url.path + "/"), 301)
        else:
            refusal = not_found()
            response = _response(request, refusal.status, refusal.body)
        await response(scope, receive_, send)


class RequestLogMiddleware:
    """Appends each request and its status to the log before the answer is sent."""

    def __init__(self, app: ASGIApp, log: RequestLog) -> None:
        self._app = app
        self._log = log

    async def __call__(self, scope: Scope, receive_: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(CONTROL):
            await self._app(scope, receive_, send)
            return
        body: List[bytes] = []

        async def receive_and_keep() -> Message:
            message = await receive_()
            body.append(message.get("body", b""))
            return message

        async def log_and_send(message: Message) -> None:
            if message["type"] in ("http.response.start", NO_ANSWER):
                self._log.add(
                    method=scope["method"],
                    path=scope["path"],
                    query=scope["query_string"].decode("latin-1"),
                    status=message.get("status", 0),
                    headers={
                        name.decode("latin-1"): value.decode("latin-1")
                        for name, value in scope["headers"]
                    },
                    body=b"".join(body),
                )
            if message["type"] != NO_ANSWER:
                await send(message)

        await self._app(scope, receive_and_keep, log_and_send)


class DateHeaderMiddleware:
    """Adds the ``Date`` header, by the fleet's clock, to each answer."""

    def __init__(self, app: ASGIApp, clock: Callable[[], Instant]) -> None:
        self._app = app
        self._clock = clock

    async def __call__(self, scope: Scope, receive_: Receive, send: Send) -> None:
        async def date_and_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=list(message["headers"]))
                now = format_datetime(to_datetime(self._clock()), usegmt=True)
                headers.setdefault("Date", now)
                message = {**message, "headers": headers.raw}
            await send(message)

        await self._app(scope, receive_, date_and_send)


def build_app(
    service: Service,
    log: RequestLog,
    faults: Faults,
    open_connections: OpenConnections,
    control: Sequence[BaseRoute],
    allowed_hosts: Iterable[str],
) -> ASGIApp:
    """Build the application that answers all requests."""

    def resource(path: str, public: bool = False, **operations: Operation) -> Route:
        return Route(API + path, Resource(service, public, **operations))

    async def thumbnail(request: Request) -> Response:
        guid = request.path_params["guid"]
        return _picture(service.thumbnails, guid, request)

    routes: List[BaseRoute] = [
        resource("/o/token/", public=True, POST=service.token),
        resource("/o/revoke_token/", public=True, POST=service.revoke_token),
        resource("/printers/", GET=service.printers_list),
        resource("/printers/{serial}/", GET=service.printers_retrieve),
        resource("/printers/{serial}/prints/", GET=service.printers_prints_list),
        resource("/prints/", GET=service.prints_list),
        resource("/tanks/", GET=service.tanks_list),
        resource("/cartridges/", GET=service.cartridges_list),
        resource("/events/", GET=service.events_list),
        resource("/groups/", GET=service.groups_list, POST=service.groups_create),
        resource("/groups/bulk-add-printers/", POST=service.groups_bulk_add_printers_create),
        resource(
            "/groups/{group_id}/",
            PATCH=service.groups_partial_update,
            DELETE=service.groups_destroy,
        ),
        resource(
            "/groups/{group_id}/members/",
            POST=service.groups_members_create,
            PUT=service.groups_members_update,
            DELETE=service.groups_members_destroy,
        ),
        resource("/groups/{group_id}/queue/", GET=service.groups_queue_list),
        Route(THUMBNAILS_PATH + "{guid}.png", thumbnail),
        *control,
    ]
    routes.append(Route("/{path:path}", NotFound(routes)))
    app: ASGIApp = FaultInjection(Starlette(routes=routes), faults, open_connections)
    app = DateHeaderMiddleware(app, service.world.clock)
    app = RequestLogMiddleware(app, log)
    return SameOriginMiddleware(app, allowed_hosts)


def _picture(thumbnails: Thumbnails, guid: str, request: Request) -> Response:
    authorization = request.headers.get("authorization")
    code = thumbnails.refusal(guid, request.query_params, authorization)
    if code is None:
        return Response(picture(guid), media_type="image/png")
    text_ = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code></Error>'
    status = 400 if code == "InvalidArgument" else 403
    return Response(text_, status, media_type="application/xml")


def _base_url(request: Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc}"


def _response(
    request: Request, status: int, body: object, headers: Optional[Mapping[str, str]] = None
) -> Response:
    if body is None:
        return Response(status_code=status)
    try:
        content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        # A lone surrogate, out of a recording: it can only be sent escaped.
        content = json.dumps(body, separators=(",", ":")).encode()
    sent: Dict[str, str] = {"Content-Type": JSON, "Vary": "Accept-Encoding", **(headers or {})}
    if len(content) >= _MIN_GZIP_BYTES and "gzip" in request.headers.get("accept-encoding", ""):
        content = gzip.compress(content, compresslevel=1)
        sent["Content-Encoding"] = "gzip"
    return Response(content, status, sent)
