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
