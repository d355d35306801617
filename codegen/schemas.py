"""Turn the schemas of a document into models, enums and Python types."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from keyword import iskeyword
from typing import Any

from pydantic import BaseModel

from codegen import names
from codegen.document import Node, resolve

_TYPES = {
    "string": "StrictStr",
    "integer": "StrictInt",
    "boolean": "StrictBool",
    "number": "Number",
}
_LIMITS = {"minLength": "min_length", "maxLength": "max_length", "pattern": "pattern"}
_LIMITS.update(minimum="ge", maximum="le", minItems="min_length", maxItems="max_length")
_LIMITS.update(multipleOf="multiple_of")
_EXCLUSIVE = {"exclusiveMinimum": ("ge", "gt"), "exclusiveMaximum": ("le", "lt")}
_NO_FIELD = {*dir(BaseModel), "to_dict", "to_json", "to_str", "from_dict", "from_json"}
_NO_FIELD |= {"secret_fields"}


@dataclass
class Field:
    """A field of a model, or a parameter of an operation."""

    name: str
    wire: str
    type: str
    required: bool
    about: Node
    """The node of the document: ``description``, ``readOnly``, ``x-secret`` ..."""
    place: str = "field"

    @property
    def may_be_null(self) -> bool:
        """True if the document allows null as the value."""
        return self.type == "Any" or self.type.startswith("Optional[")

    def code(self, limited: bool = False) -> str:
        """Return the line of code that declares the field or parameter."""
        nullable = self.type.startswith("Optional[")
        bare = self.type[len("Optional[") : -1] if nullable else self.type
        # pydantic's regular expressions do not support look-around.
        limits = {_LIMITS[key]: self.about[key] for key in _LIMITS if key in self.about}
        limits = {key: limit for key, limit in limits.items() if "(?" not in str(limit)}
        for key, (inclusive, exclusive) in _EXCLUSIVE.items():
            if self.about.get(key) is True and inclusive in limits:
                limits[exclusive] = limits.pop(inclusive)
        if limited and limits:
            limit = ", ".join(f"{key}={value!r}" for key, value in limits.items())
            bare = f"Annotated[{bare}, Field({limit})]"
        if nullable or not self.required:
            bare = f"Optional[{bare}]"
        if self.place == "field" and self.about.get("readOnly"):
            bare = f"ReadOnly[{bare}]"
        default = "" if self.required else "None"
        if self.place == "field" and self.name != self.wire:
            default = f"Field({'' if self.required else 'default=None, '}alias={self.wire!r})"
        return f"{self.name}: {bare}" + (f" = {default}" if default else "")


@dataclass
class Model:
    """A class of ``models``."""

    name: str
    about: Node
    fields: list[Field] = field(default_factory=list)
    members: dict[str, str] = field(default_factory=dict)
    """Values of an enum by name."""
    is_request: bool = False

    @property
    def has_plain_keys(self) -> bool:
        """True if a class statement can have each name on the wire."""
        return all(one.wire.isidentifier() and not iskeyword(one.wire) for one in self.fields)

    @property
    def module(self) -> str:
        return names.snake(self.name)


class Schemas:
    """The models of a document; each is created when its schema is first used."""

    def __init__(self, document: Node) -> None:
        self.models: dict[str, Model] = {}
        self._document = document
        self._known: dict[str, str] = {}
        for name in document.get("components", {}).get("schemas", {}):
            self.type({"$ref": f"#/components/schemas/{name}"}, name)

    def type(self, schema: Node, hint: str) -> str:
        """Return the annotation of a schema; a class created for it is named ``hint``."""
        return _optional(self._bare(schema, hint), schema)

    def _bare(self, schema: Node, hint: str) -> str:
        if "$ref" in schema:
            return self._component(schema["$ref"])
        if len(schema.get("allOf", ())) == 1 and "properties" not in schema:
            return self.type(schema["allOf"][0], hint)
        if "oneOf" in schema or "anyOf" in schema:
            return self._union(schema.get("oneOf") or schema["anyOf"], hint)
        whole = self.whole(schema)
        if "properties" in whole:
            return self._class(whole, hint, json.dumps(_structure(whole)))
        if whole.get("type") == "array":
            return f"List[{self.type(whole.get('items', {}), hint + 'Inner')}]"
        if whole.get("type") == "object":
            values = whole.get("additionalProperties")
            of = self.type(values, f"{hint}Value") if isinstance(values, dict) else "Any"
            return f"Dict[str, {of}]"
        if whole.get("format") == "date-time":
            return "DateTime"
        return _TYPES.get(whole.get("type", ""), "Any")

    def _component(self, pointer: str) -> str:
        """Return the class of a component, or its type if it is not an object."""
        if pointer not in self._known:
            whole, hint = self.whole({"$ref": pointer}), pointer.rpartition("/")[2]
            self._known[pointer] = "Any"  # in the meantime, for a schema that contains itself
            words = [word for word in whole.get("enum", ()) if isinstance(word, str)]
            if whole.get("x-no-model"):
                found = "Dict[str, Any]"
            elif words:
                enum = self._add(whole, hint)
                for word in words:
                    enum.members[names.member(word, enum.members)] = word
                found = enum.name
            elif "properties" in whole:
                found = self._class(whole, hint, pointer)
            else:
                found = self._bare(resolve(self._document, {"$ref": pointer}), hint)
            self._known[pointer] = _optional(found, whole)
        return self._known[pointer]

    def _union(self, choices: list[Node], hint: str) -> str:
        """Return a type or a Union, without the blank text, which open enums accept anyway."""
        wholes = [self.whole(choice) for choice in choices]
        types: dict[str, None] = {}
        for choice, whole in zip(choices, wholes):
            if any(whole.get("enum", "?")) and not whole.get("x-no-model"):
                types[self.type(choice, hint + names.camel(whole.get("title", "")))] = None
        found = next(iter(types), "Any") if len(types) < 2 else f"Union[{', '.join(types)}]"
        return f"Optional[{found}]" if any(None in one.get("enum", ()) for one in wholes) else found

    def whole(self, schema: Node) -> Node:
        """Return a schema merged with its references and the parts of allOf."""
        schema = resolve(self._document, schema)
        whole: Node = {}
        for part in [*map(self.whole, schema.get("allOf", ())), schema]:
            properties = {**whole.get("properties", {}), **part.get("properties", {})}
            required = [*whole.get("required", ()), *part.get("required", ())]
            whole = {**whole, **part, "required": required}
            whole.update({"properties": properties} if properties else {})
        return whole

    def _add(self, whole: Node, hint: str) -> Model:
        name = names.class_name(hint)
        while names.snake(name) in {model.module for model in self.models.values()}:
            name += "2"
        described = {**whole, "description": whole.get("description") or "Not described."}
        self.models[name] = Model(name, described)
        return self.models[name]

    def _class(self, whole: Node, hint: str, key: str) -> str:
        """Return the class of a component or inline schema; equal inline schemas share one."""
        if self._known.get(key, "Any") == "Any":
            model = self._add(whole, hint)
            self._known[key] = model.name
            for wire, schema in whole["properties"].items():
                name = names.variable(wire, {*_NO_FIELD, *(one.name for one in model.fields)})
                about = {**self.whole(schema), "x-observed": schema.get("x-observed", [])}
                kind = self.type(schema, model.name + names.camel(wire))
                model.fields.append(Field(name, wire, kind, wire in whole["required"], about))
        return self._known[key]

    def used_by(self, *types: str) -> list[str]:
        """Return the classes that annotations name."""
        return sorted(set(re.findall(r"\w+", " ".join(types))) & set(self.models))

    def parts_of(self, name: str) -> list[str]:
        """Return the classes of a model's fields."""
        return self.used_by(*(one.type for one in self.models[name].fields))

    def reached_from(self, *types: str) -> set[str]:
        """Return the classes that annotations name, and the classes of their fields."""
        reached: set[str] = set()
        todo = self.used_by(*types)
        while todo:
            name = todo.pop()
            todo += [] if name in reached else self.parts_of(name)
            reached.add(name)
        return reached

    def cyclic(self, name: str) -> list[str]:
        """Return the classes of a model's fields that refer back to it."""
        return [part for part in self.parts_of(name) if name in self.reached_from(part)]


def _optional(found: str, schema: Node) -> str:
    null = schema.get("nullable") or None in schema.get("enum", ())
    return f"Optional[{found}]" if null and not found.startswith("Optional[") else found


def _structure(node: Any) -> Any:
    """Return a schema without titles and descriptions."""
    if isinstance(node, dict):
        prose = [key for key in ("title", "description") if isinstance(node.get(key), str)]
        return {key: _structure(one) for key, one in node.items() if key not in prose}
    return [_structure(one) for one in node] if isinstance(node, list) else node
