"""What the service answers, before it is used: that something came, and which rows are things."""

from __future__ import annotations

from typing import TYPE_CHECKING, Iterable, List, Optional, TypeVar

from formlabs_web_api.cli.cells import counted
from formlabs_web_api.cli.failures import Failure

if TYPE_CHECKING:
    from formlabs_web_api.cli.session import Session

T = TypeVar("T")


def given(answer: Optional[T]) -> T:
    """An answer that has content.

    Raises:
        Failure: it came without, as a 204 does.
    """
    if answer is None:
        raise Failure("the service answered without content")
    return answer


def things_of(session: Session, rows: Iterable[T]) -> List[T]:
    """The rows of a listing that are things with fields; how many are none is remarked."""
    found = list(rows)
    things = [row for row in found if is_thing(row)]
    if len(things) < len(found):
        odd = counted(len(found) - len(things), "row")
        session.note(f"{odd} without fields left out; --json shows what the service sent")
    return things


def is_thing(row: object) -> bool:
    """Whether a row has fields; null, a number or a text in place of a thing has none."""
    return hasattr(row, "model_fields_set")
