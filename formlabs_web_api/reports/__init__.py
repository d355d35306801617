"""Reports of a fleet: usage, history, success, material, consumables, queue and quota.

    from formlabs_web_api.reports import ClientSource, make_report

    report = make_report("usage", ClientSource(client), since, until, zone="Europe/Berlin")
    report.save("usage.html")

Needs the extra ``reports``. Figures are functions of data frames, :mod:`.figures`; a report puts
them on one page, in a workbook or a picture. The definitions are in the guide to reports.
"""

from formlabs_web_api.reports.prices import PriceList, PriceListError, read_prices
from formlabs_web_api.reports.report import FORMATS, KINDS, Report, make_report
from formlabs_web_api.reports.sources import ClientSource, MirrorSource, ReportSource
from formlabs_web_api.reports.window import ReportWindow, WorkingHours

__all__ = [
    "FORMATS",
    "KINDS",
    "ClientSource",
    "MirrorSource",
    "PriceList",
    "PriceListError",
    "Report",
    "ReportSource",
    "ReportWindow",
    "WorkingHours",
    "make_report",
    "read_prices",
]
