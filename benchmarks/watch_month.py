"""A month of a fleet whose watcher is killed repeatedly, compared with the sandbox's truth.

    python benchmarks/watch_month.py --printers 60 --days 30 --kills 100

The watcher runs in a process of its own, polls every 30 seconds of the sandbox's time, stops for
minutes to three days now and then, and is ended by SIGKILL at seeded random moments. Each
change it returns is one line, which counts as reported. The table compares these lines with the
truth. Changes that no history contains are counted separately: a state that began and ended between
polls, and a rating that was changed again before the history was read.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time
from bisect import bisect_left
from collections import Counter, defaultdict
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Set, Tuple

from formlabs_web_api import ApiClient, Configuration
from formlabs_web_api.sandbox import Sandbox
from formlabs_web_api.watch import Change, Watcher

START = datetime(2026, 6, 5, 12, tzinfo=timezone.utc)
ENDS = {"FINISHED": "print_finished", "ERROR": "print_failed", "ABORTED": "print_aborted"}
_MINUTE, _HOUR, _DAY = 60.0, 3_600.0, 86_400.0
_SETTLING = timedelta(hours=30)
"""How long before its end a month is compared: some ratings are read once a day only."""
_RATED_AGAIN = timedelta(hours=26)
"""Ratings changed within this time may be read once, as they are then."""
_LONG_SILENCE = timedelta(minutes=15)


# The watcher's process


def watch(settings: Dict[str, Any], state: str) -> None:
    """Write each change as a line, and wait for a line of input in place of the time."""
    configuration = Configuration(rate_limits=None, trust_environment=False, **settings)

    def pause(seconds: float) -> bool:
        print(f"idle {_memory_kb()}", flush=True)
        return not sys.stdin.readline().startswith("go")

    with ApiClient(configuration) as client:
        for change in Watcher(client, state=state, clock=lambda: 0.0, pause=pause):
            print(json.dumps(change.to_dict()), flush=True)


def _memory_kb() -> int:
    """Return the peak memory of the process."""
    status = Path("/proc/self/status")
    if status.exists():  # the resource usage of a child begins with that of its parent
        return int(re.findall(r"VmHWM:\s+(\d+)", status.read_text())[0])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


class Child:
    """A watcher in a process, driven poll by poll."""

    def __init__(self, sandbox: Sandbox, state: Path) -> None:
        settings = {
            "host": sandbox.url,
            "client_id": sandbox.client_id,
            "client_secret": sandbox.client_secret,
        }
        self.memory_kb = 0
        self._is_idle = True
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "benchmarks.watch_month",
                "--child",
                json.dumps(settings),
                state,
            ],
            cwd=Path(__file__).parents[1],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def read(self) -> Iterator[Change]:
        """Return the changes it writes until it waits for the next poll, or is dead."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith("idle"):
                self.memory_kb = max(self.memory_kb, int(line.split()[1]))
                return
            if line.endswith("}\n"):  # else it was killed in the middle of the line
                yield Change.from_dict(json.loads(line))

    def go(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write("go\n")
        self._process.stdin.flush()

    def kill(self) -> None:
        self._process.send_signal(signal.SIGKILL)

    def end(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


# The month


class Month(NamedTuple):
    """The changes reported in a month, and the times of the polls."""

    reported: List[Change]
    polls: List[datetime]
    kills: int
    state_bytes: int
    memory_kb: List[int]
    """The largest memory of each process, in the order in which they ran."""
    seconds: float


def steps_of(chance: random.Random, days: float, every: float) -> Iterator[float]:
    """Return the seconds between polls: hours of polling, and gaps of minutes to three days."""
    left = days * _DAY
    while left > 0:
        for _ in range(int(chance.uniform(1, 8) * _HOUR / every)):
            yield every
            left -= every
        gap = min(chance.choice((5 * _MINUTE, _HOUR, 8 * _HOUR, _DAY, 3 * _DAY)), left)
        gap *= chance.uniform(0.3, 1.0)
        if gap > 0:
            yield gap
            left -= gap


def simulate(sandbox: Sandbox, days: float, kills: int, seed: int, every: float = 30.0) -> Month:
    """Let a month pass, and return the reported changes."""
    chance = random.Random(seed)
    steps = [*steps_of(chance, days, every), *[_HOUR] * 30]
    killed_at = set(chance.sample(range(1, len(steps) - 30), kills))
    began = time.perf_counter()
    reported: List[Change] = []
    polls: List[datetime] = []
    memory: List[int] = []
    done = 0
    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder) / "state.db"
        child = Child(sandbox, state)
        reported += child.read()
        polls.append(sandbox.truth.now())
        for number, seconds in enumerate(steps):
            sandbox.advance(seconds=seconds)
            child.go()
            if number in killed_at:
                time.sleep(chance.uniform(0.0, 0.08))
                child.kill()
                done += 1
                reported += child.read()
                child.end()
                memory.append(child.memory_kb)
                child = Child(sandbox, state)
            reported += child.read()
            polls.append(sandbox.truth.now())
        child.end()
        memory.append(child.memory_kb)
        size = sum(path.stat().st_size for path in Path(folder).iterdir())
    return Month(reported, polls, done, size, memory, time.perf_counter() - began)


# The comparison


class Row(NamedTuple):
    """Comparison of the reported changes of a kind with the truth."""

    kind: str
    true: int
    reported: int
    missing: int
    repeated: int
    """Reported again under the same key, beyond once for each kill."""
    false: int
    unknowable: int
    """Changes that no history contains."""


_Value = Tuple[datetime, Optional[str]]
_Span = Tuple[datetime, Optional[datetime]]
Fact = Tuple[str, ...]
"""What identifies a change in the truth: its print, or its printer and the serial put in."""


def compare(sandbox: Sandbox, month: Month) -> List[Row]:
    """Compare the reported changes with the truth, kind by kind."""
    begin, end = month.polls[0], month.polls[-1] - _SETTLING
    polls = [poll for poll in month.polls if poll > begin]
    times = Counter(change.key for change in month.reported)
    again = Counter(change.kind for key, change in _first(month.reported).items() if times[key] > 1)
    facts, unknowable = _truth(sandbox, polls, begin, end)
    late, _ = _truth(sandbox, polls, begin, month.polls[-1])
    rows = []
    for kind in sorted(facts):
        found = Counter(
            _fact_of(change) for change in _first(month.reported).values() if change.kind == kind
        )
        missing = facts[kind] - found - unknowable[kind]
        false = found - late[kind]
        repeats = sum(
            times[key] - 1 for key, change in _first(month.reported).items() if change.kind == kind
        )
        hidden = sum(((facts[kind] - found) & unknowable[kind]).values())
        rows.append(
            Row(
                kind,
                sum(facts[kind].values()),
                sum(found.values()),
                sum(missing.values()),
                repeats,
                sum(false.values()),
                hidden,
            )
        )
    assert sum(again.values()) <= month.kills
    return rows


def _first(reported: List[Change]) -> Dict[str, Change]:
    first: Dict[str, Change] = {}
    for change in reported:
        first.setdefault(change.key, change)
    return first


def _fact_of(change: Change) -> Fact:
    if change.kind == "print_rated" and change.run is not None:
        return (change.run.guid, str(change.after["rating"]))
    if change.run is not None:
        return (change.run.guid,)
    if change.kind in ("cartridge_changed", "tank_changed"):
        return (change.printer, str(change.after.get("slot", "")), str(change.after["serial"]))
    return (change.printer,)


def _truth(
    sandbox: Sandbox, polls: List[datetime], begin: datetime, end: datetime
) -> Tuple[Dict[str, Counter[Fact]], Dict[str, Counter[Fact]]]:
    """Return the true changes by kind, and those among them that no history contains."""
    truth = sandbox.truth
    facts: Dict[str, Counter[Fact]] = defaultdict(Counter)
    hidden: Dict[str, Counter[Fact]] = defaultdict(Counter)

    def polls_between(since: datetime, until: Optional[datetime]) -> List[datetime]:
        stop = len(polls) if until is None else bisect_left(polls, until)
        return polls[bisect_left(polls, since) : stop]

    for run in truth.prints():
        if begin < run.created <= end:
            facts["print_started"][(run.guid,)] += 1
    for status in truth.print_statuses():
        if status.after in ENDS and begin < status.at <= end:
            facts[ENDS[status.after]][(status.print_run,)] += 1
    ratings: Dict[str, List[Any]] = defaultdict(list)
    for rating in truth.ratings():
        ratings[rating.print_run].append(rating)
    for guid, changes in ratings.items():
        for number, rating in enumerate(changes):
            if not begin < rating.at <= end:
                continue
            facts["print_rated"][(guid, rating.rating)] += 1
            later = changes[number + 1 :]
            seen_until = later[0].at if later else None
            gap = _longest_gap(polls_between(rating.at, seen_until), rating.at)
            if later and later[0].at - rating.at < _RATED_AGAIN + gap:
                hidden["print_rated"][(guid, rating.rating)] += 1
    for interval in truth.connections():
        if interval.is_online or not begin < interval.begin <= end:
            continue
        facts["printer_offline"][(interval.printer,)] += 1
        seen = polls_between(interval.begin, interval.end)
        was_reported = len(seen) > 1 or any(poll - interval.begin >= _LONG_SILENCE for poll in seen)
        if not was_reported:
            hidden["printer_offline"][(interval.printer,)] += 1
    exchanges: Dict[Tuple[str, str, str], List[_Value]] = defaultdict(list)
    for exchange in truth.consumable_changes():
        where = (exchange.printer, exchange.kind, exchange.slot)
        values = exchanges[where] or [(begin, exchange.before)]
        exchanges[where] = [*values, (exchange.at, exchange.after)]
    for (printer, kind, slot), values in exchanges.items():
        for serial, is_hidden in _reported(values, polls, begin, end):
            fact = (printer, slot, serial)
            facts[f"{kind}_changed"][fact] += 1
            hidden[f"{kind}_changed"][fact] += is_hidden
    for guid, values in _conditions(truth).items():
        for condition, is_hidden in _reported(values, polls, begin, end):
            facts[condition][(guid,)] += 1
            hidden[condition][(guid,)] += is_hidden
    return facts, hidden


def _longest_gap(polls: List[datetime], since: datetime) -> timedelta:
    moments = [since, *polls]
    return max((b - a for a, b in zip(moments, moments[1:])), default=timedelta(days=9))


def _reported(
    values: List[_Value], polls: List[datetime], begin: datetime, end: datetime
) -> Iterator[Tuple[str, bool]]:
    """What became the value of something, and whether no poll saw it.

    A value is news if it differs from the one that was seen before it.
    """
    seen = values[0][1]
    for value, spans in _stays(values):
        was_seen = any(
            bisect_left(polls, since) < (len(polls) if until is None else bisect_left(polls, until))
            for since, until in spans
        )
        if begin < spans[0][0] <= end and value != seen:
            yield value, not was_seen
        if was_seen:
            seen = value


def _stays(values: List[_Value]) -> List[Tuple[str, List[_Span]]]:
    """The values and when they stood; one that was gone for a time and came back stood all along.

    The first value is that of before, and no news.
    """
    stays: List[Tuple[str, List[_Span]]] = []
    former = values[0][1]
    ends = [*(at for at, _ in values[2:]), None]
    for (at, value), until in zip(values[1:], ends):
        if value is None:
            continue
        if value != former or not stays:
            stays.append((value, []))
        former = value
        stays[-1][1].append((at, until))
    return stays


def _conditions(truth: Any) -> Dict[str, List[_Value]]:
    """Whether each print ran or needed attention, by its status and that of its printer."""
    needed, resumed = "print_needs_attention", "print_resumed"
    values: Dict[str, List[_Value]] = defaultdict(list)
    checks = [change for change in truth.printer_statuses() if "CHECK_PRINTER" in change[2:]]
    by_printer: Dict[str, List[Any]] = defaultdict(list)
    for one in truth.prints():
        by_printer[one.printer].append(one)
    for status in truth.print_statuses():
        is_waiting = status.after == "WAITING_FOR_RESOLUTION"
        value = None if status.after in ENDS else needed if is_waiting else resumed
        if status.print_run not in values:
            first = needed if status.before == "WAITING_FOR_RESOLUTION" else resumed
            values[status.print_run].append((datetime.min.replace(tzinfo=timezone.utc), first))
        values[status.print_run].append((status.at, value))
    for change in checks:
        for one in by_printer[change.printer]:
            if one.started <= change.at and (one.ended is None or change.at <= one.ended):
                value = needed if change.after == "CHECK_PRINTER" else resumed
                values[one.guid].append((change.at, value))
    for entries in values.values():
        entries.sort(key=lambda entry: entry[0])
    return values


def run(
    printers: int, prints: int, days: float, kills: int, seed: int, every: float = 30.0
) -> Tuple[Month, List[Row]]:
    """Let a month pass and compare it."""
    with Sandbox(seed=seed, printers=printers, prints=prints, now=START) as sandbox:
        month = simulate(sandbox, days, kills, seed, every)
        return month, compare(sandbox, month)


def main() -> int:
    if "--child" in sys.argv:
        watch(json.loads(sys.argv[-2]), sys.argv[-1])
        return 0
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--printers", type=int, default=60)
    parser.add_argument("--days", type=float, default=30.0)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    options = parser.parse_args()
    month, rows = run(
        options.printers, 20 * options.printers, options.days, options.kills, options.seed
    )
    wrong: Set[str] = {row.kind for row in rows if row.missing or row.false}
    repeated = sum(row.repeated for row in rows)
    others = Counter(str(change.kind) for change in _first(month.reported).values())
    figures: Dict[str, Any] = {
        "kinds without a row": {n: others[n] for n in others if n not in {r.kind for r in rows}},
        "polls": len(month.polls),
        "kills": month.kills,
        "state, MB": month.state_bytes / 1e6,
        "memory of the first process, kB": month.memory_kb[0],
        "memory of the last process, kB": month.memory_kb[-1],
        "memory of the largest process, kB": max(month.memory_kb),
        "seconds": month.seconds,
        "goal": "nothing missing or false, and at most one repetition for each kill",
        "met": not wrong and repeated <= month.kills,
    }
    if options.json:
        print(json.dumps({"rows": [row._asdict() for row in rows], **figures}))
    else:
        print("  ".join(f"{name:>16}" for name in Row._fields))
        for row in rows:
            print("  ".join(f"{value!s:>16}" for value in row))
        for name, figure in figures.items():
            print(f"{name:34} {figure:.1f}" if isinstance(figure, float) else f"{name:34} {figure}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
