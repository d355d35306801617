"""Run the benchmarks: ``python -m benchmarks [--json] [--quick] [NAME ...]``.

Each row stands beside its floor, measured in the same run, because the speed of a machine varies;
docs/guides/performance.md explains the ratios.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Dict

FOLDER = Path(__file__).parent
QUICK = (
    "quiet_call",
    "parsing",
    "import_time",
    "shared_slots",
    "watch_poll",
    "sandbox_page",
    "storm",
)
"""The benchmarks that take less than a minute each."""


def main() -> int:
    names = sorted(path.stem for path in FOLDER.glob("*.py") if not path.stem.startswith("_"))
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(names)}")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--quick", action="store_true", help="only those of less than a minute")
    options = parser.parse_args()
    unknown = sorted(set(options.names) - set(names))
    if unknown:
        parser.error(f"there is no benchmark {', '.join(unknown)}; choose of {', '.join(names)}")
    chosen = options.names or (QUICK if options.quick else names)
    results: Dict[str, Any] = {}
    failed = False
    for name in chosen:
        command = [
            sys.executable,
            str(FOLDER / f"{name}.py"),
            *(["--json"] if options.json else []),
        ]
        if not options.json:
            print(f"== {name}", flush=True)
            failed |= subprocess.run(command, check=False).returncode != 0
            continue
        print(f"== {name}", file=sys.stderr, flush=True)
        ran = subprocess.run(command, check=False, stdout=subprocess.PIPE, text=True)
        lines = ran.stdout.strip().splitlines()
        results[name] = json.loads(lines[-1]) if lines and lines[-1].startswith("{") else None
        failed |= ran.returncode != 0 or results[name] is None
    if options.json:
        print(json.dumps(results, indent=2))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
