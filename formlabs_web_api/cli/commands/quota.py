"""``quota``: the rate limits, and whether the service accepts requests now."""

from __future__ import annotations

import typer

from formlabs_web_api.cli.session import session_of


def quota(context: typer.Context) -> None:
    """Show the rate limits, and whether requests are accepted now.

    The service does not report the used part, so this command sends a request to find out whether
    it is accepted. This costs two requests of the limits, one of them for a token. If the limit is
    reached, the exit code is 4 and the error contains the time to wait.
    """
    from formlabs_web_api import CartridgesApi

    session = session_of(context)
    session.client.configuration.max_wait = 0.0
    CartridgesApi(session.client).cartridges_list(per_page=1, _retries=False)
    now = session.client.quota
    if session.json:
        windows = [
            {"limit": one.limit, "seconds": one.period, "used": one.used} for one in now.windows
        ]
        programs = {"programs": dict(now.by_program)} if now.by_program else {}
        session.say_json({"accepts": True, "windows": windows, **programs})
        return
    session.say("The service accepts requests.")
    for window in now.windows:
        limit = f"{window.limit:,} requests in {window.period:,.0f} s"
        who = "the programs of this user" if now.by_program else "this command"
        session.say(f"At most {limit}; {who} made {window.used}.")
    for program, requests in now.by_program.items():
        session.say(f"  {program}: {requests:,}")
    if not now.windows:
        session.say("No limits are enforced for this host.")
