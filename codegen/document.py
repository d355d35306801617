"""An OpenAPI 3.0 document as it is read from a file, with its references followed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict

import yaml

Node = Dict[str, Any]


class DocumentError(ValueError):
    """A document that cannot be used; the text says which and why, in one line."""


def read(path: Path) -> Node:
    """The mapping in a YAML or JSON file."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        # JSON apart, since PyYAML reads none that is indented with tabs.
        content = json.loads(text) if text.lstrip().startswith("{") else yaml.safe_load(text)
        content = json.loads(json.dumps(content, default=str))  # the status 200 becomes a text
    except OSError as error:
        raise DocumentError(f"{path}: cannot be read: {error.strerror}") from None
    except (ValueError, yaml.YAMLError) as error:
        why = " ".join(str(error).split())
        raise DocumentError(f"{path}: is neither YAML nor JSON: {why}") from None
    if not isinstance(content, dict):
        raise DocumentError(f"{path}: a mapping is needed, this is {type(content).__name__}")
    return content


def load(path: Path) -> Node:
    """The OpenAPI 3.0 document in a file."""
    content = read(path)
    version = content.get("openapi") or content.get("swagger")
    if not str(version).startswith("3.0") or not isinstance(content.get("paths"), dict):
        found = f"version {version}" if version else "not one at all"
        raise DocumentError(
            f"{path}: an OpenAPI 3.0 document with paths is needed, this is {found}"
        )
    return content


def observe(document: Node, corrections: list[Node]) -> None:
    """Note at each corrected node, as ``x-observed``, what the correction rests on."""
    for one in corrections:
        for pointer in one["at"] if isinstance(one["at"], list) else [one["at"]]:
            try:
                node = _find(document, pointer)
            except DocumentError:
                continue  # the correction found no place
            if isinstance(node, dict):
                node.setdefault("x-observed", []).append(one["observed"])


def resolve(document: Node, node: Any) -> Node:
    """What ``node`` refers to, or the node itself."""
    while isinstance(node, dict) and "$ref" in node:
        node = _find(document, node["$ref"])
    return node if isinstance(node, dict) else {}


def _find(document: Node, pointer: str) -> Any:
    node: Any = document
    for step in pointer.lstrip("#/").split("/"):
        step = step.replace("~1", "/").replace("~0", "~")
        if not isinstance(node, dict) or step not in node:
            raise DocumentError(f"the reference {pointer} leads nowhere")
        node = node[step]
    return node
