"""Invitations into printer groups, from a list.

    python invite_from_csv.py people.csv [--dry-run]

The list has the columns ``email``, ``group`` (its name) and, if wanted, ``admin`` (yes or no). Who
is a member or invited already is left alone, so the same list can be used again after it has grown.
"""

from __future__ import annotations

import csv
import sys
from typing import Dict, Iterable, List, Set

import formlabs_web_api


def invite(
    client: formlabs_web_api.ApiClient, people: Iterable[Dict[str, str]], dry_run: bool = False
) -> List[str]:
    """Invite who is not there yet; gives a line for each person."""
    api = formlabs_web_api.PrinterGroupsApi(client)
    groups = {group.name: group for group in api.groups_list()}
    there: Dict[str, Set[str]] = {
        name: {one.email.lower() for one in [*group.memberships, *group.invitations]}
        for name, group in groups.items()
    }
    lines: List[str] = []
    for person in people:
        email, name = person["email"].strip(), person["group"].strip()
        is_admin = person.get("admin", "").strip().lower() in ("yes", "true", "1")
        if name not in groups:
            lines.append(f"{email}: there is no group {name}")
        elif email.lower() in there[name]:
            lines.append(f"{email}: already in {name}")
        elif dry_run:
            lines.append(f"{email}: would be invited to {name}")
        else:
            try:
                api.groups_members_create(groups[name].id, {"user": email, "is_admin": is_admin})
            except formlabs_web_api.BadRequestException as error:
                lines.append(f"{email}: refused: {error.detail}")
            else:
                there[name].add(email.lower())
                lines.append(f"{email}: invited to {name}")
    return lines


def main() -> None:
    with open(sys.argv[1], encoding="utf-8-sig", newline="") as file:  # as Excel writes it
        people = list(csv.DictReader(file))
    with formlabs_web_api.ApiClient() as client:
        print("\n".join(invite(client, people, dry_run="--dry-run" in sys.argv)))


if __name__ == "__main__":
    main()
