"""The columns of a table of prints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Sequence

from formlabs_web_api.cli import cells

if TYPE_CHECKING:
    from datetime import datetime

    from rich.text import Text

    from formlabs_web_api import PrintRunWithFleetControlData
    from formlabs_web_api.cli.tables import Column

_STYLES = {
    "success": "green",
    "failure": "red",
    "aborted": "yellow",
    "in_progress": "cyan",
    "abandoned": "dim",
}


def print_columns(now: datetime) -> Sequence[Column[PrintRunWithFleetControlData]]:
    """Return the columns of a table of prints."""
    from formlabs_web_api.cli.tables import Column

    def outcome(run: PrintRunWithFleetControlData) -> Text:
        from rich.text import Text

        became = str(run.outcome_at(now))
        return Text(became.replace("_", " "), _STYLES.get(became, ""))

    def took(run: PrintRunWithFleetControlData) -> str:
        return (
            cells.percent(run.progress)
            if run.is_open(now)
            else cells.duration(run.duration_at(now))
        )

    return (
        Column("Started", lambda run: cells.moment(run.started_at, now)),
        Column("Printer", lambda run: run.printer, narrowest_at_last=10),
        Column("Print", lambda run: run.name, narrowest=10),
        Column("Outcome", outcome),
        Column("Took", took, right=True, dispensable=1),
        Column("Volume", lambda run: cells.millilitres(run.volume_ml), right=True, dispensable=2),
        Column("Material", lambda run: run.material_name, narrowest=10, dispensable=3),
    )
