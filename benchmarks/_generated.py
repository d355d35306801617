"""Models as the OpenAPI Generator writes them: ``json.loads``, then ``from_dict`` of each model.

Each class copies its fields into a new dict, with models in the place of nested objects, and has
pydantic validate that. The classes are made from this package's models, without the additions.
"""

from __future__ import annotations

import enum
from typing import Any, Dict, List, Optional, Tuple

from pydantic import BaseModel, ConfigDict, GetPydanticSchema, create_model
from typing_extensions import Annotated, Self, get_args, get_origin, get_type_hints

from formlabs_web_api.models._base import Model, OpenEnum


class GeneratedModel(BaseModel):
    """The methods of every generated class."""

    model_config = ConfigDict(
        populate_by_name=True, validate_assignment=True, protected_namespaces=()
    )

    @classmethod
    def from_dict(cls, found: Optional[Dict[str, Any]]) -> Optional[Self]:
        """Make a model of parsed JSON."""
        if found is None:
            return None
        return cls.model_validate(
            {name: _nested(found.get(name), kind) for name, kind in PLANS[cls]}
        )


PLANS: Dict[Any, List[Tuple[str, Any]]] = {}
"""Of each class: its fields, and the class of the model or models in them."""


def _nested(value: Any, kind: Any) -> Any:
    if kind is None or value is None:
        return value
    if isinstance(value, list):
        return [kind.from_dict(one) for one in value]
    return kind.from_dict(value) if isinstance(value, dict) else value


def plain(expected: Any, made: Dict[Any, Any], base: Any = None) -> Any:
    """Return a type without this package's own parts: its classes, enums and datetimes."""
    origin, arguments = get_origin(expected), get_args(expected)
    if origin is Annotated:
        ours = any(isinstance(one, GetPydanticSchema) for one in arguments[1:])
        return plain(arguments[0], made, base) if ours else expected
    if arguments:
        generic = {list: List, dict: Dict}.get(origin, origin)
        return generic[tuple(plain(one, made, base) for one in arguments)]
    if not isinstance(expected, type) or not issubclass(expected, (Model, OpenEnum)):
        return expected
    if expected not in made and issubclass(expected, OpenEnum):
        members = {one.name: one.value for one in expected}
        made[expected] = enum.Enum(expected.__name__, members, type=str)
    elif expected not in made:
        model: Any = expected
        hints = get_type_hints(model, include_extras=True)
        fields: Any = {
            name: (plain(hints[name], made, base), ... if info.is_required() else None)
            for name, info in model.model_fields.items()
        }
        made[expected] = create_model(expected.__name__, __base__=base, **fields)
        PLANS[made[expected]] = [(name, _model_in(kind)) for name, (kind, _) in fields.items()]
    return made[expected]


def _model_in(annotation: Any) -> Any:
    """Return the model class in an annotation, such as ``Optional[List[Part]]``."""
    if isinstance(annotation, type):
        return annotation if annotation in PLANS else None
    found = [_model_in(one) for one in get_args(annotation)]
    return next((one for one in found if one is not None), None)


def generated(expected: Any) -> Any:
    """Return the generated class of one of this package's models."""
    return plain(expected, {}, GeneratedModel)
