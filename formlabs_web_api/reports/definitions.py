"""The definitions that each report states; the guide explains them."""

from __future__ import annotations

from typing import Dict, Tuple

DEFINITIONS: Dict[str, Tuple[Tuple[str, str], ...]] = {
    "usage": (
        (
            "Printing time",
            "From the start of a print to its end, cut at the window. Prints that overlap on a"
            " printer count once. A print without a reported end counts up to its last report.",
        ),
        ("Utilisation", "Printing time divided by all hours of the window, day and night."),
        (
            "Offline, idle, unknown",
            "The service keeps no history of connections. A printer that is offline now is offline"
            " since its last contact; other time is idle or offline only where samples tell so.",
        ),
    ),
    "success": (
        (
            "Outcome",
            "Success: finished and rated so. Failure: ended with an error, or rated so. Aborted:"
            " stopped by a person. Not rated: finished without a rating.",
        ),
        ("Success of rated", "Successes divided by successes and failures."),
        (
            "Success of rated and aborted",
            "Successes divided by successes, failures and aborted prints.",
        ),
        (
            "95 %",
            "Wilson's interval. Fewer than five prints have counts only. Where intervals overlap,"
            " the order of rates means nothing.",
        ),
    ),
    "material": (
        (
            "Used",
            "Volume of prints that ended in the window. One that stopped early counts by the share"
            " of its layers; this part is an estimate. Supports count as the service counts them.",
        ),
        ("Waste", "Used by prints that failed, were aborted or never reported an end."),
        (
            "Cost",
            "Litres and hours at the prices valid on the day of the start, rounded to a cent for"
            " each print. A material without a price has no cost and is listed.",
        ),
    ),
    "history": (
        ("Ended", "Prints that ended in the window; one of unknown end at its last report."),
        (
            "Duration of estimate",
            "Sum of durations divided by the sum of estimates, of finished prints with both.",
        ),
    ),
    "consumables": (
        (
            "Days to empty",
            "What is left divided by the use of whole weeks, thirteen at most: the middle 80 % of"
            " 2000 seeded resamples. Needs five prints and two weeks.",
        ),
        ("Order", "Use of a week with much use (nine of ten resamples are below) less the stock."),
    ),
    "queue": (("Wait", "Time since the print was put into the queue, at present."),),
    "quota": (
        (
            "Requests used",
            "Requests that count against a limit now, as counted by this program or, if programs"
            " share the limits, by all of them. The service itself does not report them.",
        ),
    ),
}
