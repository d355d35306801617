"""Reports of a fleet: usage, history, success, material, consumables and the queue.

    from formlabs_web_api.reports import ClientSource, make_report

    report = make_report("usage", ClientSource(client), since, until, zone="Europe/Berlin")
    report.save("usage.html")

Needs the extra ``reports``. Figures are functions of data frames, :mod:`.figures`; a report puts
them on one page, in a workbook or a picture. The definitions are in the guide to reports.
"""
