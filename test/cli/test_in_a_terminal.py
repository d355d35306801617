"""Output of commands in a terminal, and input typed there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Callable, Iterator, List

import pytest

from formlabs_web_api.cli.app import COMMANDS
from formlabs_web_api.sandbox import Sandbox
from test.cli.conftest import Run
from test.support.terminal import Terminal

Start = Callable[..., Terminal]
Golden = Callable[[str, str], None]

COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@pytest.mark.parametrize(
    "command", ["status", "printers", "prints -n 6", "events -n 6", "groups list"]
)
@pytest.mark.parametrize("columns", [60, 80, 132])
def test_table_fits_the_width_of_the_terminal(
    command: str, columns: int, terminal: Start, golden: Golden
) -> None:
    shown = terminal(*command.split(), columns=columns)
    assert shown.end() == 0
    text = "\n".join(line.rstrip() for line in shown.text.split("\n"))
    assert all(_width(line) <= columns for line in text.split("\n"))
    golden(f"terminal-{columns}-{command.split()[0]}", text)


def test_a_name_that_the_terminal_cannot_show_does_not_end_the_listing(terminal: Start) -> None:
    command = ["prints", "--printer", "RobustSalmon", "-n", "1"]
    shown = terminal(*command, PYTHONIOENCODING="ascii")
    assert shown.end() == 0
    assert "?? ??" in shown.text


def test_json_on_a_terminal_that_lacks_a_character_keeps_it_escaped(terminal: Start) -> None:
    shown = terminal("printer", "RobustSalmon", "--json", lines=200, PYTHONIOENCODING="ascii")
    assert shown.end() == 0
    assert "\\u6b6f\\u8eca" in shown.text


def test_colours_are_shown_unless_no_color_is_set(terminal: Start) -> None:
    coloured, plain = terminal("status"), terminal("status", NO_COLOR="1")
    assert coloured.end() == plain.end() == 0
    assert COLOUR.search(coloured.raw)
    assert "\x1b" not in plain.raw
    assert plain.text == coloured.text


def test_progress_bar_has_no_colour_with_no_color(terminal: Start, tmp_path: Path) -> None:
    shown = terminal("export", "prints", "-o", str(tmp_path / "prints.csv"), NO_COLOR="1")
    assert shown.end() == 0
    assert "400 of 400" in shown.text
    assert not [code for code in COLOUR.findall(shown.raw) if code not in ("\x1b[0m", "\x1b[m")]


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("printers", "Serial Type State"),
        ("prints", "Started Printer Print Outcome"),
        ("events", "When Event Printer Print"),
    ],
)
def test_narrow_terminal_keeps_the_most_important_columns(
    command: str, words: str, terminal: Start
) -> None:
    shown = terminal(command, columns=60)
    assert shown.end() == 0
    assert shown.text.splitlines()[0].split() == words.split()
    assert "in pro…" not in shown.text


def test_status_watch_shows_that_it_is_loading(terminal: Start) -> None:
    watch = terminal("status", "--watch", PROGRAM_LOOKS="1")
    assert watch.end() == 0
    assert watch.text.index("loading ...") < watch.text.index("updated at")


def test_json_is_indented_on_a_terminal(terminal: Start) -> None:
    shown = terminal("printer", "SnugTapir", "--json")
    assert shown.end() == 0
    assert shown.text.startswith('{\n  "serial": "SnugTapir",\n')


def test_status_watch_redraws_in_place_with_one_request_per_update(
    terminal: Start, sandbox: Sandbox, run: Run
) -> None:
    sandbox.forget_requests()
    watch = terminal("status", "--watch", "--every", "4", PROGRAM_LOOKS="3")
    assert watch.end() == 0
    paths = [one.path for one in sandbox.requests]
    assert paths == ["/developer/v1/o/token/", *["/developer/v1/printers/"] * 3]
    assert watch.raw.count("\x1b[?1049h") == watch.raw.count("\x1b[?1049l") == 1
    assert _is_given_back(watch.raw)
    assert watch.text.count("updated at 14:00:00") == 3 * 4  # the seconds are counted down
    assert "next update in 4 s, Ctrl-C ends" in watch.text
    assert "next update in 1 s, Ctrl-C ends" in watch.text


def test_status_watch_of_a_large_fleet_shows_the_most_urgent(terminal: Start) -> None:
    watch = terminal("status", "--watch", lines=12, PROGRAM_LOOKS="1")
    assert watch.end() == 0
    assert "PatientPuffin" in watch.text
    assert "QuaintRaven" not in watch.text
    assert "and 8 more, less urgent" in watch.text


def test_ctrl_c_ends_status_watch_without_a_traceback(terminal: Start) -> None:
    watch = terminal("status", "--watch")
    watch.wait_for("next update in 15 s")
    watch.type("\x03")
    assert watch.end() == 0
    assert _is_given_back(watch.raw)
    assert "Traceback" not in watch.text


def test_status_watch_continues_when_the_service_is_unreachable(
    terminal: Start, unused_host: str
) -> None:
    watch = terminal("status", "--watch", FORMLABS_HOST=unused_host, PROGRAM_LOOKS="2")
    assert watch.end() == 0
    assert (
        "14:00:00 not reached: Connection refused; next update in 15 s, Ctrl-C ends" in watch.text
    )
    assert "Traceback" not in watch.text


def test_deleting_a_group_asks_for_confirmation(
    terminal: Start, own_sandbox: Sandbox, credentials_of: Callable[[Sandbox], None]
) -> None:
    credentials_of(own_sandbox)
    for answer, code in (("n", 1), ("\x03", 130)):
        asked = terminal("groups", "delete", "Prototype Workshop")
        asked.wait_for('Delete "Prototype Workshop" with 8 printers and 5 members? [y/N]: ')
        asked.type(f"{answer}\n")
        assert asked.end() == code
        assert "Traceback" not in asked.text
    assert not [one for one in own_sandbox.requests if one.method == "DELETE"]
    agreed = terminal("groups", "delete", "Prototype Workshop")
    agreed.wait_for("? [y/N]: ")
    agreed.type("y\n")
    assert agreed.end() == 0
    assert own_sandbox.requests[-1].method == "DELETE"


def test_typed_secret_is_not_echoed(terminal: Start, sandbox: Sandbox) -> None:
    login = terminal(
        "login", "--host", sandbox.url, FORMLABS_CLIENT_ID="", FORMLABS_CLIENT_SECRET=""
    )
    login.wait_for("Client id: ")
    login.type(f"{sandbox.client_id}\n")
    login.wait_for("Client secret: ")
    login.type(f"{sandbox.client_secret}\n")
    assert login.end() == 0
    assert sandbox.client_secret not in login.text
    assert "The credentials are stored" in login.text


def test_token_is_not_shown_on_a_terminal_without_show(terminal: Start) -> None:
    hidden = terminal("token", "get")
    assert hidden.end() == 1
    assert "--show" in hidden.text
    shown = terminal("token", "get", "--show")
    assert shown.end() == 0
    assert re.fullmatch(r"[\w-]{20,}\n", shown.text)


def test_export_shows_its_progress(terminal: Start, tmp_path: Path) -> None:
    export = terminal("export", "prints", "-o", str(tmp_path / "prints.csv"))
    assert export.end() == 0
    assert "400 of 400" in export.text
    assert export.text.endswith("prints.csv: 400 rows\n")
    quiet = terminal("export", "prints", "-o", str(tmp_path / "prints.csv"), "--quiet")
    assert quiet.end() == 0
    assert quiet.raw == ""


def commands() -> Iterator[List[str]]:
    """The program, its commands and their subcommands."""
    yield []
    of_groups = {
        "groups": "list create rename delete queue invite promote remove add-printers",
        "export": "prints events printers tanks cartridges groups",
        "token": "get revoke",
    }
    for name in COMMANDS:
        yield [name]
        for inner in of_groups.get(name, "").split():
            yield [name, inner]


@pytest.mark.parametrize("command", list(commands()), ids=" ".join)
def test_help_fits_a_terminal(command: List[str], bare_run: Run) -> None:
    ran = bare_run(*command, "--help")
    assert ran.code == 0
    lines = ran.out.splitlines()
    assert lines[0].startswith(" ".join(["Usage: formlabs-web-api", *command]))
    assert max(len(line) for line in lines) <= 80
    assert "{" not in ran.out
    assert "<" not in ran.out
    assert "..." not in ran.out.partition("Commands:")[2]  # a first sentence is not cut off
    assert bare_run(*command, "-h").out == ran.out


def test_help_of_the_program_names_its_commands(bare_run: Run, golden: Golden) -> None:
    golden("commands", bare_run("--help").out.partition("Commands:\n")[2])


def test_shell_completion_works(terminal: Start) -> None:
    def completed(*words: str) -> List[str]:
        settings: Any = {
            "_FORMLABS_WEB_API_COMPLETE": "complete_bash",
            "COMP_WORDS": " ".join(["formlabs-web-api", *words]),
            "COMP_CWORD": str(len(words)),
        }
        shown = terminal(**settings)
        assert shown.end() == 0
        return shown.text.split()

    assert completed("car") == ["cartridges"]
    assert completed("groups", "re") == ["rename", "remote-print", "remove"]
    assert "FINISHED" in completed("prints", "--status", "FIN")
    assert "--speed" in completed("sandbox", "--sp")
    assert completed("export", "prints", "--format", "p") == ["parquet"]


def _is_given_back(raw: str) -> bool:
    """Return True if the cursor and the earlier lines are restored."""
    return raw.rfind("\x1b[?25h") > raw.rfind("\x1b[?25l") and raw.rfind("\x1b[?1049l") > raw.rfind(
        "\x1b[?1049h"
    )


def _width(line: str) -> int:
    from rich.cells import cell_len

    return cell_len(line)
