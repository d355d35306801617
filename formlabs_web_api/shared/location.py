"""The location of an account's shared state, and checks that its file is safe to use."""

from __future__ import annotations

import hashlib
import os
import stat
import sys
from pathlib import Path
from typing import Optional
from urllib.parse import unquote, urlsplit

from formlabs_web_api._util.files import describe_unwritable
from formlabs_web_api.shared.store import SharedStateError

_NETWORK_FILE_SYSTEMS = {
    *("afs", "ceph", "cifs", "fuse.ceph", "fuse.glusterfs", "fuse.sshfs", "gfs2", "glusterfs"),
    *("lustre", "ncpfs", "nfs", "nfs4", "ocfs2", "smb2", "smb3", "smbfs"),
}
"""Their locks do not work between hosts, or not with the shared memory that SQLite needs."""


def account_key(service_host: str, account: str) -> str:
    """Return a short name of an account at a service that does not reveal the client id."""
    text = f"{service_host.lower()}\n{account}"
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:24]


def default_file(key: str) -> Path:
    """Return the file of an account in the user's state directory, and make that directory."""
    if sys.platform == "win32":
        root = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        root = Path.home() / "Library" / "Application Support"
    else:
        root = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    folder = root / "formlabs_web_api"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SharedStateError(f"shared: the folder {folder} cannot be made: {error}") from None
    return folder / f"shared-{key}.sqlite3"


def sqlite_file(url: str) -> Path:
    """Return the path in a ``sqlite:///path`` address; raise SharedStateError if it has none."""
    parts = urlsplit(url)
    path = unquote(parts.path)
    if parts.netloc or len(path) < 2 or parts.query or parts.fragment:
        shown = str.__str__(url).rpartition("@")[2]  # of a database server's address, for example
        raise SharedStateError(
            f"shared: {shown!r} names no file; write sqlite:///relative.sqlite3 or"
            " sqlite:////absolute/path.sqlite3"
        )
    return Path(path[1:])


def prepare_file(path: Path) -> None:
    """Create ``path`` for this user alone, or check that an existing file is safe to use.

    Raises:
        SharedStateError: the folder does not exist or cannot be written, the path is a symbolic
            link or no regular file, the file belongs to another user or can be read by others, or
            it is on a network file system.
    """
    folder = path.parent
    if not folder.is_dir():
        raise SharedStateError(f"shared: the folder {folder} does not exist; make it first")
    kind = _file_system(folder)
    if kind in _NETWORK_FILE_SYSTEMS:
        raise SharedStateError(
            f"shared: {path} is on a network file system ({kind}), where SQLite cannot lock;"
            " use a local folder, or redis://... to share between hosts"
        )
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
    if path.is_symlink():
        raise SharedStateError(f"shared: {path} is a symbolic link; name the file itself")
    try:
        descriptor = os.open(path, flags, 0o600)
    except OSError as error:
        raise SharedStateError(f"shared: {describe_unwritable(path, error)}") from None
    try:
        _check_owner(path, os.fstat(descriptor), descriptor)
    finally:
        os.close(descriptor)


def _check_owner(path: Path, status: os.stat_result, descriptor: int) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise SharedStateError(f"shared: {path} is not a regular file")
    if sys.platform == "win32":
        return
    if status.st_uid != os.geteuid():
        raise SharedStateError(f"shared: {path} belongs to another user; choose a file of your own")
    if stat.S_IMODE(status.st_mode) & 0o077:
        os.fchmod(descriptor, 0o600)


def _file_system(folder: Path) -> Optional[str]:
    """Return the type of the file system that holds ``folder``; None except on Linux."""
    try:
        mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return None
    target = os.path.realpath(folder)
    best, kind = "", None
    for line in mounts.splitlines():
        left, _, right = line.partition(" - ")
        fields = left.split(" ")
        if len(fields) < 5 or not right:
            continue
        point = fields[4].replace("\\040", " ")
        inside = target == point or target.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(best):
            best, kind = point, right.split(" ", 1)[0]
    return kind
