"""``export`` writes complete files or none, and continues an interrupted export."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Callable, Dict, Iterator, List

import pytest

from formlabs_web_api.cli import session
from formlabs_web_api.cli.exporter import formats
from formlabs_web_api.paging import MAX_RESUME_AGE
from formlabs_web_api.sandbox import Sandbox
from test.cli.conftest import NOW, PROGRAM, Run
from test.support.loopback import Answer, Asked, Loopback


def rows(text: str) -> List[Dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.mark.parametrize(
    ("what", "count", "key"),
    [
        ("prints", 400, "guid"),
        ("events", 837, "id"),
        ("printers", 12, "serial"),
        ("tanks", 34, "serial"),
        ("cartridges", 47, "serial"),
        ("groups", 2, "id"),
    ],
)
def test_csv_and_json_lines_contain_the_same_rows(
    what: str, count: int, key: str, run: Run, tmp_path: Path
) -> None:
    for name in ("all.csv", "all.jsonl"):
        ran = run("export", what, "-o", str(tmp_path / name))
        assert (ran.code, ran.out, ran.err) == (0, "", f"{tmp_path / name}: {count} rows\n")
    table = rows((tmp_path / "all.csv").read_bytes().decode())
    lines = [json.loads(line) for line in (tmp_path / "all.jsonl").read_text().splitlines()]
    assert [row[key] for row in table] == [str(line[key]) for line in lines]
    assert len({row[key] for row in table}) == count
    assert list(table[0]) == list(lines[0])
    assert sorted(os.listdir(tmp_path)) == ["all.csv", "all.jsonl"]


def test_export_applies_filters_and_writes_to_standard_output(run: Run) -> None:
    arguments = ["--status", "finished", "--since", "30d", "--printer", "snugtapir"]
    table = rows(run("export", "prints", *arguments).out)
    assert 5 < len(table) < 40
    assert {(row["printer"], row["status"]) for row in table} == {("SnugTapir", "FINISHED")}
    lines = run("export", "prints", *arguments, "-f", "jsonl", "-o", "-").out.splitlines()
    assert [json.loads(line)["guid"] for line in lines] == [row["guid"] for row in table]


def test_export_contains_no_signed_addresses(run: Run) -> None:
    assert "Signature" not in run("export", "prints").out


def test_export_without_rows_has_a_header(run: Run, tmp_path: Path) -> None:
    run("export", "prints", "--name", "no print has this name", "-o", str(tmp_path / "none.csv"))
    head = (tmp_path / "none.csv").read_text()
    assert head == run("export", "prints").out.splitlines()[0] + "\n"


def test_parquet_contains_the_same_rows_with_their_types(run: Run, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="the extra parquet is not installed")
    assert run("export", "prints", "-o", str(tmp_path / "all.parquet")).code == 0
    run("export", "prints", "-o", str(tmp_path / "all.jsonl"))
    table = parquet.read_table(tmp_path / "all.parquet")
    lines = [json.loads(line) for line in (tmp_path / "all.jsonl").read_text().splitlines()]
    assert table.column_names == list(lines[0])
    for field in table.schema:
        expected = [line[field.name] for line in lines]
        if str(field.type).startswith("timestamp"):
            expected = [None if one is None else datetime.fromisoformat(one) for one in expected]
        assert table[field.name].to_pylist() == expected
    kinds = {str(field.type) for field in table.schema}
    assert kinds == {"string", "int64", "double", "bool", "timestamp[us, tz=UTC]"}
    assert sorted(os.listdir(tmp_path)) == ["all.jsonl", "all.parquet"]


def test_parquet_export_does_not_import_pandas(run: Run, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow.parquet", reason="the extra parquet is not installed")
    code = (
        "import sys\n"
        "from formlabs_web_api.cli import main\n"
        "try: main()\n"
        "except SystemExit as end: sys.exit(end.code or 'pandas' in sys.modules)"
    )
    command = [sys.executable, "-c", code, "export", "prints", "--quiet", "-o"]
    subprocess.run([*command, str(tmp_path / "all.parquet")], check=True, timeout=60)


def test_missing_pyarrow_is_reported_before_rows_are_read(
    run: Run, tmp_path: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    sandbox.forget_requests()
    ran = run("export", "prints", "-o", str(tmp_path / "all.parquet"))
    assert (ran.code, ".[parquet]" in ran.err) == (1, True)
    assert not sandbox.requests
    assert os.listdir(tmp_path) == []


def test_export_to_a_device_writes_to_it(run: Run) -> None:
    assert run("export", "prints", "-o", "/dev/null").code == 0
    assert not Path("/dev/null").is_file()


def test_export_to_a_link_replaces_its_target_and_not_the_link(run: Run, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    link = tmp_path / "prints.csv"
    link.symlink_to(tmp_path / "data" / "real.csv")
    assert run("export", "tanks", "-o", str(link)).code == 0
    assert link.is_symlink()
    assert len(rows((tmp_path / "data" / "real.csv").read_text())) == 34


# Interrupted


PAGES = 4
"""Pages of 100 rows, of the sandbox's 400 prints."""


@pytest.fixture
def gate(
    service: Loopback, sandbox: Sandbox, run: Run, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Loopback]:
    """A proxy in front of the sandbox that runs functions of a test before it serves a page."""
    import urllib3

    pool = urllib3.PoolManager()

    def forward(asked: Asked) -> Answer:
        headers = {
            name: value
            for name, value in asked.headers.items()
            if name in ("authorization", "content-type", "accept")
        }
        answer = pool.request(
            asked.method, sandbox.url + asked.target, body=asked.body, headers=headers
        )
        body = answer.data.replace(sandbox.url.encode(), service.url.encode())
        return Answer(answer.status, body, {"Content-Type": "application/json"})

    service.answer = forward
    monkeypatch.setenv("FORMLABS_HOST", service.url)
    yield service
    pool.clear()


def page_of(asked: Asked) -> int:
    return int(dict(asked.arguments).get("page", 0)) if asked.path.endswith("/prints/") else 0


def before_page(gate: Loopback, number: int, action: Callable[[], Any]) -> None:
    """Run a function once, when a page is requested."""
    forward = gate.answer
    assert forward is not None
    done: List[Any] = []

    def answer(asked: Asked) -> Answer:
        if page_of(asked) == number and not done:
            done.append(True)
            found = action()
            if isinstance(found, Answer):
                return found
        return forward(asked)

    gate.answer = answer


@pytest.fixture
def whole(run: Run) -> Dict[str, bytes]:
    """The exports of all prints without a failure."""
    return {name: run("export", "prints", "-f", name).out.encode() for name in ("csv", "jsonl")}


def export(target: Path, *more: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, str(PROGRAM), "export", "prints", "-o", str(target), *more],
        env={**os.environ, "PROGRAM_NOW": NOW.isoformat()},
        stderr=subprocess.PIPE,
    )


@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
@pytest.mark.parametrize("page", range(1, PAGES + 1))
def test_killed_export_is_continued_to_a_complete_file(
    page: int, suffix: str, gate: Loopback, whole: Dict[str, bytes], tmp_path: Path
) -> None:
    target = tmp_path / f"prints.{suffix}"
    started: SimpleQueue[subprocess.Popen[bytes]] = SimpleQueue()
    before_page(gate, page, lambda: started.get(timeout=60).send_signal(signal.SIGKILL))
    with export(target) as process:
        started.put(process)
        assert process.wait(60) == -signal.SIGKILL
    assert not target.exists()
    before = len(gate.asked)
    with export(target) as process:
        _, notes = process.communicate(timeout=60)
        assert process.returncode == 0
    if page > 1:
        assert notes.startswith(f"continues after {page - 1}00 rows".encode())
    assert target.read_bytes().replace(b"\r\n", b"\n") == whole[suffix].replace(b"\r\n", b"\n")
    assert os.listdir(tmp_path) == [target.name]
    read = [page_of(asked) for asked in gate.asked[before:] if page_of(asked)]
    assert read == list(
        range(max(page - 1, 1), PAGES + 1)
    )  # the last page that it had is read again


def test_rows_after_the_last_complete_page_are_written_again(
    gate: Loopback, run: Run, whole: Dict[str, bytes], tmp_path: Path
) -> None:
    target = tmp_path / "prints.csv"
    before_page(gate, 3, lambda: Answer(501))
    failed = run("export", "prints", "-o", str(target))
    assert failed.code == 1
    assert "200 rows are kept; the same command continues from there" in failed.err
    with (tmp_path / "prints.csv.part").open("ab") as part:
        part.write(b'half a row, "and it is qu')
    assert run("export", "prints", "-o", str(target)).code == 0
    assert rows(target.read_text()) == rows(whole["csv"].decode())


def test_continued_export_has_moved_rows_once(gate: Loopback, run: Run, tmp_path: Path) -> None:
    target = tmp_path / "prints.csv"
    before_page(gate, 3, lambda: Answer(501))
    run("export", "prints", "-o", str(target))
    forward = gate.answer
    assert forward is not None

    def moved(asked: Asked) -> Answer:
        """Thirty prints have started since: each page begins with the end of the one before."""
        answer = forward(asked)
        number = page_of(asked)
        if number > 1:
            content = json.loads(answer.payload)
            other = Asked(
                "GET",
                asked.target.replace(f"page={number}", f"page={number - 1}"),
                asked.headers,
                b"",
            )
            earlier = json.loads(forward(other).payload)["results"]
            content["results"] = [*earlier[-30:], *content["results"][:70]]
            return Answer(200, content, answer.headers)
        return answer

    gate.answer = moved
    assert run("export", "prints", "-o", str(target)).code == 0
    guids = [row["guid"] for row in rows(target.read_text())]
    assert (
        len(guids) == len(set(guids)) == 370
    )  # the last thirty are on a page that does not exist yet


def test_ctrl_c_keeps_the_exported_rows_for_the_next_run(
    gate: Loopback, run: Run, tmp_path: Path
) -> None:
    target = tmp_path / "prints.csv"
    target.write_text("of yesterday")
    started: SimpleQueue[subprocess.Popen[bytes]] = SimpleQueue()
    forward = gate.answer
    before_page(gate, 3, lambda: started.get(timeout=60).send_signal(signal.SIGINT))
    with export(target) as process:
        started.put(process)
        _, notes = process.communicate(timeout=60)
        assert process.returncode == 130
        assert b"kept; the same command" in notes
    assert target.read_text() == "of yesterday"
    gate.answer = forward
    continued = run("export", "prints", "-o", str(target))
    assert "continues after" in continued.err
    assert len(rows(target.read_text())) == 400


def test_export_target_opened_by_another_program_loses_no_row(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on Windows, where a file that Excel has open cannot be replaced."""
    target = tmp_path / "prints.csv"
    target.write_text("open in Excel")
    replace = os.replace

    def refuse(source: Any, destination: Any) -> None:
        if Path(destination) == target:
            raise PermissionError(13, "Permission denied", str(destination))
        replace(source, destination)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", refuse)
        patch.setattr(Path, "replace", lambda self, new: refuse(self, new))
        ran = run("export", "prints", "-o", str(target))
    assert (ran.code, target.read_text()) == (1, "open in Excel")
    assert "400 rows are kept" in ran.err
    assert run("export", "prints", "-o", str(target)).code == 0
    assert len(rows(target.read_text())) == 400


def test_export_without_fcntl_locks_with_msvcrt(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    locked: List[int] = []

    class Msvcrt:
        LK_NBLCK = 2

        @staticmethod
        def locking(handle: int, mode: int, length: int) -> None:
            if locked:
                raise OSError(36, "Resource deadlock avoided")
            locked.append(handle)

    monkeypatch.setitem(sys.modules, "fcntl", None)
    monkeypatch.setitem(sys.modules, "msvcrt", Msvcrt)
    assert run("export", "printers", "-o", str(tmp_path / "one.csv")).code == 0
    ran = run("export", "printers", "-o", str(tmp_path / "two.csv"))
    assert (ran.code, "another export is writing it" in ran.err) == (1, True)


def test_link_in_place_of_the_part_file_is_refused(run: Run, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text("of somebody else")
    (tmp_path / "all.csv.part").symlink_to(other)
    assert run("export", "printers", "-o", str(tmp_path / "all.csv")).code == 1
    assert other.read_text() == "of somebody else"


def test_continued_export_keeps_the_dates_of_the_first_run(
    gate: Loopback, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = ["export", "prints", "--since", "80d", "-o", str(tmp_path / "prints.csv")]
    before_page(gate, 2, lambda: Answer(501))
    run(*arguments)
    monkeypatch.setattr(session, "clock", lambda: NOW + timedelta(hours=1))
    run(*arguments)
    asked = {dict(one.arguments)["date__gt"] for one in gate.asked if page_of(one)}
    assert len(asked) == 1


@pytest.mark.parametrize(
    "change",
    ["--name=jig", "--utc", "--format=jsonl", "--fresh", "too old"],
)
def test_export_with_other_parameters_starts_again(
    change: str, gate: Loopback, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = ["export", "prints", "-o", str(tmp_path / "prints.csv"), "--until", "today"]
    before_page(gate, 3, lambda: Answer(501))
    run(*arguments)
    if change == "too old":
        state = tmp_path / "prints.csv.part.json"
        old = NOW.timestamp() - MAX_RESUME_AGE.total_seconds() - 1
        os.utime(state, (old, old))
    else:
        arguments.append(change)
    before = len(gate.asked)
    ran = run(*arguments)
    assert ran.code == 0
    assert "goes on" not in ran.err
    assert next(page_of(one) for one in gate.asked[before:] if page_of(one)) == 1


def test_export_killed_before_its_first_row_starts_without_a_note(
    gate: Loopback, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "prints.csv"
    started: SimpleQueue[subprocess.Popen[bytes]] = SimpleQueue()
    before_page(gate, 1, lambda: started.get(timeout=60).send_signal(signal.SIGKILL))
    with export(target) as process:
        started.put(process)
        assert process.wait(60) == -signal.SIGKILL
    assert run("export", "prints", "-o", str(target)).err == f"{target}: 400 rows\n"


def test_empty_export_names_a_filter_that_may_be_wrong(run: Run, tmp_path: Path) -> None:
    ran = run("export", "prints", "--status", "finishd", "-o", str(tmp_path / "none.csv"))
    assert ran.err.endswith('No status is known as "finishd" (did you mean FINISHED?)\n')


def test_export_with_an_unreadable_state_starts_again(
    gate: Loopback, run: Run, tmp_path: Path
) -> None:
    target = tmp_path / "prints.csv"
    before_page(gate, 3, lambda: Answer(501))
    run("export", "prints", "-o", str(target))
    (tmp_path / "prints.csv.part.json").write_text("{")
    assert run("export", "prints", "-o", str(target)).code == 0
    assert len(rows(target.read_text())) == 400


def test_two_exports_do_not_write_the_same_file(gate: Loopback, run: Run, tmp_path: Path) -> None:
    target = tmp_path / "prints.csv"
    second: List[Any] = []

    def start_another() -> None:
        with export(target) as process:
            second.append(process.communicate(timeout=60)[1])

    before_page(gate, 2, start_another)
    assert run("export", "prints", "-o", str(target)).code == 0
    assert b"another export is writing it" in second[0]
    assert len(rows(target.read_text())) == 400


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_csv_escapes_texts_that_begin_like_a_formula_but_not_numbers(start: str) -> None:
    text = f'"{start}cmd|x",-1.7,-3,plain,2026-01-01\r\n'
    assert formats._without_formulas(text).partition(",")[0].strip('"')[:2] == f"'{start}"
    assert formats._without_formulas(text).endswith(",-1.7,-3,plain,2026-01-01\r\n")


def test_excel_option_writes_a_byte_order_mark_semicolons_and_local_times(
    run: Run, tmp_path: Path
) -> None:
    target = tmp_path / "prints.csv"
    assert run("export", "prints", "--excel", "-o", str(target)).code == 0
    text = target.read_text(encoding="utf-8")
    assert text.startswith("\ufeffguid;name;printer;")
    found = list(csv.DictReader(text[1:].splitlines(), delimiter=";"))
    raw = {row["guid"]: row for row in rows(run("export", "prints", "--raw").out)}
    for row in found:
        started = datetime.fromisoformat(raw[row["guid"]]["print_started_at"])
        assert row["print_started_at"] == f"{started.astimezone():%Y-%m-%d %H:%M:%S}"
        assert row["volume_ml"].replace(",", ".") == raw[row["guid"]]["volume_ml"]


def test_excel_option_is_refused_with_raw_and_other_formats(run: Run) -> None:
    assert run("export", "prints", "--excel", "--raw").code == 2
    assert run("export", "prints", "--excel", "--format", "jsonl").code == 2


def test_error_for_output_on_a_listing_names_export(run: Run) -> None:
    ran = run("prints", "-o", "prints.csv")
    assert (ran.code, "export prints -o FILE" in ran.err) == (2, True)
