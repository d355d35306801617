"""Which changes a poll shows: a list of printers and rows of the history against the records.

Pure: nothing is read, written or timed here. The rules against false changes are those of
observation 1.4: a printer that is off line looks switched on for a moment, with its old ping; a
Form 4 goes on showing its finished job; a list may lack a printer once.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Dict, Iterable, List, Optional, Sequence, Tuple

from formlabs_web_api.models.derived.printer import ONLINE_WITHIN
from formlabs_web_api.models.derived.raw import moment, number, text
from formlabs_web_api.watch.changes import AtSource, Change, ChangeKind
from formlabs_web_api.watch.comparison import Comparison, Rules, Subject, When, seconds_of, time_of
from formlabs_web_api.watch.records import (
    CartridgeRecord,
    FleetRecord,
    FleetUpdate,
    PrinterRecord,
)
from formlabs_web_api.watch.runs import compare_current_run, compare_past_run
from formlabs_web_api.watch.shown import current_run_of, guid_of, previous_run_of

OFFLINE_POLLS = 2
"""Polls in a row in which a printer has to look off line until that is reported."""
OFFLINE_AFTER = timedelta(minutes=15).total_seconds()
"""Age of the last ping from which on one poll is enough."""
REMOVED_LISTS = 3
"""Complete lists in a row in which a printer has to be missing until that is reported."""
REFILLED_ML = 200.0
"""Resin that a cartridge must hold above the threshold to be reported as low again."""
_DAY = timedelta(days=1).total_seconds()
KEPT = timedelta(days=30).total_seconds()
"""How long prints and cartridges are remembered after their last event."""
KEPT_LONG = timedelta(days=400).total_seconds()
"""How long low cartridges are remembered, and how often a change has recurred."""


def compare(
    fleet: FleetRecord,
    printers: Sequence[Any],
    past_runs: Iterable[Any],
    now: datetime,
    rules: Rules,
    since: Optional[datetime] = None,
) -> Tuple[List[Change], FleetUpdate]:
    """Return the changes since the last poll, and the records that replace those of it.

    Args:
        fleet: What is remembered. If it is new, the poll is the baseline, which shows no change
            but those after ``since``, if that is given.
        printers: The complete list of printers.
        past_runs: Rows of the history, read after the list.
        now: The service's time of the list.
        rules: What the caller decided.
        since: The time from which on a baseline reports what happened to prints, besides the
            cartridges that are low already; None means that it reports nothing.
    """
    is_baseline = fleet.is_new
    comparison = Comparison(
        *(fleet, now, rules),
        since=(since or now).timestamp() if is_baseline else fleet.since,
        is_silent=is_baseline and since is None,
    )
    for printer in printers:
        serial = text(getattr(printer, "serial", None))
        if serial and serial not in comparison.subjects:
            machine = text(getattr(printer, "machine_type_id", None))
            subject = Subject(serial, printer.label, machine)
            comparison.subjects[serial] = subject
            _Printer(comparison, printer, subject, is_baseline).compare()
    _find_removed(comparison)
    for run in past_runs:
        compare_past_run(comparison, run)
    comparison.update.times.update(since=comparison.since, polled=comparison.seconds)
    _forget(comparison)
    return comparison.changes, comparison.update


class _Printer:
    """The comparison of one printer with its record."""

    def __init__(
        self, comparison: Comparison, printer: Any, subject: Subject, is_baseline: bool
    ) -> None:
        self.comparison = comparison
        self.printer = printer
        self.subject = subject
        self.is_baseline = is_baseline
        self.status: Any = getattr(printer, "printer_status", None)
        self.is_online: bool = printer.is_online(comparison.now)

    def compare(self) -> None:
        serial = self.subject.serial
        known = self.comparison.fleet.printers.get(serial)
        if known is None or known.is_removed:
            record = self._added()
        else:
            record = self._firmware(self._connection(known))
            if record.missed_lists:
                record = record._replace(missed_lists=0)
        record = self._consumables(record, report=known is not None and not known.is_removed)
        if record != known:
            self.comparison.update.printers[serial] = record
        self._runs()

    def _added(self) -> PrinterRecord:
        if not self.is_baseline:
            self.comparison.report(
                ChangeKind.PRINTER_ADDED, self.subject, self.subject.serial, recurs=True
            )
        return PrinterRecord(
            serial=self.subject.serial,
            firmware=self._firmware_version,
            is_online=self.is_online,
            last_ping=0.0 if self.is_online else self._ping,
        )

    @property
    def _ping(self) -> float:
        return seconds_of(getattr(self.status, "last_pinged_at", None))

    @property
    def _firmware_version(self) -> str:
        return text(getattr(self.printer, "firmware_version", None))

    def _connection(self, known: PrinterRecord) -> PrinterRecord:
        comparison, ping = self.comparison, self._ping
        if not known.is_online:
            if ping < known.last_ping or not (self.is_online or self._was_online_since(known)):
                return known
            self._report_online(known)
            if not self.is_online:
                return self._report_offline(known)
            return known._replace(is_online=True, doubts=0, back_at=comparison.seconds)
        if self.is_online:
            return known._replace(doubts=0) if known.doubts else known
        doubts = known.doubts + 1
        is_old = bool(ping) and comparison.seconds - ping >= OFFLINE_AFTER
        if doubts < OFFLINE_POLLS and not is_old:
            return known._replace(doubts=doubts)
        return self._report_offline(known)

    def _was_online_since(self, known: PrinterRecord) -> bool:
        """Return True if an offline printer was online between two polls: its last call is newer.

        Its last ping may be shown minutes late, which does not count.
        """
        return self._ping - known.last_ping > ONLINE_WITHIN.total_seconds()

    def _report_online(self, known: PrinterRecord) -> None:
        self.comparison.report(
            *(ChangeKind.PRINTER_ONLINE, self.subject, self.subject.serial),
            _text_of(known.last_ping),
            when=None if self.is_online else When(time_of(self._ping), AtSource.ESTIMATED),
            before={"last_pinged_at": _text_of(known.last_ping)},
            after={"last_pinged_at": _text_of(self._ping)},
        )

    def _report_offline(self, known: PrinterRecord) -> PrinterRecord:
        ping = self._ping
        self.comparison.report(
            *(ChangeKind.PRINTER_OFFLINE, self.subject, self.subject.serial, _text_of(ping)),
            when=When(time_of(ping)) if ping else None,
            after={"last_pinged_at": _text_of(ping)},
        )
        return known._replace(is_online=False, doubts=0, last_ping=ping)

    def _firmware(self, known: PrinterRecord) -> PrinterRecord:
        version = self._firmware_version
        if not version or version == known.firmware:
            return known
        if known.firmware:
            self.comparison.report(
                *(ChangeKind.PRINTER_FIRMWARE_CHANGED, self.subject, self.subject.serial, version),
                before={"firmware_version": known.firmware},
                after={"firmware_version": version},
                recurs=True,
            )
        return known._replace(firmware=version)

    def _consumables(self, known: PrinterRecord, report: bool) -> PrinterRecord:
        slots: Optional[Dict[str, str]] = None
        for slot in self.printer.cartridge_slots:
            cartridge = getattr(slot, "cartridge", None)
            serial = text(getattr(cartridge, "serial", None))
            if not serial:
                continue
            name = str(text(getattr(slot, "cartridge_slot", None)))
            before = known.slots.get(name, "")
            if serial != before:
                slots = {**(slots or known.slots), name: serial}
                if report:
                    self._cartridge_changed(slot, name, before)
            self._level(cartridge, name, serial)
        if slots is not None:
            known = known._replace(slots=slots)
        tank = getattr(self.printer, "tank_status", None)
        serial = text(getattr(getattr(tank, "tank", None), "serial", None))
        if not serial or serial == known.tank:
            return known
        if report:
            self._tank_changed(tank, known.tank)
        return known._replace(tank=serial)

    def _cartridge_changed(self, slot: Any, name: str, before: str) -> None:
        self.comparison.report(
            *(ChangeKind.CARTRIDGE_CHANGED, self.subject, self.subject.serial, name),
            text(slot.cartridge.serial),
            when=self._since_last_poll(slot),
            before={"slot": name, "serial": before},
            after=_cartridge_facts(slot.cartridge, name),
            recurs=True,
        )

    def _tank_changed(self, status: Any, before: str) -> None:
        tank = status.tank
        self.comparison.report(
            *(ChangeKind.TANK_CHANGED, self.subject, self.subject.serial, text(tank.serial)),
            when=self._since_last_poll(status),
            before={"serial": before},
            after={
                "serial": text(tank.serial),
                "material": text(getattr(tank, "material", None)),
                "material_name": tank.material_name,
                "layers": tank.layers,
            },
            recurs=True,
        )

    def _since_last_poll(self, status: object) -> Optional[When]:
        """Return when a slot changed, if that fits: its time may be years old (observation 1.3)."""
        changed = moment(getattr(status, "last_modified", None))
        if changed is None or changed.timestamp() < self.comparison.fleet.polled_at:
            return None
        return When(changed) if changed <= self.comparison.now else None

    def _level(self, cartridge: Any, slot: str, serial: str) -> None:
        remaining = cartridge.remaining_ml
        has_no_more = remaining is not None and remaining <= 0
        is_empty = has_no_more or getattr(cartridge, "is_empty", None) is True
        threshold = self.comparison.rules.low_ml
        is_low = is_empty or cartridge.is_low(threshold)
        cartridges = self.comparison.update.cartridges
        known = cartridges.get(serial) or self.comparison.fleet.cartridges.get(serial)
        if not is_low:
            is_full = remaining is not None and remaining >= threshold + REFILLED_ML
            if known is not None and (known.is_low or known.is_empty) and is_full:
                cartridges[serial] = CartridgeRecord(serial, False, False, self.comparison.seconds)
            return
        was_low, was_empty = (False, False) if known is None else (known.is_low, known.is_empty)
        if was_low and (was_empty or not is_empty):
            return
        facts = _cartridge_facts(cartridge, slot)
        if not was_low:
            self._report_level(ChangeKind.CARTRIDGE_LOW, serial, f"{threshold:g}", facts)
        if is_empty and not was_empty:
            self._report_level(ChangeKind.CARTRIDGE_EMPTY, serial, "0", facts)
        cartridges[serial] = CartridgeRecord(
            serial, True, is_empty or was_empty, self.comparison.seconds
        )

    def _report_level(
        self, kind: ChangeKind, serial: str, threshold: str, facts: Dict[str, object]
    ) -> None:
        self.comparison.report(kind, self.subject, serial, threshold, after=facts, recurs=True)

    def _runs(self) -> None:
        previous, current = previous_run_of(self.printer), current_run_of(self.printer)
        guid = guid_of(current)
        self.comparison.shown.add(guid)
        if guid_of(previous) != guid:
            compare_past_run(self.comparison, previous)
        if self.is_online:
            status = text(getattr(self.status, "status", None))
            compare_current_run(self.comparison, current, status)
        else:
            compare_past_run(self.comparison, current)


def _find_removed(comparison: Comparison) -> None:
    for serial, known in comparison.fleet.printers.items():
        if known.is_removed or serial in comparison.subjects:
            continue
        missed = known.missed_lists + 1
        is_removed = missed >= REMOVED_LISTS
        comparison.update.printers[serial] = known._replace(
            missed_lists=missed, is_removed=is_removed
        )
        if is_removed:
            subject = Subject(serial, serial)
            comparison.report(
                ChangeKind.PRINTER_REMOVED,
                subject,
                serial,
                before={"firmware_version": known.firmware},
                recurs=True,
            )


def _forget(comparison: Comparison) -> None:
    """Drop records without an event for long, once a day.

    ``since`` rises with them, so that a dropped print which comes up again is not taken for new.
    """
    fleet, update = comparison.fleet, comparison.update
    if comparison.seconds - fleet.times.get("forgot", 0.0) < _DAY:
        return
    update.times["forgot"] = comparison.seconds
    oldest = comparison.seconds - KEPT
    update.times["since"] = max(comparison.since, oldest)
    for guid, run in {**fleet.runs, **update.runs}.items():
        if run.last_event_at < oldest and (run.has_ended or guid not in comparison.shown):
            update.runs.pop(guid, None)
            update.forgotten_runs.append(guid)
    for serial, cartridge in fleet.cartridges.items():
        if cartridge.seen_at < (oldest if not cartridge.is_low else comparison.seconds - KEPT_LONG):
            update.forgotten_cartridges.append(serial)
    for key, repeats in fleet.repeats.items():
        if repeats.seen_at < comparison.seconds - KEPT_LONG:
            update.forgotten_repeats.append(key)


def _text_of(seconds: float) -> str:
    return time_of(seconds).isoformat() if seconds else ""


def _cartridge_facts(cartridge: Any, slot: str) -> Dict[str, Any]:
    return {
        "slot": slot,
        "serial": text(cartridge.serial),
        "material": text(getattr(cartridge, "material", None)),
        "material_name": cartridge.material_name,
        "remaining_ml": number(cartridge.remaining_ml),
    }
