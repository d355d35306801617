"""Delivery of the outbox to one receiver: a step that sends what is due, and a thread around it."""

from __future__ import annotations

import random
import threading
import time
from typing import Callable, List, Optional, Set

from formlabs_web_api._util.text import one_line
from formlabs_web_api.hooks import logger
from formlabs_web_api.watch.outbox import Letter, Outbox
from formlabs_web_api.watch.sinks import Delivery, DeliveryResult, Sink, retry_delay

_LONGEST_REASON = 200
_AT_ONCE = 100
"""Changes read from the outbox at once."""
_LONGEST_PAUSE = 3_600.0
"""Seconds after which the outbox is looked at again in any case: a clock may be set."""


class Dispatcher:
    """Sends changes to one receiver.

    Args:
        outbox: Where the changes are.
        sink: The receiver.
        clock: Seconds since the epoch.
        chance: A number from 0 to 1, for the jitter of delays.
    """

    def __init__(
        self,
        outbox: Outbox,
        sink: Sink,
        clock: Callable[[], float] = time.time,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._outbox = outbox
        self._sink = sink
        self._clock = clock
        self._chance = chance
        self._wake = threading.Event()
        self._is_stopping = False
        self._thread: Optional[threading.Thread] = None

    def deliver_due(self) -> int:
        """Send what is due and return how many changes were delivered; never wait."""
        delivered = 0
        letters = self._due()
        while letters:
            failed: Set[str] = set()
            for letter in letters:
                if self._is_stopping:
                    return delivered
                if letter.change.printer in failed:
                    continue
                result = self._attempt(letter)
                delivered += result is DeliveryResult.DELIVERED
                if result is DeliveryResult.RETRY:
                    failed.add(letter.change.printer)  # its later changes wait
                elif result is DeliveryResult.DISABLED:
                    return delivered
            letters = self._due()
        return delivered

    def _due(self) -> List[Letter]:
        return self._outbox.due(self._sink.name, self._clock(), _AT_ONCE)

    def _attempt(self, letter: Letter) -> DeliveryResult:
        try:
            delivery = self._sink.deliver(letter.change)
        except Exception as error:
            delivery = Delivery(DeliveryResult.RETRY, f"{type(error).__name__}: {error}")
        self._record(letter, delivery)
        return delivery.result

    def _record(self, letter: Letter, delivery: Delivery) -> None:
        name, now = self._sink.name, self._clock()
        if delivery.result is DeliveryResult.DELIVERED:
            self._outbox.mark_delivered(name, [letter.number], now)
            return
        reason = one_line(delivery.reason)[:_LONGEST_REASON]
        if delivery.result is DeliveryResult.DISABLED:
            self._outbox.mark_failed(name, letter.number, reason, now, now)
            self._outbox.disable(name, reason)
            logger.warning("Sink %s takes no more changes: %s", name, reason)
            return
        if delivery.retry_in is not None and delivery.result is DeliveryResult.RETRY:
            self._outbox.postpone(name, letter.number, reason, now + delivery.retry_in)
            return
        delay = None
        if delivery.result is DeliveryResult.RETRY:
            delay = retry_delay(letter.attempts + 1, delivery.retry_after, self._chance())
        due_at = None if delay is None else now + delay
        self._outbox.mark_failed(name, letter.number, reason, now, due_at)
        if due_at is None:
            logger.warning("Sink %s: %s is given up: %s", name, letter.change.key, reason)
        else:
            logger.info("Sink %s: %s failed: %s", name, letter.change.key, reason)

    # The thread

    def start(self) -> None:
        """Deliver in the background until :meth:`stop`."""
        if self._thread is None:
            name = f"formlabs-watch-{self._sink.name}"
            self._thread = threading.Thread(target=self._run, name=name, daemon=True)
            self._thread.start()

    def wake(self) -> None:
        """Look at the outbox now: there are new changes."""
        self._wake.set()

    def stop(self, timeout: float) -> None:
        """End after the current delivery, close the receiver, and wait for both.

        Args:
            timeout: Seconds after which a delivery is left to end by itself.
        """
        self._is_stopping = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join(timeout)
        if self._thread is None or not self._thread.is_alive():
            self._sink.close()

    def _run(self) -> None:
        while not self._is_stopping:
            self._wake.clear()
            try:
                self.deliver_due()
                due_at = self._outbox.next_due_at(self._sink.name)
            except Exception:
                # The state is closed or broken; the watcher reports that.
                if not self._is_stopping:
                    logger.exception("Sink %s stopped", self._sink.name)
                return
            pause = _LONGEST_PAUSE if due_at is None else due_at - self._clock()
            self._wake.wait(min(max(pause, 0.0), _LONGEST_PAUSE))
