"""Short names of operations and models: what the overlay's ``namespaces`` and ``aliases`` name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Iterator, NamedTuple

from codegen import names
from codegen.document import Node
from codegen.operations import Operation, Tag
from codegen.overlay import OverlayError


class ShortName(NamedTuple):
    """A method of a namespace, and the official method behind it."""

    name: str
    tag: Tag
    operation: Operation
    suffix: str = ""

    @property
    def method(self) -> str:
        return self.operation.name + self.suffix


@dataclass
class Namespace:
    """An attribute of the client that gives short names to operations."""

    name: str
    description: str
    methods: list[ShortName]

    @property
    def class_name(self) -> str:
        return f"{names.camel(self.name)}Namespace"

    @property
    def tags(self) -> list[Tag]:
        """The API classes that have the operations."""
        return list({one.tag.name: one.tag for one in self.methods}.values())


def namespaces(described: Node, tags: list[Tag]) -> list[Namespace]:
    """Return the namespaces of an overlay; operations the document does not have are left out."""
    known = {one.name: (tag, one) for tag in tags for one in tag.operations}
    found = [_namespace(name, node, known) for name, node in described.items()]
    return [one for one in found if one.methods]


def _namespace(name: str, node: Node, known: dict[str, tuple[Tag, Operation]]) -> Namespace:
    try:
        pairs = [(short, *known[one]) for short, one in node["operations"].items() if one in known]
        methods = [method for pair in pairs for method in _spellings(*pair)]
        return Namespace(name, node["description"], methods)
    except (TypeError, KeyError, AttributeError):
        raise OverlayError(f"namespace {name}: needs a description and operations") from None


def _spellings(name: str, tag: Tag, operation: Operation) -> Iterator[ShortName]:
    yield ShortName(name, tag, operation)
    if operation.item:
        for suffix in ("_iter", "_pages"):
            yield ShortName(
                f"{name}{suffix}" if name != "list" else suffix[1:], tag, operation, suffix
            )
