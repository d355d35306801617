"""Output of the figures of a benchmark: as text or, with ``--json``, as JSON."""

from __future__ import annotations

import argparse
import json
from typing import Dict, Union

Figure = Union[int, float, str, bool]


def report(description: str, figures: Dict[str, Figure], ratio: str, goal: str, met: bool) -> None:
    """Print the figures. ``ratio`` names the decisive one, ``goal`` is its bound."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    if parser.parse_args().json:
        print(json.dumps({**figures, "goal": goal, "met": met}))
        return
    width = max(map(len, figures))
    for name, value in figures.items():
        print(
            f"{name:{width}}  {value:.3g}"
            if isinstance(value, float)
            else f"{name:{width}}  {value}"
        )
    print(f"{ratio}: {figures[ratio]:.2f}; goal: {goal}, {'met' if met else 'MISSED'}")
