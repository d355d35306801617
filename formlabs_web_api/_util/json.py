"""JSON's own shapes, told apart for people and for type checkers."""

from collections import abc
from typing import Any, Dict, List, Mapping

from typing_extensions import TypeGuard


def is_array(value: Any) -> TypeGuard[List[Any]]:
    return isinstance(value, list)


def is_object(value: Any) -> TypeGuard[Dict[str, Any]]:
    return isinstance(value, dict)


def is_mapping(value: Any) -> TypeGuard[Mapping[Any, Any]]:
    return isinstance(value, abc.Mapping)


def json_type(value: Any) -> str:
    """JSON's own word for the kind of a value: ``null``, ``boolean``, ``number`` and so on."""
    if value is None:
        return "null"
    for kind, word in (
        (bool, "boolean"),
        ((int, float), "number"),
        (str, "string"),
        (list, "array"),
        (dict, "object"),
    ):
        if isinstance(value, kind):
            return word
    return type(value).__name__


def is_nested_deeper(value: Any, limit: int) -> bool:
    """Return True if arrays and objects are nested in ``value`` more than ``limit`` deep.

    Without recursion: what reads and writes such a value may exceed the interpreter's limit.
    """
    level: List[Any] = [value]
    for _ in range(limit):
        nested: List[Any] = []
        for each in level:
            if is_array(each):
                nested.extend(each)
            elif is_object(each):
                nested.extend(each.values())
        if not nested:
            return False
        level = nested
    return any(is_array(each) or is_object(each) for each in level)
