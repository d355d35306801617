"""Invitations into printer groups, from a list.

    python invite_from_csv.py people.csv [--dry-run]

The list has the columns ``email``, ``group`` (its name) and optionally ``admin`` (yes or no).
Members and invited people are skipped, so the same list can be used again after it has grown. The
exit code is 1 if an invitation was refused, 2 if the list cannot be used.
"""

from __future__ import annotations

import csv
import io
import re
import sys
from pathlib import Path
from typing import Dict, Iterable, List, Set, Tuple

import formlabs_web_api

ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
"""The shape of an e-mail address; the service decides."""


class Unusable(Exception):
    """The list cannot be used; the message contains the reason."""


def read(path: str) -> List[Dict[str, str]]:
    """Return the rows of a list, with commas or semicolons between the columns."""
    try:
        text = decoded(Path(path).read_bytes())
        header = text.partition("\n")[0]
        delimiter = ";" if header.count(";") > header.count(",") else ","
        reader = csv.DictReader(io.StringIO(text, newline=""), restval="", delimiter=delimiter)
        missing = {"email", "group"} - set(reader.fieldnames or ())
        if missing:
            raise Unusable(f"{path}: missing columns: {', '.join(sorted(missing))}")
        return list(reader)
    except OSError as error:
        raise Unusable(f"{path}: {error.strerror}") from None
    except (UnicodeDecodeError, csv.Error):
        raise Unusable(f"{path}: this is not a CSV file in UTF-8 or Windows-1252") from None


def decoded(content: bytes) -> str:
    """Decode a file of Excel: "CSV UTF-8" has a byte order mark, plain "CSV" is Windows-1252."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252")


def invite(
    client: formlabs_web_api.ApiClient, people: Iterable[Dict[str, str]], dry_run: bool = False
) -> Tuple[List[str], int]:
    """Invite new people; return a line for each person, and the number refused."""
    api = formlabs_web_api.PrinterGroupsApi(client)
    groups = {group.name: group for group in api.groups_list()}
    there: Dict[str, Set[str]] = {
        name: {one.email.lower() for one in [*group.memberships, *group.invitations]}
        for name, group in groups.items()
    }
    lines: List[str] = []
    refused = 0
    for person in people:
        email, name = person["email"].strip(), person["group"].strip()
        is_admin = person.get("admin", "").strip().lower() in ("yes", "true", "1")
        if name not in groups:
            refused += 1
            lines.append(f"{email}: the group {name} does not exist")
        elif not ADDRESS.fullmatch(email):
            refused += 1
            lines.append(f"{email}: refused: this is not an e-mail address")
        elif email.lower() in there[name]:
            lines.append(f"{email}: already in {name}")
        elif dry_run:
            lines.append(f"{email}: would be invited to {name}")
        else:
            try:
                api.groups_members_create(groups[name].id, {"user": email, "is_admin": is_admin})
            except formlabs_web_api.BadRequestException as error:
                refused += 1
                lines.append(f"{email}: refused: {error.detail}")
            else:
                there[name].add(email.lower())
                lines.append(f"{email}: invited to {name}")
    return lines, refused


def main() -> int:
    paths = [word for word in sys.argv[1:] if word != "--dry-run"]
    if len(paths) != 1:
        print("usage: python invite_from_csv.py people.csv [--dry-run]", file=sys.stderr)
        return 2
    try:
        people = read(paths[0])
    except Unusable as error:
        print(f"Error: {error}", file=sys.stderr)
        return 2
    with formlabs_web_api.ApiClient() as client:
        lines, refused = invite(client, people, dry_run="--dry-run" in sys.argv)
    print("\n".join(lines))
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
