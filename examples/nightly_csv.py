"""Nightly: the prints that started yesterday, as a CSV file a day.

    python nightly_csv.py /srv/reports

Run it by cron or a systemd timer. A day that was written already is written anew, so that ratings
that came later are in it too. Credentials are those of the environment.
"""

from __future__ import annotations

import os
import sys
from datetime import date, datetime, timedelta
from pathlib import Path

import formlabs_web_api
from formlabs_web_api.frames import to_csv

LATE = timedelta(days=2)
"""How much later than it started a print may show up with the service."""


def write_day(client: formlabs_web_api.ApiClient, day: date, folder: Path) -> Path:
    """Write the prints that started on a day, by local time; gives the file."""
    start = datetime.combine(day, datetime.min.time()).astimezone()
    end = start + timedelta(days=1)
    # Which of a print's times the filters compare is not documented. So ask for more, and choose.
    runs = formlabs_web_api.PrintsApi(client).prints_list_iter(
        date__gt=start - LATE, date__lt=end + LATE
    )
    chosen = [run for run in runs if run.started_at and start <= run.started_at < end]
    target = folder / f"prints-{day:%Y-%m-%d}.csv"
    unfinished = target.with_suffix(".part")
    to_csv(chosen, unfinished)
    os.replace(unfinished, target)  # nobody ever sees half a file
    return target


def main() -> int:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    if not folder.is_dir():
        print(f"Error: there is no folder {folder}", file=sys.stderr)
        return 2
    with formlabs_web_api.ApiClient() as client:
        print(write_day(client, date.today() - timedelta(days=1), folder))
    return 0


if __name__ == "__main__":
    sys.exit(main())
