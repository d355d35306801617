"""A property that an instance may replace by an attribute."""

from __future__ import annotations

from typing import Any, Callable, Generic, TypeVar, overload

from typing_extensions import Self

T = TypeVar("T")


class AssignableProperty(Generic[T]):
    """A property that an instance may replace by an attribute of the same name.

    The value is computed each time: a cached one would still belong to the original in a copy.
    """

    def __init__(self, compute: Callable[[Any], T]) -> None:
        """Compute the value by ``compute(instance)``."""
        self._compute = compute
        self.__doc__ = compute.__doc__

    @overload
    def __get__(self, instance: None, owner: object) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: object) -> T: ...
    def __get__(self, instance: object, owner: object) -> Any:
        return self if instance is None else self._compute(instance)
