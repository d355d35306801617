"""The columns of a table of prints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Sequence

from formlabs_web_api.cli import cells

if TYPE_CHECKING:
    from datetime import datetime

    from rich.text import Text

    from formlabs_web_api import PrintRunWithFleetControlData
    from formlabs_web_api.cli.tables import TerminalColumn


def print_columns(now: datetime) -> Sequence[TerminalColumn[PrintRunWithFleetControlData]]:
    """Return the columns of a table of prints."""
    from formlabs_web_api.display.cells import Column
    from formlabs_web_api.display.formats import label_of, style_of

    def outcome(run: PrintRunWithFleetControlData) -> Text:
        from rich.text import Text

        outcome = run.outcome_at(now)
        return Text(label_of(outcome), style_of(outcome))

    def took(run: PrintRunWithFleetControlData) -> str:
        return (
            cells.percent(run.progress)
            if run.is_open(now)
            else cells.duration(run.duration_at(now))
        )

    return (
        Column("Started", lambda run: cells.moment(run.started_at, now)),
        Column("Printer", lambda run: run.printer, min_width_last_resort=10),
        Column("Print", lambda run: run.name, min_width=10),
        Column("Outcome", outcome),
        Column("Took", took, right=True, drop_priority=1),
        Column("Volume", lambda run: cells.volume(run.volume_ml), right=True, drop_priority=2),
        Column("Material", lambda run: run.material_name, min_width=10, drop_priority=3),
    )
