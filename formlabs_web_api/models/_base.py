"""Base classes of models: unknown fields and enum values are kept; JSON and dict conversion."""

import json
from datetime import date, datetime
from enum import Enum
from functools import lru_cache
from typing import (
    TYPE_CHECKING,
    Any,
    ClassVar,
    Dict,
    FrozenSet,
    Iterable,
    Iterator,
    Optional,
    Tuple,
    Type,
    TypeVar,
    Union,
)

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    GetPydanticSchema,
    StrictFloat,
    StrictInt,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticSerializationError, core_schema, to_json
from typing_extensions import Annotated, Self

from formlabs_web_api._util.displayable import DisplayableModel
from formlabs_web_api._util.json import is_array
from formlabs_web_api._util.signed_urls import HIDDEN, redact_signed_urls, redact_signed_urls_in
from formlabs_web_api._util.text import one_line
from formlabs_web_api.models._reading import (
    current_reading,
    note_undescribed_field,
    read_json,
    read_python,
)

E = TypeVar("E", bound="OpenEnum")


def _date_time_schema(source: object, handler: object) -> core_schema.CoreSchema:
    # By default pydantic parses the text "5" as five seconds after 1970, and the text is lost.
    text = core_schema.str_schema(strict=True, pattern=r"^\d{4}-\d\d-\d\d[Tt ]")
    # Not handler(source): pydantic does not recognize datetime while freezegun replaces it.
    from_text = core_schema.chain_schema([text, core_schema.datetime_schema()])
    return core_schema.json_or_python_schema(
        json_schema=from_text,
        python_schema=core_schema.union_schema(
            [core_schema.is_instance_schema(datetime), from_text]
        ),
    )


DateTime = Annotated[datetime, GetPydanticSchema(_date_time_schema)]
"""An aware datetime; ISO 8601 text with an offset on the wire (observed: US Eastern)."""

Number = Union[StrictFloat, StrictInt]
"""A number as received: 1000 is an int and 1000.0 a float."""

T = TypeVar("T")


class _ReadOnlyMarker:
    """Metadata of a field that only the service may set."""

    def __repr__(self) -> str:
        return "ReadOnly"


ReadOnly = Annotated[T, _ReadOnlyMarker()]
"""The type of a field that only the service may set, ``ReadOnly[StrictStr]`` for example.

A request leaves such a field out. The marker must be the outermost part of the annotation.
"""


@lru_cache(maxsize=None)
def read_only_names(model: Type[BaseModel]) -> FrozenSet[str]:
    """Return the names on the wire of the fields that only the service may set."""
    return frozenset(
        info.alias or name
        for name, info in model.model_fields.items()
        if any(isinstance(part, _ReadOnlyMarker) for part in info.metadata)
    )


class Model(DisplayableModel, BaseModel):
    """A response of the service, or a part of one.

    Undocumented fields are kept as attributes, and :meth:`to_dict` returns them. Equality is by
    value. Assigning to a field validates the new value.
    """

    model_config = ConfigDict(
        extra="allow",
        populate_by_name=True,
        validate_assignment=True,
        protected_namespaces=(),
        defer_build=True,
        ser_json_inf_nan="constants",
        hide_input_in_errors=True,  # responses contain tokens and signed addresses
    )

    # Not a field: the time of a response takes no part in equality, to_dict() or pickles.
    __slots__ = ("__response_time__",)

    if not TYPE_CHECKING:  # a type checker would read it as an argument of the constructor
        __pydantic_extra__: Dict[str, Annotated[Any, AfterValidator(note_undescribed_field)]]

    secret_fields: ClassVar[FrozenSet[str]] = frozenset()
    """Fields whose value is redacted in texts: tokens, secrets, signed addresses."""

    @classmethod
    def from_dict(cls, obj: Optional[Dict[str, Any]]) -> Optional[Self]:
        """Create a model from the result of :meth:`to_dict` or from parsed JSON; None for None.

        Raises:
            pydantic.ValidationError: ``obj`` is not a dict or, with ``FORMLABS_WEB_API_STRICT=1``,
                a value in it does not fit. Otherwise such a value is kept as received.
        """
        return None if obj is None else read_python(cls, obj)

    @classmethod
    def from_json(cls, json_str: Union[str, bytes]) -> Optional[Self]:
        """Create a model from JSON text; None for ``null``. Raises as :meth:`from_dict` does."""
        return None if json_str.strip() in ("null", b"null") else read_json(cls, json_str)

    def to_dict(self) -> Dict[str, Any]:
        """Return all fields that were received or set; nested models become dicts."""
        try:
            return self.model_dump(by_alias=True, exclude_unset=True, warnings=False)
        except UnicodeError:  # the name of an undescribed field contains a lone surrogate
            return {name: _dumped(value) for name, value in _given(self)}

    def to_json(self) -> str:
        """Return the fields of :meth:`to_dict` as JSON text."""
        content = self.to_dict()  # model_dump_json would write false as 0 in a numeric field
        try:
            return to_json(content).decode()
        except (PydanticSerializationError, UnicodeError):  # a name with a lone surrogate
            return json.dumps(content, default=_as_json)

    def to_str(self) -> str:
        """Return the fields of :meth:`to_dict` as formatted text; secrets are redacted."""
        import pprint  # slow to import

        return pprint.pformat(_without_secrets(self), sort_dicts=False)

    def __copy__(self) -> Self:
        return self._with_response_time(super().__copy__())

    def __deepcopy__(self, memo: Optional[Dict[int, object]] = None) -> Self:
        return self._with_response_time(super().__deepcopy__(memo))

    def _with_response_time(self, copied: Self) -> Self:
        time = getattr(self, "__response_time__", None)
        if time is not None:
            object.__setattr__(copied, "__response_time__", time)
        return copied

    def __repr_args__(self) -> Iterable[Tuple[Optional[str], Any]]:
        for name, value in super().__repr_args__():
            yield (
                name,
                HIDDEN if name in self.secret_fields and value else redact_signed_urls(value),
            )


class RequestModel(Model):
    """The body of a request: strict, so that an invalid field raises before a request is sent."""

    model_config = ConfigDict(extra="forbid")

    omitted_if_none: ClassVar[FrozenSet[str]] = frozenset()
    """Fields that may be left out but not be null: None leaves such a field out."""

    @model_validator(mode="after")
    def _omit_none(self) -> Self:
        for name in self.omitted_if_none:
            if getattr(self, name) is None:
                self.model_fields_set.discard(name)
        return self

    @field_validator("*")
    @classmethod
    def _can_be_sent(cls, value: Any) -> Any:
        """Raise if a value, of a field of any type, has no representation in JSON."""
        try:
            to_json(value)
        except PydanticSerializationError as error:
            raise ValueError(str(error)) from None
        return value

    @classmethod
    def from_dict(cls, obj: Optional[Dict[str, Any]]) -> Optional[Self]:
        """Create a model from a dict; None for None.

        Raises:
            pydantic.ValidationError: A field is missing, unknown or does not fit; it is named.
        """
        return None if obj is None else cls.model_validate(obj)

    @classmethod
    def from_json(cls, json_str: Union[str, bytes]) -> Optional[Self]:
        """Create a model from JSON text. Raises as :meth:`from_dict` does."""
        return cls.from_dict(json.loads(json_str))


class OpenEnum(str, Enum):
    """An enum that accepts values which the API's description does not list.

    Such a value is kept: the member equals its text, and :attr:`is_known` is False. The empty text,
    which the service sends for "no value", is accepted too.
    """

    @classmethod
    def _missing_(cls, value: object) -> Any:
        if value == "":
            return _blank_of(cls)
        if not isinstance(value, str):
            return None
        now = current_reading()
        if now is not None:
            if now.strict:
                return None
            now.drift.report(
                cls.__name__, "", "unknown value", one_line(redact_signed_urls_in(value))[:80]
            )
        return _unlisted(cls, value)

    @classmethod
    def from_json(cls, json_str: str) -> Self:
        """Return the member for a JSON text, ``'"PRINTING"'`` for example."""
        return cls(json.loads(json_str))

    @property
    def is_known(self) -> bool:
        """True if the API's description lists this value."""
        return self._value_ in type(self)._value2member_map_

    def __repr__(self) -> str:
        """Return the usual repr of an enum; of an unlisted value, its escaped text."""
        if self.is_known:
            return Enum.__repr__(self)  # not that of str
        return f"<{type(self).__name__}: {self._value_!r}>"

    def __str__(self) -> str:
        return str(self._value_)

    def __format__(self, format_spec: str) -> str:
        return format(str(self._value_), format_spec)

    def __hash__(self) -> int:
        return hash(self._value_)  # equal to that of its text

    def __reduce_ex__(self, protocol: object) -> Tuple[Type[Self], Tuple[str]]:
        return type(self), (self._value_,)


def _unlisted(cls: Type[E], value: str) -> E:
    member = str.__new__(cls, value)
    member._name_ = member._value_ = value
    return member


@lru_cache(maxsize=None)
def _blank_of(cls: Type[E]) -> E:
    """Return the member of the empty text; cached, since every third print has one."""
    return _unlisted(cls, "")


def _as_json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else str(value)


def _given(model: Model) -> Iterator[Tuple[str, Any]]:
    """Yield the fields of a model that were received or set, by name on the wire."""
    for name, value in model:
        if name in model.model_fields_set or name in (model.model_extra or ()):
            field = type(model).model_fields.get(name)
            yield (field.alias if field is not None else None) or name, value


def _dumped(value: Any) -> Any:
    if isinstance(value, Model):
        return value.to_dict()
    return [_dumped(one) for one in value] if is_array(value) else value


def _without_secrets(value: Any) -> Any:
    if isinstance(value, Model):
        return {
            name: HIDDEN if name in value.secret_fields and content else _without_secrets(content)
            for name, content in _given(value)
        }
    return (
        [_without_secrets(one) for one in value] if is_array(value) else redact_signed_urls(value)
    )
