"""Reports as files: pages, workbooks, CSV, JSON and pictures."""

from __future__ import annotations

import csv
import io
import json
import os
import re
from datetime import datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, List, Optional

import pandas as pd
import pytest

from formlabs_web_api.reports.palette import DARK, LIGHT, MARKS, SURFACES, TEXT
from formlabs_web_api.reports.prices import parse_prices
from formlabs_web_api.reports.report import KINDS, Report, check_writable, make_report, report_of
from formlabs_web_api.reports.sections.section import Choices, percent
from formlabs_web_api.reports.window import ReportWindow
from test.reports.fleets import NOW, fleet_of, frame_of, print_run, printer, utc
from test.reports.test_figures import FLEET, PRICES, WINDOW

openpyxl = pytest.importorskip("openpyxl")
CHOICES = Choices(prices=parse_prices(PRICES))
NASTY = '=1+1"<script>alert(1)</script>&\u202e\x1b[31m'


@pytest.fixture(scope="module")
def book() -> Report:
    return report_of("all", FLEET, WINDOW, CHOICES)


def test_csv_for_excel_has_semicolons_and_commas_in_numbers() -> None:
    report = report_of("material", FLEET, WINDOW, CHOICES)
    plain = list(csv.reader(io.StringIO(report.to_bytes(".csv").decode("utf-8-sig"))))
    text = report.to_bytes(".csv", excel=True).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text), delimiter=";"))
    assert rows[0] == plain[0]
    at = [name.startswith("Cost") for name in rows[0]].index(True)
    assert rows[1][at] == plain[1][at].replace(".", ",") != plain[1][at]


def nasty_report(kind: str = "all") -> Report:
    prints = [
        print_run(
            str(number),
            "2026-06-01 08:00",
            "2026-06-01 11:00",
            name=NASTY,
            material=NASTY,
            material_name=NASTY,
        )
        for number in range(3)
    ]
    fleet = fleet_of(prints, [{**printer("A"), "alias": NASTY}])
    window = ReportWindow.of(utc("2026-06-01 00:00"), utc("2026-06-03 00:00"))
    return report_of(kind, fleet, window, Choices())


class Outline(HTMLParser):
    """Collects what a page consists of."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: List[str] = []
        self.links: List[str] = []
        self.ids: List[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if name in ("src", "href", "srcset", "action"):
                self.links.append(value)
            elif name == "id":
                self.ids.append(value)
            assert not name.startswith("on")


@pytest.mark.parametrize("kind", KINDS)
def test_page_has_no_scripts_or_external_resources_and_describes_pictures(kind: str) -> None:
    page = report_of(kind, FLEET, WINDOW, CHOICES).html()
    outline = Outline()
    outline.feed(page)
    assert not {"script", "link", "iframe", "img"} & set(outline.tags)
    assert all(link.startswith("#") for link in outline.links)
    assert "url(http" not in page
    assert "Content-Security-Policy" in page
    assert '<html lang="en">' in page
    assert outline.tags.count("svg") == outline.tags.count("desc")
    assert outline.tags.count("table") == outline.tags.count("caption")
    assert len(outline.ids) == len(set(outline.ids))
    assert page.count('scope="col"') >= outline.tags.count("table")
    assert "Definitions" in page


def test_names_from_the_fleet_are_escaped_on_a_page() -> None:
    page = nasty_report().html()
    assert "<script>" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "\u202e" not in page
    assert "\x1b" not in page


def test_a_workbook_has_real_numbers_and_dates_and_no_formula(book: Report) -> None:
    read = openpyxl.load_workbook(io.BytesIO(book.to_bytes(".xlsx")))
    assert read.sheetnames[0] == "Report"
    assert read.sheetnames[-1] == "Definitions"
    assert len(read.sheetnames) == len(book.sections) + 2
    sheet = read["usage_by_printer"]
    assert sheet["D2"].value == timedelta(hours=19)
    assert sheet["H2"].value == pytest.approx(19 / 119)
    assert sheet["H2"].number_format == "0.0%"
    started = read["prints"]["D2"].value
    assert started == datetime(2026, 3, 31, 21, 0)  # in Berlin
    for one in read:
        assert one.title in ("Report", "Definitions") or one.auto_filter.ref
        for row in one.iter_rows():
            assert not [cell for cell in row if cell.data_type == "f"]


def test_a_name_that_looks_like_a_formula_is_a_text_in_the_workbook_and_in_csv() -> None:
    read = openpyxl.load_workbook(io.BytesIO(nasty_report().to_bytes(".xlsx")))
    cell = read["prints"]["A2"]
    assert (cell.data_type, cell.value[:4]) == ("s", "=1+1")
    rows = list(csv.reader(io.StringIO(nasty_report("usage").to_bytes(".csv").decode("utf-8-sig"))))
    assert rows[1][0].startswith("'=1+1")


@pytest.mark.parametrize("suffix", [".html", ".xlsx", ".json", ".png"])
def test_equal_reports_are_equal_byte_by_byte(suffix: str) -> None:
    first, second = (report_of("usage", FLEET, WINDOW, CHOICES).to_bytes(suffix) for _ in "12")
    assert first == second


def test_json_of_a_report_has_every_table_with_its_units(book: Report) -> None:
    read = json.loads(book.to_bytes(".json"))
    assert read["window"]["since"] == "2026-03-27T00:00:00+01:00"
    (usage,) = [one for one in read["tables"] if one["name"] == "usage_by_printer"]
    names = [column["name"] for column in usage["columns"]]
    assert dict(zip(names, usage["rows"][0]))["printing"] == 19.0
    (material,) = [one for one in read["tables"] if one["name"] == "material_by_material"]
    (row,) = [row for row in material["rows"] if row[0].startswith("Clear")]
    money = [row[at] for at, one in enumerate(material["columns"]) if one["kind"] == "money"]
    assert money[0] == "115.20"  # 3 at 10.00, 3 at 20.05, 2 at 10.02, 1 at 5.01


def test_frames_of_a_report_are_its_tables(book: Report) -> None:
    frame = book.frames()["usage_by_printer"]
    assert frame["printing"].tolist() == [19.0, 1.0]


def test_picture_of_a_report_is_a_png(book: Report) -> None:
    assert report_of("success", FLEET, WINDOW, CHOICES).to_bytes(".png")[:4] == b"\x89PNG"


@pytest.mark.parametrize("kind", KINDS)
def test_reports_of_an_empty_account_state_that_it_is_empty(kind: str) -> None:
    fleet = fleet_of([])
    fleet.printers = []
    report = report_of(kind, fleet, WINDOW, CHOICES)
    for suffix in (".html", ".xlsx", ".json", ".png"):
        assert report.to_bytes(suffix)
    assert report.sections[0].title


def test_page_without_prints_has_no_empty_chart_of_bars() -> None:
    fleet = fleet_of([], [printer("A")])
    report = report_of("history", fleet, WINDOW, Choices())
    assert report.sections[0].title == "No prints ended"
    assert report.sections[0].chart is None
    assert "1 printer, 0 prints read" in report.html()
    assert report_of("material", fleet, WINDOW, Choices()).sections[0].title == "No material used"


def test_small_share_is_not_zero_percent() -> None:
    assert [percent(share) for share in (0.0, 0.00049, 0.0014, 0.005, 0.996)] == [
        "0 %",
        "0.05 %",
        "0.1 %",
        "0.5 %",
        "100 %",
    ]


def test_chart_titles_state_the_finding(book: Report) -> None:
    titles = [section.title for section in book.sections]
    assert titles[0] == "Utilisation 8 % of all hours, 8 points above the 5 days before"
    assert "1 of 10 prints not rated" in titles
    assert "10 prints ended, 2.0 per day" in titles
    assert any("incomplete: 1 print without a price" in title for title in titles)


def test_utilisation_is_compared_with_the_previous_window_if_known() -> None:
    prints = [
        print_run("0", "2026-05-01 00:00", "2026-05-01 01:00"),
        print_run("1", "2026-06-01 00:00", "2026-06-01 06:00"),
        print_run("2", "2026-06-02 00:00", "2026-06-02 12:00"),
    ]
    window = ReportWindow.of(utc("2026-06-02 00:00"), utc("2026-06-03 00:00"))
    report = report_of("usage", fleet_of(prints), window, Choices())
    assert report.sections[0].title == (
        "Utilisation 50 % of all hours, 25 points above the period before"
    )


def test_a_window_before_the_first_print_is_refused() -> None:
    window = ReportWindow.of(utc("2025-01-01 00:00"), utc("2025-02-01 00:00"))
    with pytest.raises(ValueError, match="before the first print: 2026-03-20 08:00"):
        report_of("usage", FLEET, window, Choices())


def test_report_is_displayed_in_a_sandboxed_frame_in_notebooks(book: Report) -> None:
    shown = book._repr_html_()
    assert shown.startswith("<iframe srcdoc=")
    assert " sandbox " in shown
    assert "<article>" not in shown  # escaped


def test_an_unwritable_folder_and_an_unknown_format_are_refused(
    book: Report, tmp_path: Path
) -> None:
    with pytest.raises(FileNotFoundError, match="the folder does not exist"):
        check_writable(tmp_path / "no" / "a.html")
    with pytest.raises(IsADirectoryError):
        check_writable(tmp_path)
    with pytest.raises(ValueError, match=r"must end with \.html"):
        book.save(tmp_path / "a.pdf")
    with pytest.raises(ValueError, match="a CSV file holds one table"):
        book.save(tmp_path / "a.csv")
    assert os.listdir(tmp_path) == []
    book.save(tmp_path / "a.html")
    assert (tmp_path / "a.html").read_text(encoding="utf-8") == book.html()


class Frames:
    """A source of frames that are in memory, as a mirror is one."""

    def prints(self, since: datetime) -> pd.DataFrame:
        self.since = since
        return frame_of_prints()

    def printers(self) -> pd.DataFrame:
        from formlabs_web_api import Printer

        return frame_of(Printer, [printer("A")])

    def cartridges(self) -> pd.DataFrame:
        return pd.DataFrame({"material": ["FLGPCL05"], "remaining_ml": [500.0]})

    def tanks(self) -> pd.DataFrame:
        return pd.DataFrame()

    def queue(self) -> pd.DataFrame:
        return pd.DataFrame()

    def samples(self) -> Optional[pd.DataFrame]:
        return None

    def now(self) -> datetime:
        return NOW


def frame_of_prints() -> pd.DataFrame:
    from formlabs_web_api import PrintRun

    return frame_of(PrintRun, [print_run("1", "2026-06-01 00:00", "2026-06-01 06:00")])


def test_any_source_of_frames_makes_a_report() -> None:
    source = Frames()
    report = make_report("all", source, utc("2026-06-01 00:00"), zone="Pacific/Honolulu")
    assert report.window.until == NOW
    assert source.since < utc("2026-04-01 00:00")  # forecasts need weeks before the window
    assert "1 print ended" in report.html()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"kind": "nope"}, "is not a report; choose usage, history"),
        ({"by": "user"}, 'usage cannot be grouped by "user"; choose printer'),
        ({"zone": "Mars"}, "is not a known time zone"),
        ({"since": utc("2027-01-01 00:00")}, "the window is empty"),
        ({"hours": "always"}, "is not a pattern of hours"),
    ],
)
def test_invalid_argument_is_refused_before_data_is_read(arguments: Any, message: str) -> None:
    class Unread(Frames):
        def prints(self, since: datetime) -> pd.DataFrame:
            raise AssertionError("it was read")

        def printers(self) -> pd.DataFrame:
            raise AssertionError("it was read")

    given = {"kind": "usage", "source": Unread(), "since": utc("2026-06-01 00:00"), **arguments}
    with pytest.raises(ValueError, match=message):
        make_report(**given)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_colours_reach_the_contrast_of_wcag_aa(palette: Any) -> None:
    for surface in SURFACES:
        for name in TEXT:
            assert contrast(palette[name], palette[surface]) >= 4.5, (name, surface)
    for name in MARKS:
        assert contrast(palette[name], palette["page"]) >= 3, name


def test_every_role_of_a_chart_has_a_colour(book: Report) -> None:
    roles = set(re.findall(r'<(?:path|circle) class="(\w+)"', book.html())) - {"hatch"}
    assert roles <= set(LIGHT)
