"""Correct an OpenAPI document: an overlay changes the nodes its JSON pointers name."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any, Dict

import yaml

Document = Dict[str, Any]
ACTIONS = {"merge", "replace", "optional"}
SECTIONS = {"corrections", "namespaces", "aliases"}


class OverlayError(ValueError):
    """An overlay that cannot be understood; the text says what is wrong with it and where."""


def load(path: str | Path) -> Document:
    """Read a YAML file that holds a mapping, as documents and overlays do."""
    document = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    if not isinstance(document, dict):
        raise OverlayError(f"{path}: expected a mapping, found {type(document).__name__}")
    return document


def apply(document: Document, overlay: Document) -> tuple[Document, list[str]]:
    """Return the corrected copy, and a line for each pointer that found no place in it."""
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


def _action(number: int, correction: Document) -> str:
    actions = ACTIONS & set(correction)
    for key in set(correction) - actions - {"at", "observed"}:
        raise OverlayError(f"correction {number}: unknown key {key!r}")
    if len(actions) != 1 or not {"at", "observed"} <= set(correction):
        raise OverlayError(f"correction {number}: needs at, observed and one of {sorted(ACTIONS)}")
    return actions.pop()


def _steps(number: int, pointer: object) -> list[str]:
    if not isinstance(pointer, str) or not pointer.startswith("/"):
        raise OverlayError(f"correction {number}: {pointer!r} is no pointer such as '/info/title'")
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer[1:].split("/")]


def _correct(document: Document, steps: list[str], action: str, value: Any) -> bool:
    """Change the node in place; False when it has no place: ``replace`` only needs its parent."""
    parent: Any = document
    for step in steps[:-1]:
        parent = parent.get(step) if isinstance(parent, dict) else None
    node = parent.get(steps[-1]) if isinstance(parent, dict) else None
    if action == "replace" and isinstance(parent, dict):
        node = copy.deepcopy(value)
    elif action == "merge" and isinstance(node, dict):
        node = _merge(node, copy.deepcopy(value))
    elif isinstance(node, dict) and set(value) <= set(node.get("required", ())):
        node = {**node, "required": [name for name in node["required"] if name not in value]}
    else:
        return False
    parent[steps[-1]] = node
    return True


def _merge(node: Any, value: Any) -> Any:
    """Merge mappings key by key, where null deletes; anything else takes the place of what was."""
    if not isinstance(value, dict):
        return value
    known = node if isinstance(node, dict) else {}
    merged = {**known, **{key: _merge(known.get(key), new) for key, new in value.items()}}
    return {key: new for key, new in merged.items() if value.get(key, new) is not None}
