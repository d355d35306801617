"""Read the operations of a document by tag, with Python names and types."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from codegen import names, text
from codegen.document import Node, resolve
from codegen.schemas import Field, Schemas

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_TAKEN = {"op", "_request_timeout", "_request_auth", "_content_type", "_headers", "_host_index"}
_TAKEN |= {"_retries", "_deadline"}
_ARGUMENTS = {"StrictStr": "op.Text", "StrictInt": "op.Integer", "DateTime": "op.DateTime"}
"""Types of arguments, which take what pandas and numpy have, by the types of fields."""
_PAGING = {"limit", "start_page", "prefetch", "fetch"}


@dataclass
class Operation:
    """A method of an API class."""

    name: str
    method: str
    path: str
    summary: str
    description: str
    parameters: list[Field]
    content_types: tuple[str, ...]
    returns: str
    item: str | None
    """The type of an item if the operation is a listing in pages."""
    accepts: bool
    secured: bool
    failures: list[str]
    """Statuses of errors."""
    errors: dict[int, str]
    """Models of error bodies, by status, where they are described."""

    @property
    def received(self) -> list[str]:
        """Types of response bodies."""
        return [self.returns, *self.errors.values()]

    @property
    def types(self) -> list[str]:
        """All types that the method names."""
        return [*self.received, str(self.item), *(one.type for one in self.parameters)]

    @property
    def dicts(self) -> list[str]:
        """Models of the body in place of which a dict may be given."""
        return [
            one.type[len("op.Body[") :].partition(",")[0]
            for one in self.at("body")
            if "Dict]" in one.type
        ]

    @property
    def by_keyword(self) -> list[Field]:
        """Parameters that must be named."""
        return [one for one in self.parameters if "x-keyword-only" in one.about]

    @property
    def positional(self) -> list[Field]:
        """Parameters that may be given by position."""
        return [one for one in self.parameters if one not in self.by_keyword]

    @property
    def filters(self) -> list[Field]:
        """Query parameters other than page and per_page."""
        return [one for one in self.at("query") if one.wire not in ("page", "per_page")]

    def renamed(self, place: str) -> dict[str, str]:
        """Return the Python names of parameters by their names in the document."""
        return {one.wire: one.name for one in self.at(place)}

    def at(self, place: str) -> list[Field]:
        """Return the parameters in the path, query, form or body."""
        return [one for one in self.parameters if one.place == place]


@dataclass
class Tag:
    """A class of ``api``."""

    name: str
    description: str
    operations: list[Operation] = field(default_factory=list)

    @property
    def module(self) -> str:
        return names.snake(self.name)


class Operations:
    """The operations of a document; ``before`` is the document without corrections."""

    def __init__(self, document: Node, before: Node, schemas: Schemas) -> None:
        self.notes: list[str] = []
        self._document, self._before, self._schemas = document, before, schemas

    def tags(self) -> list[Tag]:
        """Return the API classes sorted by name; mark the models that are only sent."""
        prose = {tag["name"]: tag.get("description") for tag in self._document.get("tags", ())}
        found: dict[str, Tag] = {}
        for path, item in self._document["paths"].items():
            for method in (key for key in item if key in _METHODS):
                for title in item[method].get("tags") or ["default"]:
                    name = names.class_name(f"{title} api")
                    description = text.plain(prose.get(title) or f"Operations of {title}.")
                    tag = found.setdefault(name, Tag(name, description))
                    taken = {one.name for one in tag.operations}
                    tag.operations.append(self._operation(path, method, item, taken))
        operations = [one for tag in found.values() for one in tag.operations]
        bodies = [body for one in operations for body in one.at("body")]
        sent = self._schemas.reached_from(*(body.type for body in bodies))
        received = (kind for one in operations for kind in one.received)
        for name in sent - self._schemas.reached_from(*received):
            self._schemas.models[name].is_request = True
        for body in bodies:
            if body.type in self._schemas.models and self._schemas.models[body.type].is_request:
                body.type = f"op.Body[{body.type}, {body.type}Dict]"
        return sorted(found.values(), key=lambda tag: tag.name)

    def _operation(self, path: str, method: str, item: Node, taken: set[str]) -> Operation:
        node = item[method]
        answers = self._before["paths"].get(path, {}).get(method, node).get("responses", {})
        title = node.get("operationId") or f"{path.strip('/')}/{method}"
        description = text.plain(node.get("description"))
        summary = text.plain(node.get("summary")) or text.first_sentence(description)
        parameters, content_types = self._parameters(title, item, node)
        types = {}
        for status, response in node.get("responses", {}).items():
            schema = self._schema(response)
            hint = f"{names.camel(title)}{names.camel(status)}Response"
            self._note_binary(title, f"answer {status}", schema)
            types[status] = "None" if schema is None else self._schemas.type(schema, hint)
        good = [types[status] for status in types if status[0] == "2"] or [*types.values()][-1:]
        good = [kind for kind in good if kind != "None"]
        failures = sorted(status for status in types if status[0] in "45")
        return Operation(
            name=names.variable(title, taken, "call"),
            method=method.upper(),
            path=path,
            summary=summary or f"{method.upper()} {path}.",
            description=description.replace(summary, "", 1).strip(),
            parameters=parameters,
            content_types=content_types,
            returns=good[0] if good else "None",
            item=self._item(good, {one.wire for one in parameters if one.place == "query"}),
            accepts=any(self._schema(one) is not None for one in answers.values()),
            # Without requirements, or with an empty one alone, no token is needed.
            secured=any(node.get("security", self._document.get("security")) or ()),
            failures=failures,
            errors={
                int(status): types[status]
                for status in failures
                if status.isdigit() and types[status] in self._schemas.models
            },
        )

    def _schema(self, holder: Node | None) -> Node | None:
        """Return the schema of a body or response, preferring JSON; None without content."""
        content = resolve(self._document, holder).get("content") or {}
        kind = min(content, key=lambda kind: "json" not in kind, default=None)
        return None if kind is None else content[kind].get("schema", {})

    def _note_binary(self, title: str, where: str, schema: Node | None) -> None:
        if self._schemas.whole(schema or {}).get("format") == "binary":
            self.notes.append(f"{title}: {where} is binary and is treated as text")

    def _note_style(self, title: str, one: Node) -> None:
        """Note how a query parameter is to be written if that is not by repeating its key."""
        kind = self._schemas.whole(one.get("schema", {})).get("type")
        style = one.get("style", "form")
        if one["in"] == "query" and kind in ("array", "object"):
            if style != "form":
                self.notes.append(f"{title}: {one['name']} is sent in style form, not {style}")
            elif not one.get("explode", True):
                self.notes.append(
                    f"{title}: the key {one['name']} is repeated despite explode: false"
                )

    def _item(self, returns: list[str], query: set[str]) -> str | None:
        if not {"page", "per_page"} <= query or query & _PAGING:
            return None
        models = [self._schemas.models[name] for name in self._schemas.used_by(*returns)]
        results = [one.type for model in models for one in model.fields if one.wire == "results"]
        lists = [one for one in returns + results if "List[" in one]
        return next(iter(self._schemas.used_by(*lists[:1])), None)

    def _parameters(
        self, title: str, item: Node, node: Node
    ) -> tuple[list[Field], tuple[str, ...]]:
        found: list[Field] = []

        def add(wire: str, place: str, schema: Node, required: bool, about: Node) -> None:
            name = names.variable(wire, {*_TAKEN, *(one.name for one in found)})
            suffix = "Request" if place == "body" else f"{names.camel(wire)}Parameter"
            kind = self._schemas.type(schema, names.camel(title) + suffix)
            kind = "op.SecretText" if about.get("x-secret") else kind
            kind = "op.PathSegment" if (place, kind) == ("path", "StrictStr") else kind
            if wire in ("page", "per_page"):
                kind = kind.replace("StrictInt", "op.Positive")
            for bare, argument in _ARGUMENTS.items() if place != "body" else ():
                kind = re.sub(rf"\b{bare}\b", argument, kind)
            found.append(Field(name, wire, kind, required, about, place))

        for reference in [*item.get("parameters", ()), *node.get("parameters", ())]:
            one = resolve(self._document, reference)
            schema = one.get("schema", {})
            if one["in"] in ("path", "query"):
                self._note_style(title, one)
                found = [old for old in found if (old.wire, old.place) != (one["name"], one["in"])]
                about = {**self._schemas.whole(schema), **one}
                add(one["name"], one["in"], schema, one.get("required", False), about)
            else:
                self.notes.append(f"{title}: no parameter for the {one['in']} {one['name']}")
        body = resolve(self._document, node.get("requestBody"))
        schema, content_types = self._schema(body) or {}, tuple(body.get("content") or ())
        whole = self._schemas.whole(schema)
        if content_types and "form" in content_types[0]:
            for wire, one in whole.get("properties", {}).items():
                self._note_binary(title, f"the field {wire}", one)
                add(wire, "form", one, wire in whole["required"], self._schemas.whole(one))
        elif content_types:
            self._note_binary(title, "the body", schema)
            kind = self._schemas.type(schema, f"{names.camel(title)}Request")
            name = next(iter(self._schemas.used_by(kind)), "body")
            add(name, "body", schema, body.get("required", False), {**whole, **body})
        found.sort(key=lambda one: ("x-keyword-only" in one.about, not one.required))
        return found, content_types
