"""Options and arguments that several commands share."""

from __future__ import annotations

from typing import List, Optional

import typer
from typing_extensions import Annotated

STATUSES = ("QUEUED", "PREHEAT", "PRINTING", "PAUSED", "FINISHED", "ABORTED", "ERROR")
"""The statuses that are often used; the service has more."""
OUTCOMES = ("success", "failure", "aborted", "unrated", "in_progress", "abandoned")
EVENT_TYPES = (
    "PRINT_START",
    "PRINT_FINISHED",
    "PRINT_ABORTED",
    "PRINT_ERROR",
    "PRINT_PAUSED",
    "PRINT_RESUMED",
    "PRINT_RESOLUTION_REQUEST",
    "PRINT_RESOLUTION",
    "RESIN_LOW",
    "MANY_PRINT_ERRORS",
    "PRINTER_REGISTERED",
    "PRINTER_DEREGISTERED",
    "PRINTING_REPORT",
    "GROUP_INVITATION",
    "AUTO_ADD_USER_TO_GROUP",
    "USER_REMOVED_FROM_GROUP",
    "YEAR_IN_REVIEW_EMAIL",
    "REMOTE_JOB_EXPIRED",
    "PRINT_NOTIFICATION",
    "FUSE_EMAIL_VOTING",
    "PASSWORD_RESET",
)
"""All types that were documented at some time."""

Since = Annotated[
    Optional[str],
    typer.Option(
        metavar="DATE",
        help='Only from this date on: 2026-05-01, 7d, 12h, yesterday, "last monday".',
        show_default=False,
    ),
]
Until = Annotated[
    Optional[str],
    typer.Option(
        metavar="DATE", help="Only up to this date; a day is included.", show_default=False
    ),
]
Ended = Annotated[
    Optional[str],
    typer.Option(
        metavar="DATE",
        help="Only prints that ended on this day or month, or in the last 12h.",
        show_default=False,
    ),
]
EndedSince = Annotated[
    Optional[str],
    typer.Option(metavar="DATE", help="Only ended from this date on.", show_default=False),
]
EndedUntil = Annotated[
    Optional[str],
    typer.Option(metavar="DATE", help="Only ended up to this date.", show_default=False),
]
Outcome = Annotated[
    Optional[List[str]],
    typer.Option(
        metavar="OUTCOME",
        help="Only with this outcome, success or aborted for example; may be repeated.",
        autocompletion=lambda: list(OUTCOMES),
        show_default=False,
    ),
]
InGroup = Annotated[
    Optional[List[str]],
    typer.Option(
        "--group",
        metavar="GROUP",
        help="Only of this printer group; may be repeated.",
        show_default=False,
    ),
]
InPrinter = Annotated[
    Optional[List[str]],
    typer.Option(
        metavar="SERIAL", help="Only in this printer; may be repeated.", show_default=False
    ),
]
Low = Annotated[bool, typer.Option("--low", help="Only low resin in printers: 100 ml or less.")]
Sort = Annotated[
    Optional[str],
    typer.Option(
        metavar="COLUMN",
        help="Sort by a column of `export`, name for example; -name for the reverse order.",
        show_default=False,
    ),
]
Columns = Annotated[
    Optional[str],
    typer.Option(
        metavar="NAMES",
        help="Show these columns of `export`: name,outcome,volume_ml for example.",
        show_default=False,
    ),
]
Limit = Annotated[
    Optional[int],
    typer.Option(
        "--limit",
        "-n",
        min=1,
        metavar="N",
        help="Maximum number of rows, newest first; 20 by default.",
        show_default=False,
    ),
]
All = Annotated[bool, typer.Option("--all", help="Show every row; not with --limit.")]
Printer = Annotated[
    Optional[List[str]],
    typer.Option(
        metavar="SERIAL", help="Only of this printer; may be repeated.", show_default=False
    ),
]
Status = Annotated[
    Optional[List[str]],
    typer.Option(
        metavar="STATUS",
        help="Only with this status, FINISHED for example; may be repeated.",
        autocompletion=lambda: list(STATUSES),
        show_default=False,
    ),
]
Material = Annotated[
    Optional[List[str]],
    typer.Option(
        metavar="MATERIAL",
        help='Only in this material, FLGPCL05 or "Clear V5"; may be repeated.',
        show_default=False,
    ),
]
Name = Annotated[
    Optional[List[str]],
    typer.Option(
        metavar="TEXT", help="Only with this in its name; may be repeated.", show_default=False
    ),
]
Type = Annotated[
    Optional[List[str]],
    typer.Option(
        "--type",
        metavar="TYPE",
        help="Only of this type, RESIN_LOW for example; may be repeated.",
        autocompletion=lambda: list(EVENT_TYPES),
        show_default=False,
    ),
]
PrintRun = Annotated[
    Optional[str],
    typer.Option("--print", metavar="GUID", help="Only of this print.", show_default=False),
]
Tank = Annotated[
    Optional[str],
    typer.Option(metavar="SERIAL", help="Only of this tank.", show_default=False),
]
Cartridge = Annotated[
    Optional[str],
    typer.Option(metavar="SERIAL", help="Only of this cartridge.", show_default=False),
]
Model = Annotated[
    Optional[List[str]],
    typer.Option(
        metavar="TYPE",
        help='Only of this type of printer, "Form 4" or FORM-4-0; may be repeated.',
        show_default=False,
    ),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
Serial = Annotated[str, typer.Argument(help="Serial or name of a printer.", metavar="SERIAL")]
Group = Annotated[str, typer.Argument(help="Name or id of a printer group.", metavar="GROUP")]
Email = Annotated[str, typer.Argument(help="E-mail address of a member.", metavar="EMAIL")]
Emails = Annotated[
    List[str], typer.Argument(help="E-mail addresses to invite.", metavar="EMAIL...")
]
