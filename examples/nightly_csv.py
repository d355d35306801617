"""Nightly: the prints that ended yesterday, as a CSV file a day.

    python nightly_csv.py /srv/reports

Run it by cron or a systemd timer. A day that exists already is written again, so that later ratings
are in it too. Credentials are those of the environment.
"""

from __future__ import annotations

import sys
from datetime import date, datetime, timedelta
from pathlib import Path

import formlabs_web_api
from formlabs_web_api.frames import to_csv

LONGEST = timedelta(days=30)
"""Longest time between the start and the end of a print, pauses included."""


def write_day(client: formlabs_web_api.ApiClient, day: date, folder: Path) -> Path:
    """Write the prints that ended on a day of local time; return the file."""
    start = datetime.combine(day, datetime.min.time()).astimezone()
    end = datetime.combine(day + timedelta(days=1), datetime.min.time()).astimezone()
    # The service filters by another time than the end, so ask for more and select by the end.
    runs = formlabs_web_api.PrintsApi(client).prints_list_iter(date__gt=start - LONGEST)
    ended = [(run, run.end_at(client.now())) for run in runs]
    target = folder / f"prints-{day:%Y-%m-%d}.csv"
    # The file is replaced when it is complete; a day without prints has a header alone.
    to_csv([run for run, at in ended if at and start <= at < end], target, kind="prints")
    return target


def main() -> int:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    if not folder.is_dir():
        print(f"Error: the folder {folder} does not exist", file=sys.stderr)
        return 2
    with formlabs_web_api.ApiClient() as client:
        print(write_day(client, date.today() - timedelta(days=1), folder))
    return 0


if __name__ == "__main__":
    sys.exit(main())
