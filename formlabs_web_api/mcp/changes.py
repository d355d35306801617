"""The tools that change groups. The API offers no change of queues.

Members are left out: they are invited by e-mail, and whoever is invited sees the fleet. People do
that with ``formlabs-web-api groups``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, List

from pydantic import Field
from typing_extensions import Annotated

from formlabs_web_api.mcp.failures import reported
from formlabs_web_api.mcp.outside_text import outside_text, text_at
from formlabs_web_api.mcp.results import Done

if TYPE_CHECKING:
    from formlabs_web_api.api_client import ApiClient

GroupId = Annotated[str, Field(description="Id of a group, from list_groups")]
GroupName = Annotated[str, Field(min_length=1, max_length=100)]


class GroupChanges:
    """The tools that change the groups of a client."""

    def __init__(self, client: ApiClient) -> None:
        self._client = client

    @reported
    def create_group(self, name: GroupName) -> Done:
        """Create a printer group."""
        group = self._client.groups.create({"name": name})
        return Done(group_id=text_at(group, "id"), done="created")

    @reported
    def rename_group(self, group_id: GroupId, name: GroupName) -> Done:
        """Change the name of a printer group."""
        self._client.groups.update(group_id, {"name": name})
        return Done(group_id=group_id, done="renamed")

    @reported
    def move_printers(
        self,
        group_id: GroupId,
        serials: Annotated[
            List[str], Field(min_length=1, max_length=100, description="Serials of printers")
        ],
    ) -> Done:
        """Move printers into a group, out of the groups that they are in now."""
        self._client.groups.add_printers({"target_group": group_id, "printers": serials})
        return Done(group_id=group_id, done=f"printers moved: {len(serials)}")

    @reported
    def delete_group(
        self,
        group_id: GroupId,
        current_name: Annotated[
            str, Field(description="Name of the group, to make sure that it is the right one")
        ],
    ) -> Done:
        """Delete a printer group for good, with its members and its queue.

        The name of the group is required as well, so that a mistaken id deletes nothing.
        """
        names = {group.id: group.name for group in self._client.groups.list()}
        if group_id not in names:
            known = outside_text(group_id)
            raise ValueError(f"no group has the id {known}; list_groups lists them")
        if names[group_id] != current_name:
            raise ValueError("nothing was deleted: the group of this id has another name")
        self._client.groups.delete(group_id)
        return Done(group_id=group_id, done="deleted")
