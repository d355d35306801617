"""The programs in examples/ work with the sandbox."""

from __future__ import annotations

import csv
import importlib.util
import os
import sqlite3
import subprocess
import sys
from collections import Counter
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from types import ModuleType
from typing import Any, Callable, Iterator

import pytest

pytest.importorskip("uvicorn", reason="the extra sandbox is not installed")

from formlabs_web_api import ApiClient, PrinterGroupsApi, PrintsApi
from formlabs_web_api.sandbox import Sandbox
from test.support.loopback import Loopback
from test.support.smtp import MailSink

NOW = datetime(2026, 6, 5, 12, 0, tzinfo=timezone.utc)
EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """A sandbox that ``ApiClient()`` uses by default."""
    with Sandbox(seed=1, now=NOW) as sandbox:
        monkeypatch.setenv("FORMLABS_HOST", sandbox.url)
        monkeypatch.setenv("FORMLABS_CLIENT_ID", sandbox.client_id)
        monkeypatch.setenv("FORMLABS_CLIENT_SECRET", sandbox.client_secret)
        yield sandbox


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[ApiClient]:
    with ApiClient() as client:
        yield client


def recipe(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_nightly_csv_has_the_prints_that_ended_on_a_day(client: ApiClient, tmp_path: Path) -> None:
    day = date(2026, 6, 3)
    target = recipe("nightly_csv").write_day(client, day, tmp_path)
    start = datetime.combine(day, datetime.min.time()).astimezone()
    ends = {run.guid: run.end_at(client.now()) for run in PrintsApi(client).prints_list_iter()}
    expected = [
        guid for guid, end in ends.items() if end and timedelta() <= end - start < timedelta(days=1)
    ]
    with target.open(encoding="utf-8", newline="") as file:
        assert [row["guid"] for row in csv.DictReader(file)] == expected != []
    assert [path.name for path in tmp_path.iterdir()] == ["prints-2026-06-03.csv"]


def test_nightly_csv_runs_as_a_program(
    sandbox: Sandbox,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "argv", ["nightly_csv.py", str(tmp_path)])
    assert recipe("nightly_csv").main() == 0
    assert Path(capsys.readouterr().out.strip()).exists()
    monkeypatch.setattr(sys, "argv", ["nightly_csv.py", str(tmp_path / "none")])
    assert recipe("nightly_csv").main() == 2
    assert capsys.readouterr().err == f"Error: the folder {tmp_path / 'none'} does not exist\n"


def test_nightly_csv_of_a_day_without_prints_has_a_header(
    client: ApiClient, tmp_path: Path
) -> None:
    target = recipe("nightly_csv").write_day(client, date(2001, 1, 1), tmp_path)
    assert target.read_text(encoding="utf-8").startswith("guid,")
    assert len(target.read_text(encoding="utf-8").splitlines()) == 1


@pytest.mark.parametrize(
    "name", ["low_resin_mail", "print_webhook", "scheduled_report_mail", "with_requests"]
)
def test_a_missing_environment_variable_is_named_in_one_line(name: str) -> None:
    wanted = {
        "low_resin_mail": "MAIL_FROM",
        "print_webhook": "WEBHOOK_URL",
        "scheduled_report_mail": "MAIL_FROM",
    }
    environment = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("FORMLABS_", "MAIL_", "WEBHOOK_"))
    }
    ran = subprocess.run(
        [sys.executable, str(EXAMPLES / f"{name}.py")],
        capture_output=True,
        text=True,
        check=False,
        env={**environment, "PYTHONPATH": str(EXAMPLES.parent)},
    )
    assert ran.returncode != 0
    variable = wanted.get(name, "FORMLABS_CLIENT_ID")
    assert ran.stderr.startswith(f"Error: set the environment variable {variable}")
    assert ran.stderr.count("\n") == 1


@pytest.mark.skipif(sys.platform == "win32", reason="pipes of POSIX")
def test_quickstart_ends_quietly_when_its_reader_closes_the_pipe() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    ran = subprocess.run(
        [sys.executable, str(EXAMPLES / "quickstart.py")],
        stdout=writing,
        stderr=subprocess.PIPE,
        check=False,
        env={**os.environ, "PYTHONPATH": str(EXAMPLES.parent)},
    )
    os.close(writing)
    assert (ran.returncode, ran.stderr) == (1, b"")


@pytest.mark.parametrize(
    "content",
    [
        "email;group;admin\r\nzoë@example.com;Zürich;no\r\n".encode("cp1252"),
        "\ufeffemail;group\r\nzoë@example.com;Zürich\r\n".encode(),
        "email,group\nzoë@example.com,Zürich\n".encode(),
    ],
    ids=["Excel's CSV", "Excel's CSV UTF-8", "commas"],
)
def test_invite_from_csv_reads_lists_written_by_excel(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_bytes(content)
    (row,) = recipe("invite_from_csv").read(str(path))
    assert (row["email"], row["group"]) == ("zoë@example.com", "Zürich")


@pytest.fixture
def mail_sink(monkeypatch: pytest.MonkeyPatch) -> Iterator[MailSink]:
    sink = MailSink()
    monkeypatch.setenv("SMTP_HOST", "127.0.0.1")
    monkeypatch.setenv("SMTP_PORT", str(sink.port))
    monkeypatch.setenv("MAIL_FROM", "printers@example.com")
    monkeypatch.setenv("MAIL_TO", "shop@example.com")
    yield sink
    sink.close()


def test_low_resin_is_mailed_once(client: ApiClient, mail_sink: MailSink, tmp_path: Path) -> None:
    report = recipe("low_resin_mail").report
    memory = tmp_path / "reported.db"
    assert report(client, memory) is not None
    (mail,) = mail_sink.mails
    assert (mail["From"], mail["To"]) == ("printers@example.com", "shop@example.com")
    assert mail["Subject"] == "Resin is low in 2 cartridges"
    lines = mail.get_payload(decode=True).decode().splitlines()  # type: ignore[union-attr]
    assert lines == ["LivelyOtter: 0 ml of Clear V5", "SnugTapir: 89 ml of High Temp V2"]
    assert report(client, memory) is None
    assert len(mail_sink.mails) == 1


def test_the_report_of_last_week_is_mailed_as_one_page(
    client: ApiClient, mail_sink: MailSink
) -> None:
    pytest.importorskip("pandas")
    pytest.importorskip("jinja2")
    message = recipe("scheduled_report_mail").send(client, "Europe/Berlin")
    (mail,) = mail_sink.mails
    assert mail["Subject"].startswith("Utilisation ")
    (page,) = message.iter_attachments()
    # NOW is a Friday.
    assert "2026-05-25 00:00 to 2026-06-01 00:00, Europe/Berlin" in page.get_content()


def test_low_resin_is_mailed_by_the_next_run_if_the_mail_fails(
    client: ApiClient, mail_sink: MailSink, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = recipe("low_resin_mail").report
    state = tmp_path / "reported.db"
    with monkeypatch.context() as patch:
        patch.delenv("MAIL_TO")
        with pytest.raises(KeyError):
            report(client, state)
    assert report(client, state) is not None
    assert len(mail_sink.mails) == 1


def test_print_webhook_posts_an_ended_print_once(
    sandbox: Sandbox, client: ApiClient, service: Loopback, tmp_path: Path
) -> None:
    tell: Callable[..., Any] = recipe("print_webhook").tell
    service.reply(200, "ok")
    memory = tmp_path / "seen.json"
    assert tell(client, service.url, memory) == []
    sandbox.advance(hours=3)
    lines = tell(client, service.url, memory)
    assert "surgical guide demo finished on SnugTapir" in lines
    assert [asked.json for asked in service.asked] == [{"text": "\n".join(lines)}]
    assert tell(client, service.url, memory) == []


def test_print_webhook_posts_again_after_a_failure(
    sandbox: Sandbox, client: ApiClient, service: Loopback, tmp_path: Path
) -> None:
    tell: Callable[..., Any] = recipe("print_webhook").tell
    memory = tmp_path / "seen.json"
    tell(client, service.url, memory)
    sandbox.advance(hours=3)
    service.reply(500, "no")
    service.reply(200, "ok")
    with pytest.raises(RuntimeError, match="the webhook answered 500"):
        tell(client, service.url, memory)
    assert tell(client, service.url, memory)


def test_erp_upsert_stores_each_print_once_with_current_values(
    sandbox: Sandbox, client: ApiClient
) -> None:
    synchronize = recipe("erp_upsert").synchronize
    database = sqlite3.connect(":memory:")
    assert synchronize(client, database) == 400
    select = "SELECT guid, outcome FROM prints"
    before = dict(database.execute(select).fetchall())
    sandbox.advance(hours=6)
    again = synchronize(client, database)
    after = dict(database.execute(select).fetchall())
    expected = {run.guid: str(run.outcome) for run in PrintsApi(client).prints_list_iter()}
    database.close()
    assert again < 400 <= len(after)
    assert after.keys() >= before.keys()
    assert {guid: after[guid] for guid in expected} == expected


@pytest.mark.skipif(sys.version_info < (3, 10), reason="dlt needs Python 3.10")
def test_warehouse_in_duckdb_has_the_fleet(
    client: ApiClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DLT_DATA_DIR", str(tmp_path / "dlt"))
    monkeypatch.setenv("RUNTIME__DLTHUB_TELEMETRY", "false")
    for name in ("dlt", "duckdb"):
        pytest.importorskip(name)
    summary = recipe("warehouse_duckdb").load(client, tmp_path / "fleet.duckdb")
    assert "LOADED and contains no failed jobs" in summary
    assert (tmp_path / "fleet.duckdb").exists()


def test_with_requests_and_the_client_return_equal_results(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("requests")
    module = recipe("with_requests")
    found = module.with_this_client()
    assert found == pytest.approx(module.with_requests())
    assert len(found) > 5


def test_with_requests_reads_pages_and_waits_for_retry_after(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    responses = pytest.importorskip("responses")
    monkeypatch.setenv("FORMLABS_CLIENT_ID", "an-id")
    monkeypatch.setenv("FORMLABS_CLIENT_SECRET", "a-secret")
    module = recipe("with_requests")
    waits = []
    monkeypatch.setattr(module.time, "sleep", waits.append)
    api = f"{module.HOST}/developer/v1"

    def prints(page: int, *guids: str) -> Any:
        return responses.Response(
            "GET",
            f"{api}/prints/",
            json={
                "next": f"{api}/prints/?page=2" if page == 1 else None,
                "results": [
                    {"guid": guid, "material_name": "Grey V5", "volume_ml": 10} for guid in guids
                ],
            },
            match=[responses.matchers.query_param_matcher({"page": str(page)}, strict_match=False)],
        )

    with responses.RequestsMock() as service:
        service.post(f"{api}/o/token/", json={"access_token": "tok-of-a-test"})
        service.get(f"{api}/prints/", status=429, headers={"Retry-After": "7"})
        service.add(prints(1, "a", "b"))
        service.add(prints(2, "b", "c"))
        assert module.with_requests() == Counter({"Grey V5": 30})
        assert service.calls[-1].request.headers["Authorization"] == "Bearer tok-of-a-test"
    assert waits == [7.0]


PEOPLE = """\
email,group,admin
dana@example.com,Prototype Workshop,no
JONAS_B@example.com,Prototype Workshop,no
eli@example.com,Prototype Workshop,yes
no address,Prototype Workshop,no
fay@example.com,Night Shift,no
dana@example.com,Prototype Workshop,no
"""


def test_invite_from_csv_invites_only_new_members(
    client: ApiClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    people = tmp_path / "people.csv"
    people.write_text(PEOPLE, encoding="utf-8-sig")
    module = recipe("invite_from_csv")

    def invited() -> Any:
        group = PrinterGroupsApi(client).groups_list()[0]
        return {one.email: one.is_admin for one in group.invitations}

    before = invited()
    monkeypatch.setattr(sys, "argv", ["invite_from_csv.py", str(people), "--dry-run"])
    assert module.main() == 1
    assert invited() == before
    output = capsys.readouterr().out
    assert "dana@example.com: would be invited to Prototype Workshop" in output
    assert "no address: refused: this is not an e-mail address" in output
    monkeypatch.setattr(sys, "argv", ["invite_from_csv.py", str(people)])
    assert module.main() == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[:3] == [
        "dana@example.com: invited to Prototype Workshop",
        "JONAS_B@example.com: already in Prototype Workshop",
        "eli@example.com: invited to Prototype Workshop",
    ]
    assert lines[3].startswith("no address: refused: ")
    assert lines[4:] == [
        "fay@example.com: the group Night Shift does not exist",
        "dana@example.com: already in Prototype Workshop",
    ]
    assert invited() == {**before, "dana@example.com": False, "eli@example.com": True}
    people.write_text("email,group\ndana@example.com,Prototype Workshop\n", encoding="utf-8-sig")
    assert module.main() == 0


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "people.csv: No such file or directory"),
        ("email,grp\n", "people.csv: missing columns: group"),
        ("", "people.csv: missing columns: email, group"),
    ],
)
def test_invite_from_csv_reports_an_unusable_list_in_one_line(
    content: Any, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    path = tmp_path / "people.csv"
    if content is not None:
        path.write_text(content)
    monkeypatch.setattr(sys, "argv", ["invite_from_csv.py", str(path), "--dry-run"])
    assert recipe("invite_from_csv").main() == 2
    errors = capsys.readouterr().err
    assert errors.startswith("Error: ")
    assert errors.endswith(f"{message}\n")
    assert errors.count("\n") == 1


def test_with_requests_prints_both_results_and_whether_they_agree(
    sandbox: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("requests")
    assert recipe("with_requests").main() == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["requests", "this", "client", "material"]
    assert lines[-1] == "Both agree."
    assert all(line.split()[0] == line.split()[2] for line in lines[1:-1])


def test_quickstart_aligns_columns_with_wide_characters(
    clean_environment: None, capsys: pytest.CaptureFixture[str]
) -> None:
    from rich.cells import cell_len

    recipe("quickstart").main()  # without credentials: its own sandbox at the current time
    lines = capsys.readouterr().out.splitlines()
    bars = {cell_len(line.partition("[")[0]) for line in lines if "[" in line}
    assert any("歯" in line for line in lines if "[" in line)
    assert len(bars) == 1
