"""Checks of a response before it is used: that it has content, and which rows are models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Iterable, List, Optional, TypeVar

from formlabs_web_api.cli.cells import counted
from formlabs_web_api.cli.failures import Failure

if TYPE_CHECKING:
    from formlabs_web_api.cli.session import Session

T = TypeVar("T")


def require(answer: Optional[T]) -> T:
    """Return the content of a response.

    Raises:
        Failure: The response was empty, as with status 204.
    """
    if answer is None:
        raise Failure("the service answered without content")
    return answer


def models_in(session: Session, rows: Iterable[T]) -> List[T]:
    """Drop rows that are not objects and tell the user how many."""
    found = list(rows)
    models = [row for row in found if is_model(row)]
    if len(models) < len(found):
        odd = counted(len(found) - len(models), "row")
        session.note(f"{odd} without fields left out; --json shows what the service sent")
    return models


def is_model(row: object) -> bool:
    """Return True if a row is a model, and not null, a number or a text."""
    return hasattr(row, "model_fields_set")
