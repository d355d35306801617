"""``groups``: printer groups, their members, printers and queues."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, List, Sequence, Union

import typer
from typing_extensions import Annotated

from formlabs_web_api._util.fields import value_at
from formlabs_web_api._util.text import MISSING
from formlabs_web_api.cli import answers, cells, options
from formlabs_web_api.cli.command import Command, Group
from formlabs_web_api.cli.failures import Failure
from formlabs_web_api.cli.session import Session, session_of, usage

if TYPE_CHECKING:
    from formlabs_web_api import (
        DeveloperAPIMyCloudQueueItems,
        NewWorkgroup,
        PrinterGroupsApi,
        Workgroup,
    )
    from formlabs_web_api.cli.tables import TerminalColumn

groups = typer.Typer(
    cls=Group,
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
    found = answers.require(_api(session).groups_list())
    if session.json:
        session.say_json_list(found)
        return
    if not found:
        session.note("There are no groups.")
    write_facts(
        session,
        [
            (
                f"{cells.text(group.name) or MISSING} ({cells.text(group.id)})",
                [
                    (
                        "Printers",
                        ", ".join(map(cells.text, cells.items_of(group.printers))),
                    ),
                    ("Members", _people(group.memberships)),
                    ("Invited", _people(group.invitations)),
                    ("Remote print", _on_or_off(group.remote_print_enabled_override)),
                    ("Queue", "enabled" if group.has_fleet_control is True else ""),
                ],
            )
            for group in answers.models_in(session, found)
        ],
    )


@groups.command(cls=Command)
def create(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Name of the new group.", metavar="NAME")],
) -> None:
    """Create a group and write its id.

    The name of an existing group is refused, since commands find groups by name.
    """
    from formlabs_web_api import PartialWorkGroupRequest

    session = session_of(context)
    for other in answers.require(_api(session).groups_list()):
        if cells.text(value_at(other, "name")).casefold() == name.casefold():
            known = cells.text(value_at(other, "id")) or MISSING
            raise Failure(f'a group "{cells.plain(name)}" exists already: {known}')
    made = answers.require(_api(session).groups_create(PartialWorkGroupRequest(name=name)))
    if session.json:
        session.say_json(made)
    else:
        session.say(_id(made))


@groups.command(cls=Command)
def rename(
    context: typer.Context,
    group: options.Group,
    name: Annotated[str, typer.Argument(help="The new name.", metavar="NAME")],
) -> None:
    """Rename a group."""
    from formlabs_web_api import PatchedPartialWorkGroupRequest

    session = session_of(context)
    found = _group(session, group)
    changed = _api(session).groups_partial_update(
        _id(found), PatchedPartialWorkGroupRequest(name=name)
    )
    _done(session, changed, f'"{cells.text(found.name)}" is now "{name}".')


@groups.command(cls=Command)
def delete(context: typer.Context, group: options.Group, yes: options.Yes = False) -> None:
    """Delete a group after asking for confirmation."""
    session = session_of(context)
    found = _group(session, group)
    printers = cells.counted(len(cells.items_of(found.printers)), "printer")
    members = cells.counted(len(cells.items_of(found.memberships)), "member")
    session.confirm(f'Delete "{cells.plain(found.name)}" with {printers} and {members}?', yes)
    _api(session).groups_destroy(_id(found))
    _done(session, None, f'"{found.name}" is deleted.')


@groups.command(cls=Command)
def queue(context: typer.Context, group: options.Group) -> None:
    """List the prints in a group's queue."""
    from formlabs_web_api.cli.tables import show
    from formlabs_web_api.display.cells import Column

    session = session_of(context)
    found = _group(session, group)
    waiting = answers.require(_api(session).groups_queue_list(_id(found)))
    if session.json:
        session.say_json_list(waiting)
        return
    now = session.now()
    columns: Sequence[TerminalColumn[DeveloperAPIMyCloudQueueItems]] = (
        Column("Print", lambda item: item.name, min_width=10),
        Column("Material", lambda item: item.material_name),
        Column("Volume", lambda item: cells.volume(item.volume_ml), right=True),
        Column("Takes", lambda item: _takes(item), right=True, drop_priority=1),
        Column("Waiting for", lambda item: cells.ago(item.created_at, now), right=True),
        Column("By", lambda item: item.username, drop_priority=2),
        Column("On", lambda item: _types(item), min_width=8, drop_priority=3),
    )
    show(session, columns, waiting, "The queue is empty.")


@groups.command(cls=Command)
def invite(
    context: typer.Context,
    group: options.Group,
    email: options.Emails,
    admin: Annotated[bool, typer.Option("--admin", help="As administrators.")] = False,
) -> None:
    """Invite users into a group, by e-mail address.

    If one cannot be invited, the others still are; the exit code is then 1.
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
            invited.append(_api(session).groups_members_create(_id(found), request))
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
    _set_admin(session_of(context), group, email, True, "is an administrator")


@groups.command(cls=Command)
def demote(context: typer.Context, group: options.Group, email: options.Email) -> None:
    """Make an administrator of a group an ordinary member."""
    _set_admin(session_of(context), group, email, False, "is no longer an administrator")


def _set_admin(session: Session, group: str, email: str, is_admin: bool, result: str) -> None:
    from formlabs_web_api import DeveloperAPIGroupMembershipUpdateRequest

    found = _group(session, group)
    request = DeveloperAPIGroupMembershipUpdateRequest(user=email, is_admin=is_admin)
    member = _api(session).groups_members_update(_id(found), request)
    _done(session, member, f'{email} {result} of "{found.name}".')


@groups.command("remote-print", cls=Command)
def remote_print(
    context: typer.Context,
    group: options.Group,
    setting: Annotated[str, typer.Argument(help="on or off.", metavar="on|off")],
) -> None:
    """Turn the remote-print setting of a group on or off."""
    from formlabs_web_api import PatchedPartialWorkGroupRequest

    session = session_of(context)
    word = setting.strip().lower()
    if word not in ("on", "off"):
        raise usage("on|off", f'"{setting}" is neither on nor off')
    found = _group(session, group)
    value = "true" if word == "on" else "false"  # the API expects text here
    request = PatchedPartialWorkGroupRequest(remote_print_enabled_override=value)
    changed = _api(session).groups_partial_update(_id(found), request)
    _done(session, changed, f'Remote print of "{found.name}" is {word}.')


@groups.command(cls=Command)
def remove(
    context: typer.Context,
    group: options.Group,
    email: options.Email,
    yes: options.Yes = False,
) -> None:
    """Remove a member from a group after asking for confirmation."""
    from formlabs_web_api import GroupsMembersDestroyRequest

    session = session_of(context)
    found = _group(session, group)
    session.confirm(f'Remove {cells.plain(email)} from "{cells.plain(found.name)}"?', yes)
    _api(session).groups_members_destroy(_id(found), GroupsMembersDestroyRequest(user=email))
    _done(session, None, f'{email} is removed from "{found.name}".')


@groups.command("add-printers", cls=Command)
def add_printers(
    context: typer.Context,
    group: options.Group,
    serial: Annotated[
        List[str], typer.Argument(help="Serials or names of printers.", metavar="SERIAL...")
    ],
) -> None:
    """Move printers from their current group into another."""
    from formlabs_web_api import DeveloperAPIGroupsBulkAddPrintersRequest
    from formlabs_web_api.cli import lookup

    session = session_of(context)
    found = _group(session, group)
    printers = lookup.serials(session, serial)
    request = DeveloperAPIGroupsBulkAddPrintersRequest(target_group=_id(found), printers=printers)
    _api(session).groups_bulk_add_printers_create(request)
    _done(session, None, f'{", ".join(printers)} moved to "{found.name}".')


def _api(session: Session) -> PrinterGroupsApi:
    from formlabs_web_api import PrinterGroupsApi

    return PrinterGroupsApi(session.client)


def _group(session: Session, name: str) -> Workgroup:
    from formlabs_web_api.cli import lookup

    return lookup.group(session, name)


def _id(group: Union[Workgroup, NewWorkgroup]) -> str:
    """Return the id of a group.

    Raises:
        Failure: The service sent no id.
    """
    found = cells.text(group.id)
    if not found:
        raise Failure(f'the service sent no id for the group "{cells.plain(group.name)}"')
    return found


def _done(session: Session, answer: object, text: str) -> None:
    """Report a change; as JSON, write the service's response, which may be null."""
    if session.json:
        session.say_json(answer)
    else:
        session.note(cells.plain(text))


def _takes(item: DeveloperAPIMyCloudQueueItems) -> str:
    from formlabs_web_api.models.derived.raw import milliseconds

    length = item.estimated_duration_ms
    given = milliseconds(length)
    return cells.duration(length if given is None else given)


def _types(item: DeveloperAPIMyCloudQueueItems) -> str:
    codes = cells.items_of(item.allowed_machine_type_ids)
    return ", ".join(dict.fromkeys(cells.machine(code) for code in codes))


def _on_or_off(value: Any) -> str:
    return "" if value is None else "on" if value is True else "off" if value is False else value


def _people(people: object) -> str:
    return "; ".join(_person(one) for one in cells.items_of(people))


def _person(one: object) -> str:
    email = cells.text(getattr(one, "email", one)) or MISSING
    return f"{email}, administrator" if value_at(one, "is_admin") is True else email
