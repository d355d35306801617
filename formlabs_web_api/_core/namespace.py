"""Operations under short names: ``client.printers.list()`` for ``PrintersApi.printers_list``."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, Callable, Type, TypeVar, cast

from typing_extensions import Concatenate, ParamSpec

from formlabs_web_api._core.operation import Api

if TYPE_CHECKING:
    from formlabs_web_api.api_client import ApiClient

T = TypeVar("T")
P = ParamSpec("P")
A = TypeVar("A", bound=Api)


class Namespace:
    """The base of the namespaces: operations of one client under short names."""

    def __init__(self, api_client: ApiClient) -> None:
        """Bind the operations to ``api_client``."""
        self.api_client = api_client

    def __repr__(self) -> str:
        return f"<{type(self).__name__} on {self.api_client!r}>"


def short_name(
    api: Type[A], method: Callable[Concatenate[A, P], T]
) -> Callable[Concatenate[Namespace, P], T]:
    """Return a method of a namespace that calls ``method`` of ``api``."""
    name = method.__name__

    def call(self: Namespace, *args: Any, **kwargs: object) -> Any:
        try:
            # Looked up in each call, since tests replace methods of the API classes.
            return getattr(api(self.api_client), name)(*args, **kwargs)
        finally:
            del args, kwargs  # a traceback would show secrets among them

    call.__name__, call.__qualname__ = name, method.__qualname__
    call.__module__, call.__doc__ = method.__module__, method.__doc__
    call.__annotations__ = method.__annotations__
    vars(call).update(__signature__=inspect.signature(method))
    return cast("Callable[Concatenate[Namespace, P], T]", call)
