"""Read OpenAPI documents and follow their references."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict

import yaml

Node = Dict[str, Any]


class DocumentError(ValueError):
    """A document that cannot be used; the text names the file and the reason in one line."""


def read(path: Path) -> Node:
    """Return the mapping in a YAML or JSON file."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        # JSON first: PyYAML cannot read JSON that is indented with tabs.
        content = json.loads(text) if text.lstrip().startswith("{") else yaml.safe_load(text)
        content = json.loads(json.dumps(content, default=str))  # keys such as 200 become text
    except OSError as error:
        raise DocumentError(f"{path}: cannot be read: {error.strerror}") from None
    except (ValueError, yaml.YAMLError) as error:
        why = " ".join(str(error).split())
        raise DocumentError(f"{path}: neither YAML nor JSON: {why}") from None
    if not isinstance(content, dict):
        raise DocumentError(f"{path}: a mapping is needed, this is {type(content).__name__}")
    return content


def load(path: Path) -> Node:
    """Read an OpenAPI document; one of version 3.1 is returned in the terms of 3.0."""
    content = read(path)
    version = str(content.get("openapi") or content.get("swagger") or "")
    if not version.startswith(("3.0", "3.1")) or not isinstance(content.get("paths"), dict):
        found = f"version {version}" if version else "not one at all"
        raise DocumentError(
            f"{path}: an OpenAPI 3.0 or 3.1 document with paths is needed, this is {found}"
        )
    content["components"] = content.get("components") or {}
    return (
        content if version.startswith("3.0") else {**_in_terms_of_3_0(content), "openapi": "3.0.3"}
    )


def _in_terms_of_3_0(node: Any) -> Any:
    """Rewrite what JSON Schema spells otherwise: null as a type, exclusive ranges, constants."""
    if isinstance(node, list):
        return [_in_terms_of_3_0(one) for one in node]
    if not isinstance(node, dict):
        return node
    node = {key: _in_terms_of_3_0(one) for key, one in node.items()}
    if isinstance(node.get("type"), list):
        types = [one for one in node["type"] if one != "null"]
        node["nullable"] = len(types) < len(node.pop("type"))
        node.update(
            {"type": types[0]} if len(types) == 1 else {"anyOf": [{"type": t} for t in types]}
        )
    for key in ("anyOf", "oneOf"):
        if isinstance(node.get(key), list) and {"type": "null"} in node[key]:
            node["nullable"] = True
            node[key] = [one for one in node[key] if one != {"type": "null"}]
    for key, limit in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if isinstance(node.get(key), (int, float)) and not isinstance(node[key], bool):
            node[limit], node[key] = node[key], True
    if "const" in node and "properties" not in node:
        node["enum"] = [node.pop("const")]
    return node


def observe(document: Node, corrections: list[Node]) -> None:
    """Note at each corrected node, as ``x-observed``, the observations the correction cites."""
    for one in corrections:
        for pointer in one["at"] if isinstance(one["at"], list) else [one["at"]]:
            node = find(document, steps_of(pointer))
            if isinstance(node, dict):
                node.setdefault("x-observed", []).append(one["observed"])


def resolve(document: Node, node: Any) -> Node:
    """Return what ``node`` refers to, or the node itself."""
    followed = set()
    while isinstance(node, dict) and "$ref" in node:
        pointer = node["$ref"]
        node = find(document, steps_of(pointer)) if pointer.startswith("#/") else None
        if node is None or pointer in followed:
            raise DocumentError(f"the reference {pointer} leads nowhere")
        followed.add(pointer)
    return node if isinstance(node, dict) else {}


def steps_of(pointer: str) -> list[str]:
    """Return the keys of a JSON pointer such as ``/info/title`` or ``#/info/title``."""
    steps = pointer.lstrip("#").split("/")[1:]
    return [step.replace("~1", "/").replace("~0", "~") for step in steps]


def find(document: Node, steps: list[str]) -> Any:
    """Return the node at the end of ``steps``, or None."""
    node: Any = document
    for step in steps:
        node = node.get(step) if isinstance(node, dict) else None
    return node
