"""Start of the command line compared with ``import typer``: the fastest of many runs.

The runs are interleaved, so that other load of the machine affects all of them equally.
"""

from __future__ import annotations

import subprocess
import sys
import time
from typing import Dict, List

from _report import report

_ROUNDS = 15
_CODE: Dict[str, List[str]] = {
    "import typer": ["-c", "import typer"],
    "--version": ["-m", "formlabs_web_api", "--version"],
    "--help": ["-m", "formlabs_web_api", "--help"],
}
_GOALS = {"--version": 1.5, "--help": 2.0}


def milliseconds(code: List[str]) -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, *code], stdout=subprocess.DEVNULL, check=True)
    return 1e3 * (time.perf_counter() - started)


def main() -> None:
    rounds = [{name: milliseconds(code) for name, code in _CODE.items()} for _ in range(_ROUNDS)]
    fastest = {name: min(one[name] for one in rounds) for name in _CODE}
    ratios = {name: fastest[name] / fastest["import typer"] for name in _GOALS}
    figures = {
        **{f"{name}, ms": value for name, value in fastest.items()},
        **{f"{name}, ratio": value for name, value in ratios.items()},
    }
    goal = f"at most {_GOALS['--version']}, and {_GOALS['--help']} of --help"
    met = all(ratios[name] <= goal for name, goal in _GOALS.items())
    report(__doc__ or "", figures, "--version, ratio", goal, met)


if __name__ == "__main__":
    main()
