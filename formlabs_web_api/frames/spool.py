"""A file that keeps the pages of a listing until its data frame is complete.

The first line is the question: the account, the listing and its arguments. Each further line is a
page: its number, the keys of its rows and a checksum, then a tab and its rows. A line is valid once
it is whole, so that a file can be continued after a kill at any moment: what follows its last valid
line is cut off.
"""

from __future__ import annotations

import json
import os
import stat
import time
import zlib
from contextlib import contextmanager, suppress
from datetime import datetime, timezone
from typing import (
    TYPE_CHECKING,
    Any,
    Dict,
    Generator,
    Iterator,
    List,
    Mapping,
    NoReturn,
    Optional,
    TypeVar,
    Union,
    cast,
)

from formlabs_web_api._util.files import open_locked
from formlabs_web_api._util.json import is_array, is_object
from formlabs_web_api._util.signed_urls import redact_signed_urls
from formlabs_web_api._version import __version__
from formlabs_web_api.exceptions import ApiValueError
from formlabs_web_api.hooks import logger
from formlabs_web_api.models._base import Model
from formlabs_web_api.models._reading import read_json
from formlabs_web_api.paging import MAX_RESUME_AGE, row_key

if TYPE_CHECKING:
    from formlabs_web_api._util.json import Json
    from formlabs_web_api.configuration import Configuration
    from formlabs_web_api.paging import Pages

M = TypeVar("M", bound=Model)
SpoolPath = Union[str, "os.PathLike[str]"]

_NO_QUESTION = frozenset(
    ("prefetch", "_request_timeout", "_request_auth", "_headers", "_retries", "_deadline")
)
"""Arguments that change how the pages are read, not what is on them."""
_MARK = b'{"spool": "formlabs_web_api"'
"""How each spool begins, so that no other file is overwritten."""


class Spool:
    """The pages of one listing in a file that is open and locked.

    Args:
        path: The file; it is created, readable by its owner only, if it does not exist.
        question: What decides which rows there are, and on which page each of them is.
        secrets: True to keep signed addresses, which give anybody access to a picture.

    Raises:
        ApiValueError: The file holds the rows of another question or is not a spool, or another
            program is reading into it.
        OSError: The file cannot be written, or is a symbolic link.
    """

    def __init__(self, path: SpoolPath, question: Mapping[str, Json], secrets: bool) -> None:
        self.path = os.fspath(path)
        self.page_number = 0
        """Number of the page read last; 0 for none."""
        self.keys: List[str] = []
        """The key of each row."""
        self.is_empty = True
        """True if no page is kept."""
        self._question: Dict[str, Json] = {"version": __version__, **question, "secrets": secrets}
        self._secrets = secrets
        try:
            self._file = open_locked(self.path)
        except BlockingIOError:
            self._refuse("is in use by another program")
        try:
            self._load()
        except BaseException:
            self._file.close()
            raise

    def _load(self) -> None:
        status = os.fstat(self._file.fileno())
        head = self._file.readline()
        if not (head.startswith(_MARK) or _MARK.startswith(head)):
            self._refuse("is another file, which would be overwritten")
        is_whole = head.endswith(b"\n")
        if is_whole:
            self._check(head)
        if stat.S_IMODE(status.st_mode) & 0o077:
            is_by_descriptor = os.chmod in os.supports_fd
            target = self._file.fileno() if is_by_descriptor else self.path
            os.chmod(target, 0o600)  # fails if somebody else owns the file
        self._pages_at = len(head)
        is_recent = time.time() - status.st_mtime < MAX_RESUME_AGE.total_seconds()
        if not is_recent:
            logger.warning("%s is out of date; the listing is read from its beginning", self.path)
        if not (is_whole and is_recent and self._load_pages()):
            self._begin()

    def _begin(self) -> None:
        """Write the first line, and forget pages that cannot be continued."""
        self.page_number, self.keys, self.is_empty = 0, [], True
        self._file.seek(0)
        self._file.truncate()
        head = _MARK + b", " + json.dumps(self._question).encode()[1:] + b"\n"
        self._file.write(head)
        self._file.flush()
        self._pages_at = len(head)

    def _check(self, head: bytes) -> None:
        try:
            found: Any = json.loads(head)
        except ValueError:
            self._refuse("is damaged")
        before = {name: value for name, value in found.items() if name != "spool"}
        names = sorted({*before, *self._question})
        differing = [name for name in names if before.get(name) != self._question.get(name)]
        if "account" in differing or "host" in differing:
            self._refuse("holds rows of another account")
        if "version" in differing:
            self._refuse(f"was written by version {before.get('version')} of this package")
        if differing:
            texts = [
                f"{name} was {before.get(name)!r}, not {self._question.get(name)!r}"
                for name in differing
            ]
            self._refuse(f"holds rows of another question: {'; '.join(texts)}")

    def _load_pages(self) -> bool:
        """Read the index of the valid pages and cut off the rest.

        Returns:
            False if rows have no keys, so that rows read twice could not be recognized.
        """
        end = self._pages_at
        for line in self._file:
            page = _index_of(line)
            if page is None:
                break
            end += len(line)
            self.page_number = page["page"]
            if None in page["keys"]:
                return False
            self.keys += page["keys"]
            self.is_empty = False
        self._file.seek(end)
        self._file.truncate()
        return True

    def add(self, page_number: int, rows: List[Any]) -> None:
        """Append a page."""
        values = [json.loads(row.to_json()) if isinstance(row, Model) else row for row in rows]
        text = json.dumps(values if self._secrets else redact_signed_urls(values)).encode()
        # A row that is not a model, a null for example, is in no frame.
        keys = [row_key(row) for row in rows if isinstance(row, Model)]
        index = {"page": page_number, "crc": zlib.crc32(text), "keys": keys}
        self._file.seek(0, os.SEEK_END)
        self._file.write(json.dumps(index).encode() + b"\t" + text + b"\n")
        self._file.flush()
        self.is_empty = False

    def pages(self, kind: Any) -> Iterator[List[Any]]:
        """Yield the rows of each page as models of a class."""
        self._file.seek(self._pages_at)
        for line in iter(self._file.readline, b""):
            yield read_json(List[kind], line.partition(b"\t")[2])

    def close(self, remove: bool) -> None:
        """Unlock the file; remove it or let another call continue it."""
        is_left = remove and not _removed(self.path)
        with suppress(OSError):  # a full disk, which writing has reported
            self._file.close()
        if is_left:
            _removed(self.path)

    def _refuse(self, reason: str) -> NoReturn:
        raise ApiValueError(
            f"spool: {self.path} {reason}; name another file, or remove it to begin again"
        )


def question_of(
    configuration: Configuration, listing: str, filters: Mapping[str, Any]
) -> Dict[str, Json]:
    """Return what decides which rows a listing has, and on which page each of them is.

    Raises:
        ApiValueError: The configuration does not name the account, or the call has another one.
    """
    if filters.get("_request_auth") is not None:
        raise ApiValueError("spool: leave out _request_auth, which may be of another account")
    account = configuration.account or configuration.client_id
    if not account:
        raise ApiValueError("spool: name the account with Configuration(account=...)")
    asked = {
        name: _plain(value)
        for name, value in filters.items()
        if value is not None and name not in _NO_QUESTION
    }
    return {"host": configuration.host, "account": account, "listing": listing, **asked}


def _plain(value: Any) -> Json:
    """Return an argument as JSON, the same for equal times of different zones."""
    if isinstance(value, (bool, int, float)):
        return value
    if is_array(value):
        return [_plain(item) for item in value]
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(timezone.utc).isoformat()
    return str(value)


@contextmanager
def opened_spool(
    path: SpoolPath, question: Mapping[str, Json], secrets: bool
) -> Generator[Spool, None, None]:
    """Open a spool, and remove it at the end; after an exception its pages are kept."""
    spool = Spool(path, question, secrets)
    try:
        yield spool
    except BaseException:
        if not spool.is_empty:
            logger.warning("%s keeps the pages read; the same call continues", spool.path)
        spool.close(remove=spool.is_empty)
        raise
    spool.close(remove=True)


def kept_pages(pages: Pages[M], spool: Spool) -> Iterator[List[M]]:
    """Yield the pages in a spool, then those that are missing in it, each once it is kept."""
    if spool.keys:
        pages.resume(spool.page_number, spool.keys)
    unread = iter(pages)
    # Before the kept pages, so that they are judged by the clock of the service.
    page = next(unread, None)
    yield from spool.pages(pages.item_type)
    while page is not None:
        if page:
            spool.add(pages.page_number, page)
        yield page
        page = next(unread, None)


def _removed(path: str) -> bool:
    """Return True if a file could be removed; Windows removes no open one."""
    with suppress(OSError):
        os.unlink(path)
        return True
    return False


def _index_of(line: bytes) -> Optional[Dict[str, Any]]:
    """Return the number of a page and the keys of its rows; None if the line is not whole."""
    index, _, rows = line.partition(b"\t")
    try:
        found = cast("Json", json.loads(index))
    except ValueError:
        return None
    if not is_object(found) or not rows.endswith(b"\n"):
        return None
    return found if found.get("crc") == zlib.crc32(rows[:-1]) else None
