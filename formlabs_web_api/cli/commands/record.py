"""``record``: what the service answers for this account, without what identifies anybody."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any, Dict, List

import typer
from typing_extensions import Annotated

from formlabs_web_api.cli.cells import counted
from formlabs_web_api.cli.session import session_of, usage

Output = Annotated[
    Path,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        help="The file, fleet.json for example; - for standard output.",
    ),
]
Prints = Annotated[
    int, typer.Option(min=0, metavar="N", help="So many prints, the newest, in pages of 100.")
]
Events = Annotated[
    int, typer.Option(min=0, metavar="N", help="So many events, the newest, in pages of 100.")
]
_STANDARD_OUTPUT = Path("-")


def record(
    context: typer.Context, output: Output, prints: Prints = 500, events: Events = 500
) -> None:
    """Record the service's answers, without what identifies anybody.

    For a report of a fault, or to build against: the sandbox starts from the file with --load.
    Serials, names, e-mail addresses, notes and signed addresses are replaced, the same by the same
    throughout, so that what belongs together still does. States, codes, numbers and times stay.
    """
    from formlabs_web_api import recorder

    session = session_of(context)
    if not output.resolve().parent.is_dir():  # better said before the service is asked
        raise usage("--output", f"there is no folder {output.resolve().parent}")
    recording = recorder.record(session.client, prints=prints, events=events)
    if output == _STANDARD_OUTPUT:
        session.say_json(recording)
    else:
        recorder.save(recording, output)
    session.note(f"{_summary(recording['answers'])}. Look through them before you pass them on.")


def _summary(answers: List[Dict[str, Any]]) -> str:
    """How many answers there are, and of which statuses if not all are good."""
    statuses = Counter(answer["status"] for answer in answers)
    odd = "".join(f", {n} of them {status}" for status, n in statuses.items() if status != 200)
    return f"{counted(len(answers), 'answer')} recorded{odd}"
