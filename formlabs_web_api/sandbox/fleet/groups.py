"""Groups: members, rights, invitations, printers.

A group is visible to its members and changed by its administrators; it keeps at least one.
"""

from __future__ import annotations

import re
from typing import Dict, Iterable, List, Sequence, Union
from uuid import uuid4

from formlabs_web_api.sandbox.clock import Clock
from formlabs_web_api.sandbox.errors import forbidden, invalid, not_found
from formlabs_web_api.sandbox.fleet.records import Fleet, Group, Printer, User

LONGEST_NAME = 40
_NOT_A_MEMBER = {"user": ["This user is neither a member of the group nor invited."]}
_ADDRESS = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")


class Groups:
    """The groups that one account sees and changes.

    A group of which the account is not a member does not exist for it (404); a group that it does
    not administer is read-only (403).
    """

    def __init__(self, fleet: Fleet, clock: Clock) -> None:
        self._account = fleet.account
        self._users: Dict[str, User] = {}
        for user in fleet.users:
            self._users[user.username] = self._users[user.email] = user
        self._groups = {group.id: group for group in fleet.groups}
        self._printers = {printer.serial: printer for printer in fleet.printers}
        self._clock = clock

    def mine(self) -> List[Group]:
        """Return the groups of which the account is a member."""
        me = self._account.username
        return [group for group in self._groups.values() if me in group.administrators]

    def members(self, group: Group) -> List[User]:
        """Return the members of a group."""
        return [self._users[username] for username in group.administrators]

    def printers(self, group: Group) -> List[str]:
        """Return the serials of a group's printers."""
        return [serial for serial, printer in self._printers.items() if printer.group is group]

    def find(self, group_id: str) -> Group:
        """Return a group by its id, to read it.

        Raises:
            Refusal: 404 if the group does not exist.
        """
        group = self._groups.get(group_id.lower())
        if group is None or self._account.username not in group.administrators:
            raise not_found()
        return group

    def find_to_change(self, group_id: str) -> Group:
        """Return a group by its id, to change it.

        Raises:
            Refusal: 404 if the group does not exist, 403 if the account does not administer it.
        """
        group = self.find(group_id)
        if not group.administrators[self._account.username]:
            raise forbidden()
        return group

    def create(self, name: str) -> Group:
        """Create a group; the account becomes its administrator.

        Raises:
            Refusal: 400 if the name is too long.
        """
        group = Group(
            id=str(uuid4()),
            name=_checked(name),
            created=self._clock(),
            administrators={self._account.username: True},
            invitations={},
        )
        self._groups[group.id] = group
        return group

    def rename(self, group: Group, name: str) -> None:
        """Rename a group.

        Raises:
            Refusal: 400 if the name is too long.
        """
        group.name = _checked(name)

    def delete(self, group: Group) -> None:
        """Delete a group; its printers and consumables then belong to no group."""
        for printer in self._printers.values():
            if printer.group is group:
                printer.group = None
        del self._groups[group.id]

    def add(self, group: Group, who: str, is_admin: bool) -> Union[User, str]:
        """Add a known user, by username or e-mail, or invite an e-mail address.

        Returns:
            The user, or the address where it is an invitation.

        Raises:
            Refusal: 400 if ``who`` is a member or invited already, or unknown and not an address.
        """
        user = self._users.get(who)
        if user is not None:
            if user.username in group.administrators:
                raise invalid({"user": ["This user is a member of the group already."]})
            group.administrators[user.username] = is_admin
            return user
        if not _is_address(who):
            raise invalid({"user": ["Nobody has this name, and it is no e-mail address."]})
        if who in group.invitations:
            raise invalid({"user": ["This address is invited already."]})
        group.invitations[who] = is_admin
        return who

    def change(self, group: Group, who: str, is_admin: bool) -> Union[User, str]:
        """Set whether a member or an invited address is an administrator; return as :meth:`add`.

        Raises:
            Refusal: 400 if ``who`` is the last administrator, or neither member nor invited.
        """
        user = self._users.get(who)
        if user is not None and user.username in group.administrators:
            if not is_admin:
                self._keep_an_administrator(group, user)
            group.administrators[user.username] = is_admin
            return user
        if who not in group.invitations:
            raise invalid(_NOT_A_MEMBER)
        group.invitations[who] = is_admin
        return who

    def remove(self, group: Group, who: str) -> None:
        """Remove a member, or an invitation.

        Raises:
            Refusal: 400 if ``who`` is the last administrator, or neither member nor invited.
        """
        user = self._users.get(who)
        if user is not None and user.username in group.administrators:
            self._keep_an_administrator(group, user)
            del group.administrators[user.username]
        elif who in group.invitations:
            del group.invitations[who]
        else:
            raise invalid(_NOT_A_MEMBER)

    def move_printers(self, group: Group, serials: Sequence[str]) -> None:
        """Move printers into a group, all or none; they leave their former groups.

        Raises:
            Refusal: 400 if a printer is unknown, 403 if a printer is in a group that the account
                does not administer.
        """
        unknown = [serial for serial in serials if serial not in self._printers]
        if unknown:
            raise invalid({"printers": [f"There is no printer {serial}." for serial in unknown]})
        printers = [self._printers[serial] for serial in serials]
        for printer in printers:
            if printer.group is not None:
                self.find_to_change(printer.group.id)
        left = [printer.group for printer in printers if printer.group is not None]
        for printer in printers:
            printer.group = group
        for former in left:
            drop_impossible_jobs(former, self._printers.values())

    def _keep_an_administrator(self, group: Group, user: User) -> None:
        administrators = [name for name, is_admin in group.administrators.items() if is_admin]
        if administrators == [user.username]:
            raise invalid({"user": ["A group needs at least one administrator."]})


def drop_impossible_jobs(group: Group, printers: Iterable[Printer]) -> None:
    """Remove queued jobs that no printer of a group can take."""
    types = {printer.kind.machine_type_id for printer in printers if printer.group is group}
    group.queue = tuple(item for item in group.queue if types.intersection(item.machine_type_ids))


def _checked(name: str) -> str:
    if len(name) > LONGEST_NAME:
        raise invalid({"name": [f"Ensure this field has no more than {LONGEST_NAME} characters."]})
    return name


def _is_address(text: str) -> bool:
    return len(text) <= 254 and _ADDRESS.fullmatch(text) is not None
