"""``login``, ``--config`` and the sources of credentials."""

from __future__ import annotations

import os
import stat
import sys
import types
from datetime import timedelta
from pathlib import Path
from typing import Any, Dict, Tuple

import pytest

from formlabs_web_api.cli import credentials
from formlabs_web_api.cli.commands import doctor
from formlabs_web_api.sandbox import Sandbox
from test.cli.conftest import NOW, Run


@pytest.fixture
def no_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)


def log_in(run: Run, sandbox: Sandbox, *more: str) -> Any:
    arguments = ["login", "--client-id", sandbox.client_id, "--host", sandbox.url, *more]
    return run(*arguments, stdin=f"{sandbox.client_secret}\n")


@pytest.mark.usefixtures("no_keyring")
def test_stored_credentials_are_used_and_private(bare_run: Run, sandbox: Sandbox) -> None:
    ran = log_in(bare_run, sandbox)
    path = credentials.stored_at()
    assert (ran.code, ran.out) == (0, "")
    assert (
        ran.err
        == f"The credentials are stored; the secret is in {path}, which only you can read.\n"
    )
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert bare_run("status").code == 0
    assert bare_run("logout").err == "The credentials are removed.\n"
    assert not path.exists()
    assert bare_run("status").code == 3
    assert bare_run("logout").err == "No credentials were stored.\n"


@pytest.mark.usefixtures("no_keyring")
def test_login_stores_the_host_of_the_environment(
    bare_run: Run, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORMLABS_HOST", sandbox.url)
    ran = bare_run("login", "--client-id", sandbox.client_id, stdin=f"{sandbox.client_secret}\n")
    assert ran.code == 0
    monkeypatch.delenv("FORMLABS_HOST")
    assert bare_run("status").code == 0


@pytest.mark.usefixtures("no_keyring")
def test_login_refuses_an_invalid_host_before_a_request(bare_run: Run, tmp_path: Path) -> None:
    ran = bare_run("login", "--host", "foo", "--no-check")
    assert (ran.code, ran.out) == (2, "")
    assert "Invalid value for --host" in ran.err
    assert "https:// or http://" in ran.err
    assert "client id" not in ran.err.lower()
    path = credentials.stored_at()
    path.parent.mkdir(parents=True)
    path.write_text("[formlabs]\nhost = foo\nclient_id = a\nclient_secret = b\n")
    ran = bare_run("status")
    assert ran.code == 2
    assert ran.err.startswith(f"Error: {path}: host is ")


@pytest.mark.usefixtures("no_keyring")
def test_login_replaces_a_file_that_others_can_read(bare_run: Run, sandbox: Sandbox) -> None:
    path = credentials.stored_at()
    path.parent.mkdir(parents=True)
    path.write_text("[formlabs]\n")
    path.chmod(0o644)
    log_in(bare_run, sandbox)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.usefixtures("no_keyring")
def test_login_does_not_store_wrong_credentials(bare_run: Run, sandbox: Sandbox) -> None:
    arguments = ["login", "--client-id", sandbox.client_id, "--host", sandbox.url]
    ran = bare_run(*arguments, stdin="wrong\n")
    assert ran.code == 3
    assert not credentials.stored_at().exists()
    assert bare_run(*arguments, "--no-check", stdin="wrong\n").code == 0
    assert bare_run(*arguments, stdin="\n").code == 2


def fake_keyring(works: bool) -> Tuple[types.ModuleType, Dict[Tuple[str, str], str]]:
    kept: Dict[Tuple[str, str], str] = {}

    def set_password(service: str, user: str, password: str) -> None:
        if not works:
            raise RuntimeError("no keyring is running")
        kept[service, user] = password

    module = types.ModuleType("keyring")
    vars(module).update(
        set_password=set_password,
        get_password=lambda service, user: kept.get((service, user)),
        delete_password=lambda service, user: kept.pop((service, user)),
    )
    return module, kept


def test_secret_is_stored_in_an_available_keyring(
    bare_run: Run, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    module, kept = fake_keyring(works=True)
    monkeypatch.setitem(sys.modules, "keyring", module)
    assert "the secret is in the system's keyring" in log_in(bare_run, sandbox).err
    assert list(kept.values()) == [sandbox.client_secret]
    assert sandbox.client_secret not in credentials.stored_at().read_text()
    assert bare_run("status").code == 0
    bare_run("logout")
    assert not kept


@pytest.mark.parametrize("more", [[], ["--no-keyring"]])
def test_secret_is_stored_in_the_file_if_the_keyring_fails(
    more: Any, bare_run: Run, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    module, kept = fake_keyring(works=bool(more))
    monkeypatch.setitem(sys.modules, "keyring", module)
    log_in(bare_run, sandbox, *more)
    assert not kept
    assert sandbox.client_secret in credentials.stored_at().read_text()
    assert bare_run("status").code == 0


def test_config_file_takes_precedence_over_the_environment(
    run: Run, own_sandbox: Sandbox, tmp_path: Path
) -> None:
    path = tmp_path / "mine.ini"
    path.write_text(
        f"[formlabs]\nhost = {own_sandbox.url}\nclient_id = {own_sandbox.client_id}\n"
        f"client_secret = {own_sandbox.client_secret}\n"
    )
    assert run("--config", str(path), "status").code == 0
    assert run("status", "--config", str(path)).code == 0
    assert [one.path for one in own_sandbox.requests if "printers" in one.path]


@pytest.mark.usefixtures("no_keyring")
def test_environment_takes_precedence_over_stored_credentials(
    run: Run, own_sandbox: Sandbox, sandbox: Sandbox
) -> None:
    log_in(run, own_sandbox)
    asked = len(own_sandbox.requests)
    assert run("status").code == 0
    assert len(own_sandbox.requests) == asked


def test_access_token_alone_authorizes_a_command(
    run: Run, sandbox: Sandbox, tmp_path: Path
) -> None:
    token = run("token", "get").out.strip()
    path = tmp_path / "token.ini"
    path.write_text(f"[formlabs]\nhost = {sandbox.url}\naccess_token = {token}\n")
    assert run("--config", str(path), "status").code == 0
    refused = run("--config", str(path), "token", "get")
    assert (refused.code, refused.out) == (3, "")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("client_id = abc\nclient_secret = hush\n", "is not an INI file with a section [formlabs]"),
        ("[formlab]\nclient_secret = hush\n", "has no section [formlabs]"),
        ("[formlabs]\nclient_secrt = hush\n", "client_secrt is not a setting; they are host,"),
        ("[formlabs]\nclient_secret = hush\n", "has no client_id"),
        ("[formlabs]\nhost = ftp://hush\n", "https:// or http://, a name"),
    ],
)
def test_invalid_credentials_file_is_refused_without_showing_secrets(
    text: str, message: str, bare_run: Run, tmp_path: Path
) -> None:
    path = tmp_path / "bad.ini"
    path.write_text(text)
    ran = bare_run("--config", str(path), "status")
    assert (ran.code, message in ran.err) == (2, True)
    assert "= hush" not in ran.err


def test_token_of_token_get_works_until_it_is_revoked(run: Run, sandbox: Sandbox) -> None:
    import urllib3

    token = run("token", "get").out
    assert token.endswith("\n")
    headers = {"Authorization": f"Bearer {token.strip()}"}
    url = f"{sandbox.url}/developer/v1/printers/"
    with urllib3.PoolManager() as pool:
        assert pool.request("GET", url, headers=headers).status == 200
        revoked = run("token", "revoke", stdin=token)
        assert (revoked.code, revoked.out, revoked.err) == (0, "", "The token is revoked.\n")
        assert pool.request("GET", url, headers=headers).status == 401
    assert run("token", "revoke").code == 1


def test_doctor_finds_no_problem_with_a_sandbox(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "clock", lambda: NOW)  # as in the sandbox
    ran = run("doctor")
    assert ran.code == 0
    verdicts = [line.split()[:2] for line in ran.out.splitlines() if line[0] != " "]
    about = ["credentials", "host", "TLS", "clock", "token", "account", "limits"]
    assert verdicts == [["ok", one] for one in about]


def test_doctor_advises_without_credentials(
    run: Run, unused_host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORMLABS_HOST", unused_host)
    ran = run("doctor")
    assert ran.code == 5
    assert "No server listens at this address" in ran.out
    for name in ("FORMLABS_CLIENT_ID", "FORMLABS_CLIENT_SECRET"):
        monkeypatch.delenv(name)
    none = run("doctor")
    assert none.code == 3
    assert "formlabs-web-api login" in none.out


def test_doctor_reports_refused_credentials(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORMLABS_CLIENT_SECRET", "wrong")
    ran = run("doctor")
    assert ran.code == 3
    assert "Compare client id and client secret" in ran.out


def test_doctor_warns_if_others_can_read_the_credentials(
    bare_run: Run, sandbox: Sandbox, tmp_path: Path
) -> None:
    path = tmp_path / "open.ini"
    path.write_text(
        f"[formlabs]\nhost = {sandbox.url}\nclient_id = {sandbox.client_id}\n"
        f"client_secret = {sandbox.client_secret}\n"
    )
    path.chmod(0o644)
    ran = bare_run("doctor", "--config", str(path))
    assert f"chmod 600 {path}" in ran.out
    assert ran.code == 0
    os.chmod(path, 0o600)
    assert "chmod" not in bare_run("doctor", "--config", str(path)).out


def test_doctor_reports_a_wrong_clock(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for wrong, message in ((0, "right"), (-120, "2 min slow"), (3600, "1 h 00 min fast")):
        shifted = NOW + timedelta(seconds=wrong)
        monkeypatch.setattr(doctor, "clock", lambda shifted=shifted: shifted)
        line = next(line for line in run("doctor").out.splitlines() if " clock " in line)
        assert line.endswith(message)


def write_file(path: Path, **settings: str) -> str:
    lines = [f"{name} = {value}\n" for name, value in settings.items()]
    path.write_text("".join(["[formlabs]\n", *lines]))
    return str(path)


@pytest.mark.usefixtures("no_keyring")
def test_client_id_of_a_file_is_not_combined_with_a_secret_of_the_environment(
    run: Run, sandbox: Sandbox, tmp_path: Path
) -> None:
    path = write_file(tmp_path / "half.ini", host=sandbox.url, client_id=sandbox.client_id)
    ran = run("--config", path, "status")
    assert (ran.code, "has no client_secret" in ran.err) == (2, True)
    assert sandbox.client_secret not in ran.err


def test_config_file_without_a_host_is_refused_if_the_environment_names_one(
    run: Run, sandbox: Sandbox, tmp_path: Path
) -> None:
    pair = {"client_id": sandbox.client_id, "client_secret": sandbox.client_secret}
    ran = run("--config", write_file(tmp_path / "mine.ini", **pair), "status")
    assert ran.code == 2
    assert "mine.ini" in ran.err
    assert "the environment names a host" in ran.err


@pytest.mark.usefixtures("no_keyring")
def test_environment_without_a_host_is_refused_if_login_stored_one(
    run: Run, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    log_in(run, sandbox)
    monkeypatch.delenv("FORMLABS_HOST")
    ran = run("groups", "delete", "Prototype Workshop", "--yes")
    assert ran.code == 2
    assert str(credentials.stored_at()) in ran.err


@pytest.mark.parametrize("around", ["{}\n", " {}", "\ufeff{}", "{}\r\n"])
def test_white_space_around_a_credential_is_refused_by_name(
    around: str, run: Run, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORMLABS_CLIENT_SECRET", around.format(sandbox.client_secret))
    ran = run("status")
    assert (ran.code, "client_secret" in ran.err) == (2, True)
    assert sandbox.client_secret not in ran.err
