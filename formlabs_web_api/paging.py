"""Iterate over paginated listings: lazily, each row once, resumable.

:class:`Pages` fetches pages; :class:`Items` iterates over their rows. A page is an object with
``results``, ``count`` and ``next``, or a list. Pages are requested by number: ``next`` is only used
to detect that another page exists, and its address is never followed.
"""

from __future__ import annotations

from concurrent.futures import Future
from datetime import timedelta
from functools import partial
from threading import Thread
from typing import (
    Any,
    Callable,
    Dict,
    FrozenSet,
    Generic,
    Iterable,
    Iterator,
    List,
    NamedTuple,
    Optional,
    Set,
    Type,
    TypeVar,
    cast,
)

from typing_extensions import Protocol

from formlabs_web_api._core.call_scope import CallScope
from formlabs_web_api._util.displayable import Displayable
from formlabs_web_api._util.fork import after_fork
from formlabs_web_api._util.json import is_array
from formlabs_web_api._util.waiting import until_done
from formlabs_web_api.exceptions import ResponseException

T = TypeVar("T")

MAX_RESUME_AGE = timedelta(hours=6)
"""Age up to which rows kept in a file are continued with; older ones are out of date."""
_JOIN_SECONDS = 5.0
"""Maximum wait for a background thread whose request was cancelled."""
_MAX_REREADS = 5
"""Re-read a shifting listing at most this often in a row without finding a new row."""


class Rows(Displayable, List[T]):
    """A list of models as the service sent it, with the fields of its envelope, if any."""

    def __init__(
        self,
        items: Any = (),
        count: Optional[int] = None,
        next: Optional[str] = None,
        previous: Optional[str] = None,
        more: Optional[Dict[str, Any]] = None,
    ) -> None:
        super().__init__(items)
        self.total = len(self) if count is None else count
        """Number of rows over all pages."""
        self.next = next
        """Address of the next page; None on the last page and for a bare list."""
        self.previous = previous
        """Address of the previous page."""
        self.more = more or {}
        """Undocumented fields of the envelope."""


class Owner(Protocol):
    """An object that closes the resources attached to it when it is closed."""

    def attach(self, resource: Prefetcher) -> None: ...
    def detach(self, resource: Prefetcher) -> None: ...


class Pages(Generic[T]):
    """The pages of a listing, each a list of items, fetched lazily.

    Rows move from page to page while a listing is read. If rows were inserted in front, a row is
    received twice (same ``guid``, ``id`` or ``serial``); the second one is dropped, so a page may
    be shorter than requested. If rows were removed, those behind them move up, and one of them
    could move from the next page to the one just read and be missed. A page is therefore accepted
    only if it continues what was read: it contains a row that was read before, or the total is the
    same as with the previous page. Otherwise the previous page is read again first. So each row
    that exists during the whole iteration is returned exactly once, as long as new rows are
    inserted in front, as prints and events are.

    Args:
        fetch: Returns the page of a number.
        item: Type of the items.
        limit: Maximum number of items.
        start_page: Number of the first page; used to resume after an error.
        prefetch: Number of pages fetched ahead in background threads. It pays off if responses
            take long; each fetched page counts against the rate limit. Pages fetched at the same
            time may be read by the service in any order: a row that is removed at the moment at
            which another is added could be missed.

    An exception raised while a page is fetched has the page's number as ``.page``; pass it as
    ``start_page`` to resume. The address in ``next`` is not followed because behind a gateway it
    may name the gateway's upstream.
    """

    def __init__(
        self,
        fetch: Callable[[int], object],
        item: Type[T],
        *,
        limit: Optional[int] = None,
        start_page: int = 1,
        prefetch: int = 0,
    ) -> None:
        self._fetch = fetch
        self.item_type = item
        self._limit = limit
        self._start_page = start_page
        self._prefetch = prefetch
        self.owner: Optional[Owner] = None
        """The client; closing it ends the background threads."""
        self.count: Optional[int] = None
        """Number of items according to the first page; None before it is fetched."""
        self.page_number = start_page
        """Number of the page read last."""
        self._read_before: FrozenSet[str] = frozenset()

    def resume(self, page_number: int, keys: Iterable[str]) -> None:
        """Continue an iteration that ended early, in another process for example.

        The page read last is read again, since rows may have moved to it meanwhile; the pages
        before it are read again up to one with a row that was read before. Those rows are dropped.

        Args:
            page_number: Number of the page read last: its :attr:`page_number`.
            keys: The :func:`row_key` of each row returned so far.
        """
        self.page_number = page_number
        self._read_before = frozenset(keys)

    def items(self) -> Items[T]:
        """Return an iterable of the items of these pages."""
        return Items(self)

    def __iter__(self) -> Iterator[List[T]]:
        owner = self.owner if self._prefetch else None
        prefetcher = Prefetcher(self._get, self._prefetch)
        if owner is not None:
            owner.attach(prefetcher)
        try:
            yield from self._read(prefetcher)
        finally:
            prefetcher.close()
            if owner is not None:
                owner.detach(prefetcher)

    def _read(self, ahead: Prefetcher) -> Iterator[List[T]]:
        seen: Set[str] = set(self._read_before)
        left = None if self._limit is None else max(0, self._limit - len(seen))
        number = self.page_number if seen else self._start_page
        before: Optional[_Page] = None  # the previous page, if it was the last one read
        size = returns = repeats = 0
        while True:
            page = ahead.get(number)
            may_return = number > self._start_page and (before is None or returns < _MAX_REREADS)
            if may_return and not page.follows(before, seen):
                returns += before is not None
                number, before = number - 1, None
                ahead.forget()
                continue
            repeats = repeats + 1 if page.repeats(before) else 0
            if page.gone is not None:
                if self.count is not None and size * (number - 1) >= self.count:
                    return  # the last page has a ``next`` that does not exist
                raise page.gone
            size = max(size, len(page.rows))
            self._check(page, number, repeats)
            if self.count is None:
                self.count = page.total

            fresh = [row for row, key in zip(page.rows, page.keys) if _is_new(key, seen)][:left]
            left = None if left is None else left - len(fresh)
            self.page_number = number
            goes_on = bool(page.next) and left != 0
            if goes_on:
                ahead.start(number + 1, self._last(page, number))
            if fresh or not returns:
                yield fresh
            if not goes_on:
                return
            returns = 0 if fresh else returns
            number, before = number + 1, page

    def _last(self, page: _Page, number: int) -> int:
        """Return the number of the last page to fetch, from the total and the limit."""
        size = max(1, len(page.rows))
        last = -(-(page.total or 0) // size)
        if self._limit is not None:
            last = min(last, self._start_page - 1 + -(-self._limit // size))
        return max(number + 1, last)

    def _get(self, number: int) -> _Page:
        try:
            content = self._fetch(number)
            if content is None:
                raise ResponseException(status=204, reason=f"Page {number} has no content")
            return _Page.of(content)
        except Exception as error:
            cast("Any", error).page = number
            if number > self._start_page and getattr(error, "status", None) == 404:
                return _Page([], [], None, None, gone=error)
            raise

    def _check(self, page: _Page, number: int, repeats: int) -> None:
        if repeats > _MAX_REREADS:
            reason = f"Page {number} is refused: it is the same as the pages before"
            error = ResponseException(status=200, reason=reason)
            error.page = number
            raise error

    def __repr__(self) -> str:
        count = "not fetched yet" if self.count is None else f"{self.count} items"
        return f"<{type(self).__name__} of {self.item_type.__name__}, {count}>"


class Items(Generic[T]):
    """The items of a listing over all its pages, fetched lazily."""

    def __init__(self, pages: Pages[T]) -> None:
        self._pages = pages

    @property
    def item_type(self) -> Type[T]:
        """The class of the items, also if the listing is empty."""
        return self._pages.item_type

    @property
    def count(self) -> Optional[int]:
        """Number of items according to the first page; None before it is fetched."""
        return self._pages.count

    def __iter__(self) -> Iterator[T]:
        for page in self._pages:
            yield from page

    def __repr__(self) -> str:
        return repr(self._pages).replace("Pages", "Items", 1)


class _Page(NamedTuple):
    """The rows and links of a page that was received as an envelope or as a bare list."""

    rows: List[Any]
    keys: List[Optional[str]]
    """The :func:`row_key` of each row."""
    total: Optional[int]
    next: Optional[str]
    gone: Optional[Exception] = None
    """The 404 of a page that the ``next`` of the previous page had named."""

    @classmethod
    def of(cls, content: Any) -> _Page:
        """Convert the result of an operation."""
        is_list = is_array(content)
        rows: List[Any] = content if is_list else content.results or []
        total = getattr(content, "total" if is_list else "count", None)
        known = total if isinstance(total, int) else None
        return cls(rows, [row_key(row) for row in rows], known, getattr(content, "next", None))

    def follows(self, before: Optional[_Page], seen: Set[str]) -> bool:
        """Return True if no row can have moved from this page to one already read."""
        if not seen:
            return True  # rows without identity
        if any(key in seen for key in self.keys):
            return True
        return before is not None and self.total == before.total and self.gone is None

    def repeats(self, before: Optional[_Page]) -> bool:
        """Return True if the page equals the previous one, which has another number."""
        return before is not None and bool(self.rows) and self._content == before._content

    @property
    def _content(self) -> Any:
        return self.total, self.rows if None in self.keys else self.keys


class Prefetcher:
    """Fetches pages, some of them ahead in background threads.

    The threads end when the iteration ends or the client is closed: their requests are cancelled,
    and :meth:`close` waits until the threads have ended.
    """

    def __init__(self, fetch: Callable[[int], _Page], max_ahead: int) -> None:
        self._fetch = fetch
        self._max_ahead = max_ahead
        self._started: Dict[int, Future[_Page]] = {}
        self._threads: Dict[Thread, CallScope] = {}
        after_fork(self, Prefetcher._forget_threads)

    def start(self, first: int, last: int) -> None:
        """Start fetching these pages, at most ``max_ahead`` of them."""
        self._threads = {thread: s for thread, s in self._threads.items() if thread.is_alive()}
        for number in range(first, min(last, first + self._max_ahead - 1) + 1):
            if number in self._started:
                continue
            future: Future[_Page] = Future()
            scope = CallScope(can_be_cancelled=True)
            work = partial(_fetch_into, future, scope, self._fetch, number)
            thread = Thread(target=work, name="formlabs_web_api-page", daemon=True)
            if not _starts(thread):
                return  # the page is fetched when it is requested
            self._started[number] = future
            self._threads[thread] = scope

    def get(self, number: int) -> _Page:
        """Return a page; raise the exception that was raised while it was fetched."""
        future = self._started.pop(number, None)
        if future is None:
            return self._fetch(number)
        until_done(future)
        return future.result()

    def forget(self) -> None:
        """Discard the pages fetched ahead, so that they are fetched again."""
        self._started.clear()

    def close(self) -> None:
        """Cancel the requests in progress and wait for their threads to end."""
        threads, self._threads = self._threads, {}
        for scope in threads.values():
            scope.cancel()
        for thread in threads:
            thread.join(_JOIN_SECONDS)

    def _forget_threads(self) -> None:
        self._started.clear()
        self._threads = {}


def _starts(thread: Thread) -> bool:
    try:
        thread.start()
    except RuntimeError:  # the system cannot create another thread
        return False
    return True


def _fetch_into(
    future: Future[_Page], scope: CallScope, fetch: Callable[[int], _Page], number: int
) -> None:
    try:
        with scope:
            page = fetch(number)
        future.set_result(page)
    except BaseException as error:
        future.set_exception(error)


def row_key(row: Any) -> Optional[str]:
    """Return the identity of a row in its listing: guid, id or serial; None if it has none."""
    for name in ("guid", "id", "serial"):
        key = getattr(row, name, None)
        if isinstance(key, int) or (isinstance(key, str) and key):
            return str(key)
    return None


def _is_new(key: Optional[str], seen: Set[str]) -> bool:
    if key is None:
        return True
    new = key not in seen
    seen.add(key)
    return new
