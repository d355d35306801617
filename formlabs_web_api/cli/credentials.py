"""The credentials of a run: from ``--config``, the environment, or the file written by login.

A credentials file is an INI file with one section, ``[formlabs]``, and the keys below. If the
package ``keyring`` is installed, the secret is in the system's keyring instead.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import Any, Dict, NamedTuple, Optional

from formlabs_web_api._core.credential_sources import (
    Source,
    check_source,
    environment_source,
    missing_half,
    variable_of,
)
from formlabs_web_api._util.files import atomic_write_text
from formlabs_web_api.cli.failures import USAGE, Failure
from formlabs_web_api.exceptions import ApiValueError

__all__ = ["check", "find", "forget", "is_private", "read", "store", "stored_at", "variable_of"]

SECTION = "formlabs"
KEYS = ("host", "client_id", "client_secret", "access_token")
_FOLDER = "formlabs-web-api"
_FILE = "credentials.ini"


class Credentials(NamedTuple):
    """Host and credentials for a client, and their source."""

    settings: Dict[str, str]
    """Arguments of ``Configuration``; only those that are set."""
    source: str
    """Description of the source."""
    file: Optional[Path] = None

    @property
    def origin(self) -> Source:
        """The source, for the rules of :mod:`formlabs_web_api._core.credential_sources`."""
        return Source(self.source, self.settings)

    def missing_half(self) -> Optional[str]:
        """Return which of client id and client secret is missing while the other is given."""
        return missing_half(self.origin)


def stored_at() -> Path:
    """Return the path of the file that login writes, in the platform's folder for settings."""
    import typer

    return Path(typer.get_app_dir(_FOLDER)) / _FILE


def find(config: Optional[Path]) -> Credentials:
    """Return the credentials of this run, all from one source; empty if none are set.

    Raises:
        Failure: The file cannot be read or parsed.
    """
    if config is not None:
        return Credentials(read(config), str(config), config)
    environment = environment_source()
    if environment.has_credentials:
        return Credentials(dict(environment.settings), environment.name)
    stored = stored_at()
    if stored.exists():
        return Credentials(read(stored), str(stored), stored)
    return Credentials(dict(environment.settings), "nowhere")


def check(found: Credentials) -> None:
    """Check credentials against the other sources.

    Raises:
        Failure: Client id or secret is missing, or only another source names a host.
    """
    others = [environment_source()]
    stored = stored_at()
    if stored.exists():
        with suppress(Failure):  # this run does not use the invalid file of another source
            others.append(Source(str(stored), read(stored)))
    try:
        check_source(found.origin, [one for one in others if one.name != found.source])
    except ApiValueError as error:
        raise Failure(str(error), USAGE) from None


def read(path: Path) -> Dict[str, str]:
    """Read the settings in a file; read the secret from the keyring if the file has none.

    Raises:
        Failure: The file cannot be read or is invalid; the message contains no values.
    """
    import configparser

    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(path.read_text(encoding="utf-8"), str(path))
    except OSError as error:
        raise Failure(f"{path}: {error.strerror}", USAGE) from None
    except (configparser.Error, UnicodeDecodeError):
        # The parser's message contains the line, which may hold a secret.
        raise Failure(f"{path} is not an INI file with a section [{SECTION}]", USAGE) from None
    if not parser.has_section(SECTION):
        raise Failure(f"{path} has no section [{SECTION}]", USAGE)
    settings = dict(parser[SECTION])
    unknown = sorted(set(settings) - set(KEYS))
    if unknown:
        known = ", ".join(KEYS)
        raise Failure(f"{path}: {', '.join(unknown)} is not a setting; they are {known}", USAGE)
    if settings.get("client_id") and not settings.get("client_secret"):
        secret = _keyring_secret(settings["client_id"])
        if secret is not None:
            settings["client_secret"] = secret
    return {name: value for name, value in settings.items() if value}


def is_private(path: Path) -> bool:
    """Return True if only its owner can read a file; always True on Windows."""
    return os.name == "nt" or not path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)


def store(client_id: str, client_secret: str, host: Optional[str], use_keyring: bool) -> str:
    """Store credentials for later runs; return a description of where the secret is.

    Raises:
        OSError: The file cannot be written.
    """
    settings = {"host": host, "client_id": client_id}
    keyring = _keyring() if use_keyring else None
    if keyring is not None and _kept_in(keyring, client_id, client_secret):
        where = "the system's keyring"
    else:
        settings["client_secret"] = client_secret
        where = f"{stored_at()}, which only you can read"
    lines = [f"{name} = {value}\n" for name, value in settings.items() if value]
    _write_private(stored_at(), "".join([f"[{SECTION}]\n", *lines]))
    return where


def forget() -> bool:
    """Remove the stored credentials; return True if there were any."""
    path = stored_at()
    if not path.exists():
        return False
    keyring = _keyring()
    if keyring is not None:
        import configparser

        parser = configparser.ConfigParser(interpolation=None)
        parser.read(path, encoding="utf-8")
        with suppress(Exception):  # each of keyring's many backends raises other errors
            keyring.delete_password(_FOLDER, parser.get(SECTION, "client_id", fallback=""))
    path.unlink()
    return True


def _write_private(path: Path, text: str) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with atomic_write_text(path, mode=0o600) as file:
        file.write(text)


def _keyring() -> Any:
    """Return the module keyring, or None if it is not installed."""
    import importlib

    try:
        return importlib.import_module("keyring")
    except ImportError:
        return None


def _kept_in(keyring: Any, client_id: str, client_secret: str) -> bool:
    try:
        keyring.set_password(_FOLDER, client_id, client_secret)
    except Exception:  # installed without a usable keyring, as on most servers
        return False
    return True


def _keyring_secret(client_id: str) -> Optional[str]:
    keyring = _keyring()
    if keyring is None:
        return None
    try:
        secret: Optional[str] = keyring.get_password(_FOLDER, client_id)
    except Exception:
        return None
    return secret
