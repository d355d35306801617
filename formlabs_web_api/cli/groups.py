"""``groups``: who may use which printers, and what waits for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Iterable, List, Sequence, Union

import typer
from typing_extensions import Annotated

from formlabs_web_api.cli import cells, options
from formlabs_web_api.cli.command import Command
from formlabs_web_api.cli.failures import Failure
from formlabs_web_api.cli.session import Session, session_of

if TYPE_CHECKING:
    from formlabs_web_api import (
        DeveloperAPIMyCloudQueueItems,
        GroupInvitation,
        PrinterGroupsApi,
        Workgroup,
        WorkgroupMembership,
    )

groups = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
    help="See and manage printer groups.",
)


@groups.command("list", cls=Command)
def list_groups(context: typer.Context) -> None:
    """List the groups with their printers and members."""
    from formlabs_web_api.cli.tables import write_facts

    session = session_of(context)
    found = _api(session).groups_list()
    if session.json:
        session.say_json_list(found)
        return
    if not found:
        session.note("There are none.")
    write_facts(
        session,
        [
            (
                f"{group.name}  {group.id}",
                [
                    ("Printers", ", ".join(group.printers)),
                    ("Members", _people(group.memberships)),
                    ("Invited", _people(group.invitations)),
                    ("Queue", "of its own" if group.has_fleet_control else ""),
                ],
            )
            for group in found
        ],
    )


@groups.command(cls=Command)
def create(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Name of the new group.", metavar="NAME")],
) -> None:
    """Create a group and write its id."""
    from formlabs_web_api import PartialWorkGroupRequest

    session = session_of(context)
    made = _api(session).groups_create(PartialWorkGroupRequest(name=name))
    if session.json:
        session.say_json(made)
    else:
        session.say(made.id)


@groups.command(cls=Command)
def rename(
    context: typer.Context,
    group: options.Group,
    name: Annotated[str, typer.Argument(help="Its new name.", metavar="NAME")],
) -> None:
    """Give a group another name."""
    from formlabs_web_api import PatchedPartialWorkGroupRequest

    session = session_of(context)
    found = _group(session, group)
    changed = _api(session).groups_partial_update(
        found.id, PatchedPartialWorkGroupRequest(name=name)
    )
    _done(session, changed, f'"{found.name}" is now "{name}".')


@groups.command(cls=Command)
def delete(context: typer.Context, group: options.Group, yes: options.Yes = False) -> None:
    """Delete a group; asks before it does."""
    session = session_of(context)
    found = _group(session, group)
    printers = cells.counted(len(found.printers), "printer")
    members = cells.counted(len(found.memberships), "member")
    session.confirm(f'Delete "{cells.plain(found.name)}" with {printers} and {members}?', yes)
    _api(session).groups_destroy(found.id)
    _done(session, None, f'"{found.name}" is deleted.')


@groups.command(cls=Command)
def queue(context: typer.Context, group: options.Group) -> None:
    """List the prints that wait in a group's queue."""
    from formlabs_web_api.cli.tables import Column, show

    session = session_of(context)
    now = session.now()
    waiting = _api(session).groups_queue_list(_group(session, group).id)
    if session.json:
        session.say_json_list(waiting)
        return
    columns: Sequence[Column[DeveloperAPIMyCloudQueueItems]] = (
        Column("Print", lambda item: item.name, narrowest=10),
        Column("Material", lambda item: item.material_name),
        Column("Volume", lambda item: cells.millilitres(item.volume_ml), right=True),
        Column("Takes", lambda item: _takes(item), right=True, dispensable=1),
        Column("Waiting for", lambda item: cells.ago(item.created_at, now), right=True),
        Column("By", lambda item: item.username, dispensable=2),
        Column("On", lambda item: _types(item), narrowest=8, dispensable=3),
    )
    show(session, columns, waiting, "Nothing waits.")


@groups.command(cls=Command)
def invite(
    context: typer.Context,
    group: options.Group,
    email: options.Emails,
    admin: Annotated[bool, typer.Option("--admin", help="As administrators.")] = False,
) -> None:
    """Invite users into a group, by e-mail address.

    One who cannot be invited does not keep the others from it; the exit code is 1 then.
    """
    from formlabs_web_api import ApiException, DeveloperAPIGroupMembershipCreateRequest
    from formlabs_web_api.cli.failures import FAILED, failure_of

    session = session_of(context)
    found = _group(session, group)
    invited: List[Any] = []
    refused = 0
    for address in email:
        request = DeveloperAPIGroupMembershipCreateRequest(user=address, is_admin=admin)
        try:
            invited.append(_api(session).groups_members_create(found.id, request))
        except ApiException as error:
            failure = failure_of(error)
            if failure is None or failure.code != FAILED:
                raise
            refused += 1
            session.complain(f"{address}: {failure}")
        else:
            session.note(f'{address} is invited to "{cells.plain(found.name)}".')
    if session.json:
        session.say_json_list(invited)
    if refused:
        raise Failure(f"{refused} of {len(email)} could not be invited")


@groups.command(cls=Command)
def promote(context: typer.Context, group: options.Group, email: options.Email) -> None:
    """Make a member an administrator of a group."""
    from formlabs_web_api import DeveloperAPIGroupMembershipUpdateRequest

    session = session_of(context)
    found = _group(session, group)
    request = DeveloperAPIGroupMembershipUpdateRequest(user=email, is_admin=True)
    member = _api(session).groups_members_update(found.id, request)
    _done(session, member, f'{email} is an administrator of "{found.name}".')


@groups.command(cls=Command)
def remove(
    context: typer.Context,
    group: options.Group,
    email: options.Email,
    yes: options.Yes = False,
) -> None:
    """Remove a member from a group; asks before it does."""
    from formlabs_web_api import GroupsMembersDestroyRequest

    session = session_of(context)
    found = _group(session, group)
    session.confirm(f'Remove {cells.plain(email)} from "{cells.plain(found.name)}"?', yes)
    _api(session).groups_members_destroy(found.id, GroupsMembersDestroyRequest(user=email))
    _done(session, None, f'{email} is removed from "{found.name}".')


@groups.command("add-printers", cls=Command)
def add_printers(
    context: typer.Context,
    group: options.Group,
    serial: Annotated[
        List[str], typer.Argument(help="Serials or names of printers.", metavar="SERIAL...")
    ],
) -> None:
    """Move printers into a group, out of the one they are in."""
    from formlabs_web_api import DeveloperAPIGroupsBulkAddPrintersRequest
    from formlabs_web_api.cli import lookup

    session = session_of(context)
    found = _group(session, group)
    printers = lookup.serials(session, serial)
    request = DeveloperAPIGroupsBulkAddPrintersRequest(target_group=found.id, printers=printers)
    _api(session).groups_bulk_add_printers_create(request)
    _done(session, None, f'{", ".join(printers)} moved to "{found.name}".')


def _api(session: Session) -> PrinterGroupsApi:
    from formlabs_web_api import PrinterGroupsApi

    return PrinterGroupsApi(session.client)


def _group(session: Session, name: str) -> Workgroup:
    from formlabs_web_api.cli import lookup

    return lookup.group(session, name)


def _done(session: Session, answer: Any, text: str) -> None:
    if session.json and answer is not None:
        session.say_json(answer)
    else:
        session.note(cells.plain(text))


def _takes(item: DeveloperAPIMyCloudQueueItems) -> str:
    from datetime import timedelta

    length = item.estimated_duration_ms
    return cells.duration(None if length is None else timedelta(milliseconds=length))


def _types(item: DeveloperAPIMyCloudQueueItems) -> str:
    from formlabs_web_api import catalogue

    return ", ".join(catalogue.machine_name(code) for code in item.allowed_machine_type_ids or ())


def _people(people: Iterable[Union[WorkgroupMembership, GroupInvitation]]) -> str:
    return "; ".join(f"{one.email}, administrator" if one.is_admin else one.email for one in people)
