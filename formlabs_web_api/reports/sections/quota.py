"""The account's own requests: by limit, and by program."""

from __future__ import annotations

from typing import List

from formlabs_web_api.rate_limit import Quota
from formlabs_web_api.reports import charts
from formlabs_web_api.reports.charts import Series
from formlabs_web_api.reports.figures.quota import limits_table, programs_table
from formlabs_web_api.reports.runs import FleetData
from formlabs_web_api.reports.sections.section import Choices, Section, percent, present
from formlabs_web_api.reports.window import ReportWindow


def quota(fleet: FleetData, window: ReportWindow, choices: Choices) -> List[Section]:
    """Return the sections about the requests of the account."""
    known = fleet.quota or Quota(())
    limits, programs = limits_table(known), programs_table(known)
    text = f"As of {present(fleet, window)}; the requests of this report are counted."
    if fleet.quota is None:
        title = "The use of the limits is not known from this source"
    elif not limits.rows:
        title = "No limits are enforced for this host"
    else:
        hour = limits.records()[0]
        title = (
            f"{hour['used']:,} of {hour['limit']:,} requests in {hour['window']} used,"
            f" {percent(hour['used_share'])}"
        )
    bars = [
        (row["window"], [float(row["used"]), float(row["left"])], percent(row["used_share"]))
        for row in limits.records()
    ]
    parts = (Series("printing", "Used"), Series("idle", "Left"))
    chart = charts.stacked_bars("Requests by limit", text, parts, bars, "")
    sections = [Section(title, limits, chart, text)]
    if programs.rows:
        users = programs.records()
        most = users[0]
        sections.append(
            Section(
                f"Most requests by {most['program']}: {most['requests']:,},"
                f" {percent(most['share'])}",
                programs,
                charts.stacked_bars(
                    "Requests by program",
                    programs.caption,
                    (Series("printing", "Requests"),),
                    [
                        (row["program"], [float(row["requests"])], f"{row['requests']:,}")
                        for row in users
                    ],
                    "",
                ),
                "Programs that share the limits of the account, by the names they give.",
            )
        )
    return sections
