"""``record``: the service's responses for this account, anonymized."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Dict, List

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
    int, typer.Option(min=0, metavar="N", help="Number of newest prints, in pages of 100.")
]
Events = Annotated[
    int, typer.Option(min=0, metavar="N", help="Number of newest events, in pages of 100.")
]
_STANDARD_OUTPUT = Path("-")


def record(
    context: typer.Context, output: Output, prints: Prints = 500, events: Events = 500
) -> None:
    """Record the service's responses, without personal data.

    Use the file for a bug report or for development: `sandbox --load FILE` serves it. Serials,
    names, e-mail addresses, notes and signed addresses are replaced by pseudonyms, consistently in
    the whole file. States, codes, numbers and times are kept.
    """
    from formlabs_web_api import recorder

    session = session_of(context)
    if not output.resolve().parent.is_dir():  # checked before the requests are sent
        raise usage("--output", f"the folder {output.resolve().parent} does not exist")
    recording = recorder.record(session.client, prints=prints, events=events)
    if output == _STANDARD_OUTPUT:
        session.say_json(recording)
    else:
        recorder.save(recording, output)
    session.note(f"{_summary(recording['answers'])}. Review the file before you pass it on.")


def _summary(answers: List[Dict[str, object]]) -> str:
    """Return the number of responses, and of those with another status than 200."""
    statuses = Counter(answer["status"] for answer in answers)
    odd = "".join(f", {n} of them {status}" for status, n in statuses.items() if status != 200)
    return f"{counted(len(answers), 'response')} recorded{odd}"
