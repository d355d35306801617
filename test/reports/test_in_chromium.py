"""Pages of reports in a real browser: layout, contrast and console messages.

Skipped without Chromium, unless REQUIRE_CHROMIUM is set, as a job of CI may do.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from datetime import timedelta
from html import escape, unescape
from pathlib import Path
from typing import Any, Dict, List

import pandas as pd
import pytest

from formlabs_web_api.reports.prices import parse_prices
from formlabs_web_api.reports.report import Report, report_of
from formlabs_web_api.reports.sections.section import Choices
from formlabs_web_api.reports.window import ReportWindow
from test.reports.fleets import NOW, fleet_of, print_run, printer
from test.reports.test_figures import PRICES

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
if CHROMIUM is None and not os.environ.get("REQUIRE_CHROMIUM"):
    pytest.skip("Chromium is not installed", allow_module_level=True)

WIDE_NAME = "\N{CJK UNIFIED IDEOGRAPH-6B6F}" * 64
STATUSES = ("FINISHED", "FINISHED", "FINISHED", "ABORTED", "ERROR")
RATINGS = ("SUCCESS", "SUCCESS", "FAILURE", None)

# The page is framed by one with a script, since its own policy allows none.
PROBE = """<!DOCTYPE html><body><iframe id="f" style="width:{width}px;height:900px;border:0"
srcdoc="{page}"></iframe><pre id="found"></pre><script>
document.getElementById('f').onload = () => {{
  const page = document.getElementById('f').contentDocument, found = {{}}
  const root = page.documentElement, view = page.defaultView
  found.overflow = root.scrollWidth - root.clientWidth
  found.scrolled = [...page.querySelectorAll('.table')]
    .filter(one => one.scrollWidth > one.clientWidth + 1).map(one => one.ariaLabel)
  const part = text => {{
    const rgb = text.match(/[\\d.]+/g).slice(0, 3).map(one => one / 255)
      .map(one => one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4)
    return 0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2]
  }}
  const back = part(view.getComputedStyle(page.body).backgroundColor)
  found.background = view.getComputedStyle(page.body).backgroundColor
  found.faint = []
  for (const one of page.querySelectorAll('h1,h2,p,li,th,td,caption,dt,dd,svg text')) {{
    const style = view.getComputedStyle(one)
    const ink = part(one.closest('svg') ? style.fill : style.color)
    const contrast = (Math.max(ink, back) + 0.05) / (Math.min(ink, back) + 0.05)
    if (contrast < 4.5) found.faint.push(one.textContent + ' ' + contrast)
  }}
  found.cut = [], found.overlaps = []
  for (const svg of page.querySelectorAll('svg')) {{
    const whole = svg.viewBox.baseVal
    const boxes = [...svg.querySelectorAll('text')].map(one => [one.textContent, one.getBBox()])
    for (const [text, box] of boxes)
      if (box.x < -1 || box.x + box.width > whole.width + 1
          || box.y + box.height > whole.height + 6) found.cut.push(text)
    boxes.sort((one, other) => one[1].y - other[1].y)
    boxes.forEach(([text, box], at) => {{
      for (let next = at + 1; next < boxes.length; next++) {{
        const [other, there] = boxes[next]
        if (there.y > box.y + box.height - 4) break
        if (box.x + box.width > there.x && there.x + there.width > box.x)
          found.overlaps.push(text + ' / ' + other)
      }}
    }})
  }}
  document.getElementById('found').textContent = JSON.stringify(found)
}}
</script>"""


def report_with(printers: int, prints: int, name: str = "printer") -> Report:
    """Return a report of many prints, spread over thirty days."""
    rows: List[Dict[str, Any]] = []
    for number in range(prints):
        start = NOW - timedelta(minutes=30 * 24 * 60 * (number + 1) / (prints + 1))
        serial = f"{name} {number % max(1, printers)}"
        rows.append(
            print_run(
                str(number),
                start.strftime("%Y-%m-%d %H:%M"),
                (start + timedelta(hours=1 + number % 7)).strftime("%Y-%m-%d %H:%M"),
                printer=serial,
                name=name,
                status=STATUSES[number % 5],
                rating=RATINGS[number % 4] if number % 5 < 3 else None,
                estimated_duration_ms=7_200_000,
                user={"username": f"{name}{number % 3}@example.com"},
            )
        )
    shown = [
        {**printer(f"{name} {at}"), "alias": f"{name} {at}" if at % 2 else name}
        for at in range(printers)
    ]
    fleet = fleet_of(rows, shown)
    fleet.cartridges = pd.DataFrame({"material": ["FLGPCL05"], "remaining_ml": [1500.0]})
    if not printers:
        fleet.printers = []
    window = ReportWindow.of(NOW - timedelta(days=30), NOW, "Europe/Berlin")
    return report_of("all", fleet, window, Choices(prices=parse_prices(PRICES)))


def probe(page: str, folder: Path, dark: bool = False, width: int = 1100) -> Dict[str, Any]:
    """Open a page in Chromium; return what the script found and what the console has."""
    path = folder / "probe.html"
    page = escape(page)
    path.write_text(PROBE.format(page=page, width=width), encoding="utf-8")
    ran = subprocess.run(
        [
            str(CHROMIUM),
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            f"--user-data-dir={folder / 'profile'}",
            f"--blink-settings=preferredColorScheme={0 if dark else 1}",
            "--enable-logging=stderr",
            "--virtual-time-budget=20000",
            "--dump-dom",
            path.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    found = re.search(r'<pre id="found">(.*?)</pre>', ran.stdout, re.S)
    assert found is not None
    result: Dict[str, Any] = json.loads(unescape(found.group(1)))
    result["console"] = [line for line in ran.stderr.splitlines() if "CONSOLE" in line]
    return result


@pytest.mark.parametrize(
    ("printers", "prints", "name", "dark", "width"),
    [
        (0, 0, "printer", False, 1100),
        (1, 1, "printer", True, 1100),
        (12, 200, "printer", False, 1100),
        (12, 200, WIDE_NAME, True, 1100),
        (12, 200, WIDE_NAME, False, 390),
        (60, 600, "printer", True, 794),  # the width of A4
    ],
    ids=["no printers", "one print", "12 printers", "wide names", "a telephone", "60 printers"],
)
def test_page_of_a_report_fits_the_window_and_is_readable(
    printers: int, prints: int, name: str, dark: bool, width: int, tmp_path: Path
) -> None:
    found = probe(report_with(printers, prints, name).html(), tmp_path, dark, width)
    found.pop("scrolled")
    assert found.pop("background") == ("rgb(20, 23, 28)" if dark else "rgb(255, 255, 255)")
    assert found == {"overflow": 0, "faint": [], "cut": [], "overlaps": [], "console": []}


def test_a_fleet_of_500_printers_has_charts_that_fit_a_sheet(tmp_path: Path) -> None:
    report = report_with(500, 1500)
    page = report.html()
    assert len(page) < 10_000_000
    heights = [section.chart.height for section in report.sections if section.chart is not None]
    assert max(heights) < 1_200  # points of a picture 1000 wide, as wide as the sheet
    assert page.count("<details>") == sum(len(one.table.rows) > 60 for one in report.sections)
    assert "Drawn: the 44 of 500 with the most printing." in page


def test_every_table_is_whole_on_a_printed_a4_page(tmp_path: Path) -> None:
    page = report_with(12, 200, "SilverStarling").html().replace("@media print", "@media screen")
    found = probe(page, tmp_path, width=688)  # A4 less its margins, in CSS pixels
    assert found["scrolled"] == []
    assert found["overflow"] == 0
