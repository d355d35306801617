"""Hostile texts of the service are shown as data in every place that displays them.

The checks do not use the sanitizer of the package: they look for what a terminal, browser or
spreadsheet would act on.
"""

from __future__ import annotations

import csv
import io
import json
import logging
import re
import sys
import unicodedata
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Callable, Iterator, List, Tuple

import pytest

from formlabs_web_api import ApiClient, ApiException
from test.support.hostile import FORGED, HOSTILE, LISTINGS, hostile_service
from test.support.loopback import Loopback

ANSWER_OF = {text: hostile_service(text) for text in HOSTILE.values()}
_COLOUR = re.compile(r"\x1b\[[0-9;]*m|\x1b\]8;[^\x1b\x07]*(?:\x1b\\|\x07)")
_BIDI = {"RLE", "LRE", "PDF", "RLO", "LRO", "LRI", "RLI", "FSI", "PDI"}
_FORMULA = re.compile(r"\s*[=+\-@\t\r]")
_NUMBER_OR_DATE = re.compile(r"-?\d[\d.,:\- ]*(e[+-]?\d+)?$", re.IGNORECASE)


@pytest.fixture(params=HOSTILE.values(), ids=HOSTILE.keys())
def text(request: Any, service: Loopback) -> str:
    """Each hostile text, and a service whose names are all that text."""
    service.answer = ANSWER_OF[request.param]
    hostile: str = request.param
    return hostile


@pytest.fixture(params=[0, 5, 10], ids=lambda first: f"from text {first}")
def mixture(request: Any, service: Loopback) -> None:
    """A service with another hostile text in each of its texts, beginning with one of them."""
    texts = list(HOSTILE.values())
    service.answer = hostile_service(*texts[request.param :], *texts[: request.param])


@pytest.fixture
def command_line(
    service: Loopback,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> Callable[..., Any]:
    """Run a command against the service, in a terminal or not; return what it has written."""
    pytest.importorskip("typer")
    from formlabs_web_api.cli import main

    settings = {
        "HOME": str(tmp_path),
        "XDG_CONFIG_HOME": str(tmp_path),
        "FORMLABS_HOST": service.url,
        "FORMLABS_CLIENT_ID": "an-id",
        "FORMLABS_CLIENT_SECRET": "a-long-secret",
        "TERM": "xterm-256color",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)

    def run(*arguments: str, in_terminal: bool = False) -> Any:
        capsys.readouterr()
        for stream in (sys.stdout, sys.stderr):
            monkeypatch.setattr(stream, "isatty", lambda: in_terminal)
        monkeypatch.setattr(sys, "argv", ["formlabs-web-api", *arguments])
        with pytest.raises(SystemExit):
            main()
        return capsys.readouterr()

    return run


def steering(shown: str) -> List[str]:
    """Return the characters that end lines, steer a terminal or turn the writing direction."""
    return [
        f"{character!r} in {shown[max(0, at - 30) : at + 30]!r}"
        for at, character in enumerate(shown)
        if character != "\n"
        and (
            unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp")
            or unicodedata.bidirectional(character) in _BIDI
            or character in "\u061c\u200e\u200f"
            or "\u206a" <= character <= "\u206f"
        )
    ]


def check_lines(shown: str) -> None:
    """Check text that stands in a terminal, log or repr."""
    assert steering(shown) == []
    assert not [line for line in shown.split("\n") if line.startswith(f"{FORGED} line")]


class _Page(HTMLParser):
    """Collects what a browser would act on."""

    def __init__(self) -> None:
        super().__init__()
        self.acting: List[Tuple[str, Any]] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        names = [name for name, _ in attrs if name.startswith("on") or name == "href"]
        if tag in ("script", "img", "iframe", "link", "object", "a") or names:
            self.acting.append((tag, attrs))

    def handle_comment(self, data: str) -> None:
        assert FORGED not in data

    def handle_data(self, data: str) -> None:
        if self.cdata_elem is not None:  # within style or script
            assert FORGED not in data


def check_page(html: str) -> None:
    page = _Page()
    page.feed(html)
    page.close()
    assert page.acting == []
    assert steering(html) == []
    html.encode("utf-8")


def models_of(client: ApiClient) -> Iterator[Any]:
    """Yield a page of each listing, and one model alone."""
    yield client.printers.list()
    yield client.prints.list()
    yield client.events.list()
    yield client.groups.list()
    yield client.tanks.list()
    yield client.cartridges.list()
    yield client.printers.get("Form4-PlainWalrus")


def test_log_of_undescribed_fields_has_no_forged_line(
    text: str, client: ApiClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "formlabs_web_api")
    list(models_of(client))
    with pytest.raises(ApiException):
        client.printers.get("missing")
    assert client.drift
    for record in caplog.records:
        assert "\n" not in record.getMessage()
        check_lines(record.getMessage())
    for deviation in client.drift:
        check_lines(f"{deviation}")
        check_lines(f"{deviation!r}")


def test_texts_of_models_and_errors_are_one_line(text: str, client: ApiClient) -> None:
    from formlabs_web_api.notebook import show

    for models in models_of(client):
        check_lines(repr(models))
        check_lines(show(models).text())
        check_lines(repr(show(models)))
        for model in models if isinstance(models, list) else getattr(models, "results", [models]):
            assert "\n" not in repr(model)
    with pytest.raises(ApiException) as caught:
        client.printers.get("missing")
    check_lines(str(caught.value))
    assert "\n" not in str(caught.value)


def test_notebook_html_shows_names_as_text(text: str, client: ApiClient) -> None:
    for models in models_of(client):
        check_page(models._repr_html_())


def test_console_of_rich_shows_names_as_text(text: str, client: ApiClient) -> None:
    console = pytest.importorskip("rich.console")
    for models in models_of(client):
        written = io.StringIO()
        console.Console(file=written, force_terminal=True, width=120).print(models)
        check_lines(_COLOUR.sub("", written.getvalue()))
        assert "evil.example" not in "".join(re.findall(r"\x1b\]8;[^\x1b]*", written.getvalue()))


COMMANDS = (
    "status",
    "printers",
    "printer Form4-PlainWalrus",
    "prints",
    "prints --columns name,status,material_name",
    "events",
    "groups list",
    "tanks",
    "cartridges",
    "printers --json",
    "prints --json --derived",
    "printer missing",
    "prints --status FORGED",
    "prints --printer FORGED",
)


@pytest.mark.usefixtures("mixture")
@pytest.mark.parametrize("in_terminal", [True, False], ids=["terminal", "pipe"])
def test_command_line_shows_names_as_text(
    command_line: Callable[..., Any], in_terminal: bool
) -> None:
    for command in COMMANDS:
        written = command_line(*command.split(), in_terminal=in_terminal)
        check_lines(_COLOUR.sub("", written.out))
        check_lines(_COLOUR.sub("", written.err))
        if "--json" in command:
            json.loads(written.out)
        assert FORGED in written.out + written.err


def check_csv(written: str) -> None:
    """Check a file that a spreadsheet opens."""
    rows = list(csv.reader(io.StringIO(written), delimiter=";" if ";" in written[:99] else ","))
    assert len({len(row) for row in rows}) == 1  # no text has begun a row or a column
    for row in rows[1:]:
        for cell in row:
            assert not _FORMULA.match(cell) or _NUMBER_OR_DATE.match(cell), cell[:80]
    written.encode("utf-8")


def test_csv_for_excel_has_no_formula(text: str, client: ApiClient) -> None:
    from formlabs_web_api.frames import to_csv

    for name in LISTINGS:
        written = io.StringIO()
        to_csv(getattr(client, name).list(), written, excel=True)
        check_csv(written.getvalue().lstrip("\ufeff"))


@pytest.mark.usefixtures("mixture")
def test_exported_csv_has_no_formula(command_line: Callable[..., Any], tmp_path: Path) -> None:
    for name in LISTINGS:
        for options in ([], ["--excel"]):
            path = tmp_path / f"{name}{len(options)}.csv"
            command_line("export", name, "-o", str(path), *options)
            check_csv(path.read_bytes().decode("utf-8-sig"))


@pytest.mark.usefixtures("mixture")
def test_workbook_has_no_formula_and_no_link(client: ApiClient, tmp_path: Path) -> None:
    pytest.importorskip("pandas")
    openpyxl = pytest.importorskip("openpyxl")
    from formlabs_web_api.frames import to_excel, to_frame

    for name in LISTINGS:
        frame = to_frame(getattr(client, name).list())
        path = tmp_path / f"{name}.xlsx"
        to_excel(frame, path)
        (sheet,) = openpyxl.load_workbook(path).worksheets
        assert sheet.max_row == 1 + len(frame)
        cells = [cell for row in sheet.iter_rows() for cell in row]
        assert not [cell for cell in cells if cell.data_type == "f" or cell.hyperlink]
        assert FORGED in str([cell.value for cell in cells])


@pytest.mark.parametrize("suffix", [".html", ".csv", ".xlsx", ".json"])
def test_report_shows_names_as_text(suffix: str) -> None:
    pytest.importorskip("pandas")
    openpyxl = pytest.importorskip("openpyxl")
    pytest.importorskip("jinja2")
    from formlabs_web_api.reports.report import report_of
    from formlabs_web_api.reports.sections.section import Choices
    from formlabs_web_api.reports.window import ReportWindow
    from test.reports.fleets import fleet_of, print_run, printer, utc

    runs = [
        print_run(
            str(number),
            "2026-06-01 08:00",
            "2026-06-01 11:00",
            name=text,
            material=text,
            material_name=text,
            printer=str(number),
        )
        for number, text in enumerate(HOSTILE.values())
    ]
    printers = [{**printer(str(at)), "alias": text} for at, text in enumerate(HOSTILE.values())]
    window = ReportWindow.of(utc("2026-06-01 00:00"), utc("2026-06-03 00:00"))
    kind = "usage" if suffix == ".csv" else "all"
    written = report_of(kind, fleet_of(runs, printers), window, Choices()).to_bytes(suffix)
    if suffix == ".html":
        check_page(re.sub(r'<a href="#[\w-]*"', "<b", written.decode()))
    elif suffix == ".csv":
        check_csv(written.decode("utf-8-sig"))
    elif suffix == ".json":
        assert steering(written.decode()) == []
        json.loads(written)
    else:
        book = openpyxl.load_workbook(io.BytesIO(written))
        cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
        assert not [cell for cell in cells if cell.data_type == "f" or cell.hyperlink]
