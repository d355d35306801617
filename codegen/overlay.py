"""Correct an OpenAPI document: an overlay changes the nodes that its JSON pointers name."""

from __future__ import annotations

import copy
from typing import Any

from codegen.document import Node, find, steps_of

ACTIONS = {"merge", "replace", "optional", "add"}
SECTIONS = {"corrections", "namespaces", "aliases"}


class OverlayError(ValueError):
    """An overlay that cannot be used; the text names the correction and the mistake."""


def apply(document: Node, overlay: Node) -> tuple[Node, list[str]]:
    """Return the corrected copy, and a line for each pointer that does not fit the document."""
    if "corrections" not in overlay or not set(overlay) <= SECTIONS:
        raise OverlayError(
            f"overlay: expected corrections and perhaps {sorted(SECTIONS - {'corrections'})},"
            f" found {list(overlay)}"
        )
    merged, misplaced = copy.deepcopy(document), []
    for number, correction in enumerate(overlay["corrections"], start=1):
        action = _action(number, correction)
        at = correction["at"]
        misplaced += [
            f"{pointer} ({correction['observed']})"
            for pointer in (at if isinstance(at, list) else [at])
            if not _correct(merged, _steps(number, pointer), action, correction[action])
        ]
    return merged, misplaced


def _action(number: int, correction: Node) -> str:
    actions = ACTIONS & set(correction)
    for key in set(correction) - actions - {"at", "observed"}:
        raise OverlayError(f"correction {number}: unknown key {key!r}")
    if len(actions) != 1 or not {"at", "observed"} <= set(correction):
        raise OverlayError(f"correction {number}: needs at, observed and one of {sorted(ACTIONS)}")
    return actions.pop()


def _steps(number: int, pointer: object) -> list[str]:
    if not isinstance(pointer, str) or not pointer.startswith("/"):
        raise OverlayError(f"correction {number}: {pointer!r} is not a pointer like '/info/title'")
    return steps_of(pointer)


def _correct(document: Node, steps: list[str], action: str, value: Any) -> bool:
    """Change the node in place; return False if the document has no such node.

    ``replace`` needs only the parent of the node, ``add`` not even that.
    """
    for depth in range(1, len(steps)) if action == "add" else ():
        grandparent = find(document, steps[: depth - 1])
        if isinstance(grandparent, dict):
            grandparent.setdefault(steps[depth - 1], {})
    parent = find(document, steps[:-1])
    node = parent.get(steps[-1]) if isinstance(parent, dict) else None
    if action == "replace" and isinstance(parent, dict):
        node = copy.deepcopy(value)
    elif action == "add" and isinstance(node or {}, dict) and isinstance(parent, dict):
        node = {**copy.deepcopy(value), **(node or {})}
    elif action == "merge" and isinstance(node, dict):
        node = _merge(node, copy.deepcopy(value))
    elif (
        action == "optional"
        and isinstance(node, dict)
        and set(value) <= set(node.get("required", ()))
    ):
        node = {**node, "required": [name for name in node["required"] if name not in value]}
    else:
        return False
    parent[steps[-1]] = node
    return True


def _merge(node: Any, value: Any) -> Any:
    """Merge mappings key by key, where null deletes; any other value replaces the node."""
    if not isinstance(value, dict):
        return value
    known = node if isinstance(node, dict) else {}
    merged = {**known, **{key: _merge(known.get(key), new) for key, new in value.items()}}
    return {key: new for key, new in merged.items() if value.get(key, new) is not None}
