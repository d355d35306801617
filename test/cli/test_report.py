"""The command ``report``."""

from __future__ import annotations

import json
import webbrowser
from pathlib import Path
from typing import List

import pytest

pytest.importorskip("pandas", reason="the extra reports is not installed")
pytest.importorskip("jinja2", reason="the extra reports is not installed")

from formlabs_web_api.sandbox import Sandbox
from test.cli.conftest import Run


@pytest.mark.parametrize("suffix", ["html", "xlsx", "json", "csv", "png"])
def test_report_format_is_that_of_the_suffix(suffix: str, run: Run, tmp_path: Path) -> None:
    path = tmp_path / f"usage.{suffix}"
    ran = run("report", "usage", "-o", str(path), "--zone", "Europe/Berlin")
    assert ran.code == 0, ran.err
    assert "Utilisation" in ran.err
    assert path.stat().st_size > 200


def test_report_all_has_every_table_and_costs(run: Run, tmp_path: Path) -> None:
    prices = tmp_path / "prices.toml"
    prices.write_text(
        'currency = "EUR"\n[[material]]\ncode = "FLGPCL05"\nper_litre = 149\n', encoding="utf-8"
    )
    path = tmp_path / "book.json"
    ran = run("report", "all", "--prices", str(prices), "-o", str(path))
    assert ran.code == 0, ran.err
    names = {table["name"] for table in json.loads(path.read_text(encoding="utf-8"))["tables"]}
    assert {"usage_by_printer", "success_by_hour", "missing_prices", "queue"} <= names


def test_quota_report_reads_only_the_limits(
    run_own: Run, own_sandbox: Sandbox, tmp_path: Path
) -> None:
    path = tmp_path / "quota.html"
    ran = run_own("report", "quota", "-o", str(path))
    assert ran.code == 0, ran.err
    assert "No limits are enforced for this host" in path.read_text(encoding="utf-8")
    assert not own_sandbox.requests


def test_report_options_set_days_tank_life_and_hidden_users(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "stock.json"
    chosen = ("--days", "45", "--tank-life", "75000")
    assert run("report", "consumables", *chosen, "-o", str(path)).code == 0
    written = path.read_text(encoding="utf-8")
    assert "Order for 45 days" in written
    assert "Of 75,000 layers" in written
    path = tmp_path / "users.csv"
    chosen = ("--by", "user", "--hide-users", "--excel")
    assert run("report", "material", *chosen, "-o", str(path)).code == 0
    rows = [line.split(";") for line in path.read_text(encoding="utf-8-sig").splitlines()]
    assert "User 1" in [row[0] for row in rows]
    assert "@" not in path.read_text(encoding="utf-8")


def test_report_dates_are_in_the_given_zone(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    window = ("--since", "2026-05-01", "--until", "2026-05-31", "--zone", "Pacific/Kiritimati")
    assert run("report", "history", *window, "-o", str(path)).code == 0
    assert json.loads(path.read_text(encoding="utf-8"))["window"] == {
        "since": "2026-05-01T00:00:00+14:00",
        "until": "2026-06-01T00:00:00+14:00",
        "zone": "Pacific/Kiritimati",
    }


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["usage", "-o", "a.pdf"], "must end with .html, .xlsx, .csv, .json, .png"),
        (["usage", "-o", "no/a.html"], "the folder does not exist"),
        (["all", "-o", "a.csv"], "a CSV file holds one table"),
        (["use", "-o", "a.html"], '"use" is not a report'),
        (["usage", "-o", "a.html", "--zone", "Mars"], '"Mars" is not a known time zone'),
        (["usage", "-o", "a.html", "--by", "colour"], "choose printer, group, day, week, month"),
        (["usage", "-o", "a.html", "--until", "2020-01-01"], "the window is empty"),
        (["usage", "-o", "a.html", "--excel"], "it is a way to write CSV"),
        (["usage", "-o", "a.html", "--days", "0"], "--days"),
        (["usage", "-o", "a.html", "--hours", "always"], "is not a pattern of hours"),
        (["material", "-o", "a.html", "--prices", "prices.toml"], "line 1, currency must be"),
    ],
)
def test_invalid_report_option_is_refused_before_a_request(
    arguments: List[str],
    message: str,
    run_own: Run,
    own_sandbox: Sandbox,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("prices.toml").write_text("currency = 1\n", encoding="utf-8")
    ran = run_own("report", *arguments)
    assert ran.code in (1, 2)
    assert message in " ".join(ran.err.split())
    assert not own_sandbox.requests
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["prices.toml"]


def test_report_window_before_the_first_print_is_refused(run: Run, tmp_path: Path) -> None:
    window = ("--since", "2019-01-01", "--until", "2019-02-01")
    ran = run("report", "usage", *window, "-o", str(tmp_path / "a.html"))
    assert ran.code == 1
    assert "before the first print" in ran.err


def test_report_open_opens_the_file(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: List[str] = []
    monkeypatch.setattr(webbrowser, "open", opened.append)
    path = tmp_path / "a.html"
    assert run("report", "queue", "-o", str(path), "--open").code == 0
    assert opened == [path.resolve().as_uri()]
