"""The watcher: polls, compares, stores, and hands out changes one by one."""

from __future__ import annotations

import sqlite3
import sys
import threading
import time
from collections import deque
from datetime import datetime
from types import TracebackType
from typing import (
    TYPE_CHECKING,
    Any,
    Callable,
    Deque,
    FrozenSet,
    Iterable,
    Iterator,
    List,
    Optional,
    Sequence,
    Tuple,
    Type,
    Union,
)

from typing_extensions import Self

from formlabs_web_api._core.call import plain_integer
from formlabs_web_api._util.checks import check_seconds, is_finite_number
from formlabs_web_api.exceptions import ApiException, ApiValueError, is_outage
from formlabs_web_api.hooks import logger
from formlabs_web_api.models.derived.clock import resolve_now
from formlabs_web_api.models.derived.raw import text
from formlabs_web_api.watch.changes import Change, kinds_of
from formlabs_web_api.watch.comparison import Rules, time_of
from formlabs_web_api.watch.diff import compare
from formlabs_web_api.watch.dispatcher import Dispatcher
from formlabs_web_api.watch.history import PrintHistory, ServiceHistory
from formlabs_web_api.watch.lookback import Lookback, lookback
from formlabs_web_api.watch.outbox import Letter, Outbox
from formlabs_web_api.watch.pace import Pace
from formlabs_web_api.watch.records import FleetUpdate
from formlabs_web_api.watch.sinks import FleetObserver, FleetPoll, Sink
from formlabs_web_api.watch.state import State, StatePath, WatchStateError

if TYPE_CHECKING:
    from formlabs_web_api.api_client import ApiClient
    from formlabs_web_api.models.derived import PrintRunDerived
    from formlabs_web_api.models.developer_apimy_printer import DeveloperAPIMyPrinter

CALLER = "caller"
"""The name of the receiver that iterates or polls."""
_SHORTEST_GAP, _LONGEST_GAP = 600.0, 3_600.0
"""Seconds without a poll after which the history is read for all printers: between these."""
_STOP_SECONDS = 30.0
_PER_PAGE = 100.0


class _HistoryReader:
    """Reads what a poll needs of the history, row by row: a month of it need not fit in memory."""

    def __init__(self, history: PrintHistory, plan: Lookback) -> None:
        self._history = history
        self._plan = plan
        self.rows = 0
        self.has_failed = False
        """True if the service could not be read completely; the rest is read later."""

    def runs(self) -> Iterator[PrintRunDerived]:
        """Return the rows, as far as they can be read."""
        try:
            for reading in self._plan.readings:
                for run in self._history.prints_since(reading.since, reading.printer):
                    self.rows += 1
                    yield run
        except ApiException as error:
            if not is_outage(error):
                raise
            logger.warning("The print history is read later: %s", error)
            self.has_failed = True


class Watcher(Iterator[Change]):
    """Reports the changes of a fleet, each one once; made by ``client.watch()``.

    Iterate to wait for changes as they come, or call :meth:`poll` from a schedule of your own.
    A change counts as delivered when the next one is asked for. What :meth:`poll` returned counts
    as delivered at the next :meth:`poll`. Both count as delivered at :meth:`close`, unless an
    exception is on its way then. What does not count as delivered comes again from the same state.

    Args:
        client: The client to poll with.
        every: Seconds between two polls; more while little is left of the request allowance.
        state: File of the state; None keeps it in memory, and nothing survives the process.
        since: With a new state, report what the history dates after this time, and the cartridges
            that are low already. None means that the first poll is the baseline, and only what
            comes after it is reported. A naive time is local.
        kinds: Kinds of changes to report; None means all.
        printers: Serials of printers to report on; None means all.
        history: Where past prints are read from, a mirror for example; None means the service.
        steps: Steps of progress to report, in percent: ``(25, 50, 75)``.
        low_ml: Volume at and below which a cartridge is low, in ml.
        account: Name of the account, against which the state is checked; None means the client id.
        sinks: Receivers that get each change besides the caller.
        clock: Seconds that never go back, for tests.
        pause: Waits for some seconds, for tests; it returns True to end the iteration.

    Raises:
        ValueError: An argument is invalid; a kind is unknown, for example.
        WatchStateError: the state cannot be used.
    """

    def __init__(
        self,
        client: ApiClient,
        every: float = 30.0,
        state: Optional[StatePath] = None,
        since: Optional[datetime] = None,
        kinds: Union[str, Iterable[str], None] = None,
        printers: Union[str, Iterable[str], None] = None,
        history: Optional[PrintHistory] = None,
        *,
        steps: Iterable[float] = (),
        low_ml: float = 100.0,
        account: Optional[str] = None,
        sinks: Sequence[Sink] = (),
        clock: Callable[[], float] = time.monotonic,
        pause: Optional[Callable[[float], object]] = None,
    ) -> None:
        check_seconds("every", every, zero=False)
        self._client = client
        self._pace = Pace(every)
        self._since = None if since is None else resolve_now(since)
        self._kinds = kinds_of(kinds)
        self._printers = _serials(printers)
        self._history = history or ServiceHistory(client)
        self._rules = Rules(_checked_steps(steps), _checked_volume(low_ml))
        self._clock = clock
        self._closing = threading.Event()
        self._pause = pause or self._closing.wait
        self._lock = threading.RLock()
        self._queue: Deque[Letter] = deque()
        self._in_hand: List[Letter] = []
        self._listed: Sequence[DeveloperAPIMyPrinter] = ()
        self._next_poll_at: Optional[float] = None
        _check_names(sinks)
        self._sink_names = [CALLER, *(sink.name for sink in sinks)]
        self._has_checked_printers = account is not None
        account = account or client.configuration.client_id
        self._state = State(state, account)
        try:
            self._outbox = Outbox(self._state)
            self._fleet = self._state.load()
            self._queue.extend(self._outbox.pending(CALLER))
        except BaseException:
            self._state.close()
            raise
        self._observers = [sink for sink in sinks if isinstance(sink, FleetObserver)]
        self._dispatchers = [Dispatcher(self._outbox, sink) for sink in sinks]
        client.attach(self)
        for dispatcher in self._dispatchers:
            dispatcher.start()

    def __repr__(self) -> str:
        where = self._state.path or "memory"
        return f"<Watcher of {len(self._fleet.printers)} printers, state in {where}>"

    @property
    def outbox(self) -> Outbox:
        """The changes found and their deliveries."""
        return self._outbox

    @property
    def serials(self) -> FrozenSet[str]:
        """The serials of the printers in the account, as of the last poll."""
        printers = self._fleet.printers.values()
        return frozenset(printer.serial for printer in printers if not printer.is_removed)

    @property
    def printers(self) -> Sequence[DeveloperAPIMyPrinter]:
        """The printers that it reports on, as the last poll listed them."""
        return self._listed

    @property
    def is_closed(self) -> bool:
        """True if :meth:`close` was called."""
        return self._closing.is_set()

    # Handing out changes

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Change:
        """Return the next change, after polling until there is one.

        An outage of the service is waited out. The iteration ends when the watcher is closed.

        Raises:
            ApiException: the service refuses for good, because of wrong credentials for example.
            WatchStateError: the state can no longer be written.
        """
        with self._lock:
            if not self.is_closed:
                self._acknowledge()
        while not self.is_closed:
            with self._lock:
                if self._queue:
                    letter = self._queue.popleft()
                    self._in_hand = [letter]
                    return letter.change
            wait = 0.0 if self._next_poll_at is None else self._next_poll_at - self._clock()
            if wait > 0 and self._pause(wait):
                break
            if not self.is_closed:
                self._poll_on_schedule()
        raise StopIteration

    def poll(self) -> List[Change]:
        """Poll once and return the changes that were not delivered yet, oldest first.

        It never waits for the next poll to be due; how often it is called is up to the caller.

        Raises:
            ApiException: the list of printers cannot be read. Nothing is lost: the next poll
                compares with the last one that succeeded.
            WatchStateError: the state can no longer be written.
        """
        with self._lock:
            if self.is_closed:
                raise ApiValueError("this watcher is closed; make a new one")
            self._acknowledge()
            self._poll()
            self._in_hand = list(self._queue)
            self._queue.clear()
            return [letter.change for letter in self._in_hand]

    def _acknowledge(self) -> None:
        letters, self._in_hand = self._in_hand, []
        if letters:
            numbers = [letter.number for letter in letters]
            self._outbox.mark_delivered(CALLER, numbers, time.time())

    # Polling

    def _poll_on_schedule(self) -> None:
        with self._lock:
            if self.is_closed:
                return
            started = self._clock()
            try:
                self._poll()
                pause = self._pace.after_success(self._client.quota)
            except ApiException as error:
                if self.is_closed or not is_outage(error):
                    raise
                pause = self._pace.after_failure(error)
            self._next_poll_at = started + pause

    def _poll(self) -> None:
        printers = _list_of(self._client)
        now = max(self._client.now(), time_of(self._fleet.polled_at))
        self._check_printers(printers)
        gap = min(max(_SHORTEST_GAP, 4 * self._pace.every), _LONGEST_GAP)
        plan = lookback(self._fleet, printers, now, gap, self._since)
        reader = _HistoryReader(self._history, plan)
        changes, update = compare(
            *(self._fleet, printers, reader.runs(), now, self._rules, self._since)
        )
        self._note_reading(update, plan, reader)
        self._store(update, [change for change in changes if self._is_wanted(change)])
        for dispatcher in self._dispatchers:
            dispatcher.wake()
        wanted = self._printers
        self._listed = [one for one in printers if wanted is None or text(one, "serial") in wanted]
        serials = self.serials if wanted is None else self.serials & wanted
        poll = FleetPoll(self._listed, serials, now, self._pace.interval)
        for observer in self._observers:
            observer.observe(poll)

    def _note_reading(self, update: FleetUpdate, plan: Lookback, reader: _HistoryReader) -> None:
        owed_since = self._fleet.owed_since
        if reader.has_failed:
            failed_since = min(reading.since for reading in plan.readings).timestamp()
            update.times["owed"] = min(failed_since, owed_since or failed_since)
            update.times["failed"] = update.times["polled"]
            return
        if owed_since and plan.covers(owed_since):
            update.times["owed"] = 0.0
        if plan.is_sweep:
            update.times["swept"] = update.times["polled"]
            update.times["pages"] = 0.0 if plan.is_deep else reader.rows / _PER_PAGE
        if plan.is_deep:
            update.times["deep"] = update.times["polled"]
        for guid in plan.sought:
            run = update.runs.get(guid) or self._fleet.runs[guid]
            if not run.has_ended:
                update.runs[guid] = run._replace(was_sought=True)

    def _store(self, update: FleetUpdate, changes: List[Change]) -> None:
        try:
            with self._state.transaction() as database:
                self._state.store(database, update)
                self._outbox.add(database, changes, self._sink_names)
                if "forgot" in update.times:
                    self._outbox.forget_delivered(database, time.time())
        except sqlite3.Error as error:
            where = self._state.path or "the state in memory"
            raise WatchStateError(f"{where} cannot be written: {error}") from error
        self._fleet.apply(update)
        if changes:
            in_hand = {letter.number for letter in self._in_hand}
            letters = self._outbox.pending(CALLER)
            self._queue = deque(letter for letter in letters if letter.number not in in_hand)

    def _is_wanted(self, change: Change) -> bool:
        return (self._kinds is None or change.kind in self._kinds) and (
            self._printers is None or change.printer in self._printers
        )

    def _check_printers(self, printers: Sequence[object]) -> None:
        """Refuse a state all of whose printers are foreign to the account.

        Without a client id that is all there is to recognize the account by.
        """
        if self._has_checked_printers:
            return
        self._has_checked_printers = True
        known = self.serials
        listed = {text(printer, "serial") for printer in printers} - {""}
        if known and listed and not known & listed:
            raise WatchStateError(
                f"{self._state.path or 'the state'} is of other printers, so of another account; "
                "name another file or, if the account is right, give its name as account="
            )

    # Lifetime

    def close(self) -> None:
        """Count what is in hand as delivered, and release the state; closing twice does no harm.

        While an exception is on its way, what is in hand does not count as delivered.
        """
        self._close(acknowledge=sys.exc_info()[0] is None)

    def _close(self, acknowledge: bool) -> None:
        if self.is_closed:
            return
        self._closing.set()  # ends a wait of another thread
        with self._lock:
            try:
                if acknowledge:
                    self._acknowledge()
            finally:
                for dispatcher in self._dispatchers:
                    dispatcher.stop(_STOP_SECONDS)
                self._state.close()
                self._client.detach(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        self._close(acknowledge=kind is None)


def _list_of(client: ApiClient) -> List[Any]:
    """Return the complete list of printers, in one request unless the service pages it."""
    from formlabs_web_api.api.printers_api import PrintersApi

    api = PrintersApi(client)
    printers = api.printers_list()
    return list(api.printers_list_iter() if getattr(printers, "next", None) else printers)


def _serials(printers: Union[str, Iterable[str], None]) -> Optional[FrozenSet[str]]:
    if printers is None:
        return None
    return frozenset([printers] if isinstance(printers, str) else printers)


def _checked_steps(steps: Iterable[float]) -> Tuple[float, ...]:
    found = [plain_integer(step) for step in steps]
    if not all(is_finite_number(step) and 0 < step < 100 for step in found):
        raise ValueError(f"steps: percentages between 0 and 100 are needed, not {found}")
    return tuple(sorted(map(float, found)))


def _checked_volume(low_ml: float) -> float:
    volume = plain_integer(low_ml)
    if not is_finite_number(volume) or volume < 0:
        raise ValueError(f"low_ml: a volume in ml, 0 or more, is needed, not {low_ml!r}")
    return float(volume)


def _check_names(sinks: Sequence[Sink]) -> None:
    names = [CALLER, *(sink.name for sink in sinks)]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(
            f"sinks: each needs a name of its own, not {', '.join(twice)} (used more than once or "
            "by the watcher itself)"
        )
