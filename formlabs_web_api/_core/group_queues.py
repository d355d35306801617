"""Read the queue of each printer group."""

from __future__ import annotations

from typing import Any, Callable, Iterable, Iterator, List, Tuple

from pydantic import ValidationError

from formlabs_web_api._util.fields import value_at
from formlabs_web_api.exceptions import NotFoundException
from formlabs_web_api.hooks import logger


def queues_of(
    groups: Iterable[Any], read: Callable[[Any], List[Any]]
) -> Iterator[Tuple[Any, List[Any]]]:
    """Return each group with the items of its queue.

    A group that was deleted since it was listed is left out, and one whose id the service sent as
    null or as a value that cannot be part of a path.

    Args:
        groups: The groups.
        read: Returns the queue of a group by its id: ``client.groups.queue``.
    """
    for group in groups:
        try:
            items = read(value_at(group, "id"))
        except NotFoundException:
            continue
        except ValidationError:
            logger.warning("The queue of a group is not read: its id cannot be part of a path")
            continue
        yield group, items
