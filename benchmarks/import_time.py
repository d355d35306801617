"""What ``import formlabs_web_api`` costs, next to what it is built on: CPU of fresh interpreters.

The package's names are imported when they are first used; so are pydantic and urllib3.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys

from _report import report

_ROUNDS = 15
_GOAL = 0.25


def milliseconds(code: str) -> float:
    """CPU time of a new interpreter that runs ``code``."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", code], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1e3 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def main() -> None:
    nothing, ours, theirs, used = (
        "",
        "import formlabs_web_api",
        "import pydantic, urllib3",
        ("from formlabs_web_api import ApiClient, PrintersApi"),
    )
    codes = [nothing, ours, theirs, used]
    for code in codes:
        milliseconds(code)  # so that all are compiled
    rounds = [[milliseconds(code) for code in codes] for _ in range(_ROUNDS)]
    start, *others = (statistics.median(times) for times in zip(*rounds))
    package, dependencies, first_use = (time - start for time in others)
    ratio = package / dependencies
    figures = {
        "import formlabs_web_api, ms": package,
        "import pydantic and urllib3, ms": dependencies,
        "import of ApiClient and PrintersApi, ms": first_use,
        "ratio": ratio,
    }
    report(__doc__ or "", figures, "ratio", f"at most {_GOAL}", ratio <= _GOAL)


if __name__ == "__main__":
    main()
