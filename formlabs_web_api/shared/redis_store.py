"""Shared state in a Redis server, for processes on several hosts.

Each step is one Lua script, which Redis runs alone and by its own clock: the clocks of the hosts
play no part. Slots stand in a ring for each window, as in ``sqlite_store``; a window that counts by
address has a ring of its own for each ``egress``. All keys of an account have one hash tag, so that
a cluster keeps them together, and all of them expire.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
import threading
import uuid
from contextlib import contextmanager
from importlib import import_module
from typing import Any, Callable, Dict, Generator, List, Optional, Sequence, Union
from urllib.parse import urlsplit

from formlabs_web_api._core.token_source import IssuedToken
from formlabs_web_api._util.real_time import monotonic
from formlabs_web_api.rate_limit import LimitWait
from formlabs_web_api.shared.encryption import TokenCipher
from formlabs_web_api.shared.store import (
    BACKGROUND_SHARE,
    SharedStateError,
    SharedUsage,
    Slot,
    StateLost,
    StoreUnavailable,
    Ticket,
    UnknownSlots,
    Window,
    WindowUse,
)

_MINUTE = 60.0
_SETTLING = 6.0
"""Seconds for which a server that has lost its slots grants none; processes restore theirs."""
_TIMEOUT = 2.0
"""Seconds for a connection and for an answer; a slower server counts as unreachable."""
_LATE = 0.02
"""Seconds after which an answer is late: the slot counts from when the script ran, before that."""
_MOVES = 3
"""How many times a slot is moved whose answer was late; each answer may be late again."""

# A ring is a hash: "next" is the ticket of the next slot; the place of a ticket, the ticket modulo
# the size of the ring, holds "ticket time program". Times never fall along the tickets. The first
# ring also holds "gate", the end of a pause; "generation", the time in ms at which this server
# began to keep the account, from which the tickets count on, so that none is used twice; and after
# a loss "settled", from when on slots are granted again, and "restored", the last ticket of an
# earlier generation that was restored. The scripts are made for the windows of an account, so that
# a call sends little: RINGS = {{size, tickets ahead, seconds to live, {{limit, limit of background
# callers, span}, ...}}, ...}
_COMMON = """
local RINGS = %(rings)s
local HALF = %(half)s
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
local function at(entry, ticket)
  if not entry then return nil end
  local number, stamp = string.match(entry, '^(%%d+) (%%S+)')
  if tonumber(number) == ticket then return tonumber(stamp) end
  return nil
end
local function find(key, ring, first, ticket, mine)
  local fields = {first %% ring[1], (ticket - 1) %% ring[1]}
  for w, window in ipairs(ring[4]) do fields[w + 2] = (ticket - window[mine]) %% ring[1] end
  return redis.call('HMGET', key, unpack(fields))
end
local function moment_after(moment, ring, ticket, mine, found)
  moment = math.max(moment, at(found[2], ticket - 1) or 0)
  for w, window in ipairs(ring[4]) do
    local before = at(found[w + 2], ticket - window[mine])
    if before then moment = math.max(moment, before + window[3]) end
  end
  return moment
end
"""

# ARGV: max_wait or -1, program, 1 or 2 for a background caller, generation. The answer is one text,
# which a client parses faster than a list.
_RESERVE = (
    _COMMON
    + """
local max_wait, mine = tonumber(ARGV[1]), tonumber(ARGV[3])
local moment, needed, tickets = now, now, {}
for r, ring in ipairs(RINGS) do
  local head = redis.call('HMGET', KEYS[r], 'next', 'gate', 'generation', 'settled')
  if r == 1 and head[3] ~= ARGV[4] then return 'lost 0' end
  needed = math.max(needed, tonumber(head[4] or '0'))
  local ticket = tonumber(head[1] or '0')
  local found = find(KEYS[r], ring, ticket - ring[2], ticket, mine)
  moment = moment_after(math.max(moment, tonumber(head[2] or '0')), ring, ticket, mine, found)
  needed = math.max(needed, (at(found[1], ticket - ring[2]) or 0) + HALF)
  tickets[r] = ticket
end
local wait = math.max(moment, needed) - now
if max_wait >= 0 and wait > max_wait then return string.format('refused %%.6f', wait) end
if needed > now or (mine == 2 and wait > 0) then return string.format('later %%.6f', wait) end
for r, ring in ipairs(RINGS) do
  local ticket = tickets[r]
  local entry = string.format('%%d %%.6f %%s', ticket, moment, ARGV[2])
  redis.call('HMSET', KEYS[r], 'next', ticket + 1, ticket %% ring[1], entry)
  if ticket %% 16 == 0 then redis.call('EXPIRE', KEYS[r], ring[3]) end
end
return string.format('granted %%.6f ', wait) .. table.concat(tickets, ' ')
"""
)

# ARGV: program, generation, seconds for which no slot is granted or 0, then the items of each
# UnknownSlots. Several processes know of one slot; it is restored once. Slots of an earlier
# generation count only in the first ring: the windows of the second pass before slots are granted.
_RESTORE = (
    _COMMON
    + """
if redis.call('HGET', KEYS[1], 'generation') ~= ARGV[2] then return '-1' end
if tonumber(ARGV[3]) > 0 then
  redis.call('HSETNX', KEYS[1], 'settled', string.format('%%.6f', now + tonumber(ARGV[3])))
end
local function append(r, ring, count, age)
  local ticket = tonumber(redis.call('HGET', KEYS[r], 'next') or '0')
  for _ = 1, count do
    local found = find(KEYS[r], ring, ticket - ring[2], ticket, 1)
    if (at(found[1], ticket - ring[2]) or 0) + HALF > now then return end -- full for long
    local moment = math.max(now - age, at(found[2], ticket - 1) or 0)
    local entry = string.format('%%d %%.6f %%s', ticket, moment, ARGV[1])
    redis.call('HMSET', KEYS[r], 'next', ticket + 1, ticket %% ring[1], entry)
    ticket = ticket + 1
  end
  redis.call('EXPIRE', KEYS[r], ring[3])
end
local restored = tonumber(redis.call('HGET', KEYS[1], 'restored') or '0')
for i = 4, #ARGV, 3 do
  local after, last, age = tonumber(ARGV[i]), tonumber(ARGV[i + 1]), tonumber(ARGV[i + 2])
  if last < 0 then
    for r, ring in ipairs(RINGS) do append(r, ring, 1, age) end
  elseif last > restored then
    append(1, RINGS[1], math.min(last - math.max(after, restored), RINGS[1][2] / 2), age)
    restored = last
  end
end
redis.call('HSET', KEYS[1], 'restored', string.format('%%d', restored))
return string.format('%%d', tonumber(redis.call('HGET', KEYS[1], 'next')) - 1)
"""
)

# ARGV: program, then the ticket in each ring.
_CONFIRM = (
    _COMMON
    + """
local moment = now
for r, ring in ipairs(RINGS) do
  local ticket = tonumber(ARGV[1 + r])
  local found = find(KEYS[r], ring, ticket, ticket, 1)
  local planned = at(found[1], ticket)
  if not planned or now - planned > HALF then return '-1' end
  moment = math.max(moment, tonumber(redis.call('HGET', KEYS[r], 'gate') or '0'))
  moment = moment_after(moment, ring, ticket, 1, found)
end
for r, ring in ipairs(RINGS) do
  local ticket = tonumber(ARGV[1 + r])
  local entry = string.format('%%d %%.6f %%s', ticket, moment, ARGV[1])
  redis.call('HSET', KEYS[r], ticket %% ring[1], entry)
  for later = ticket + 1, ticket + ring[1] - 1 do
    local entry = redis.call('HGET', KEYS[r], later %% ring[1])
    local stamp = at(entry, later)
    if not stamp or stamp >= moment then break end
    local program = string.match(entry, '^%%d+ %%S+ (.*)$')
    entry = string.format('%%d %%.6f %%s', later, moment, program)
    redis.call('HSET', KEYS[r], later %% ring[1], entry)
  end
end
return string.format('%%.6f', moment - now)
"""
)

# ARGV: seconds.
_CLOSE_GATE = (
    _COMMON
    + """
local gate = tonumber(redis.call('HGET', KEYS[1], 'gate') or '0')
local seconds = tonumber(ARGV[1])
redis.call('HSET', KEYS[1], 'gate', string.format('%%.6f', math.max(gate, now + seconds)))
local lives = redis.call('TTL', KEYS[1])
redis.call('EXPIRE', KEYS[1], math.max(math.ceil(seconds) + 1, lives, RINGS[1][3]))
return 'OK'
"""
)

_USAGE = (
    _COMMON
    + """
local gate = tonumber(redis.call('HGET', KEYS[1], 'gate') or '0')
local uses = {}
for r, ring in ipairs(RINGS) do
  local fields = redis.call('HGETALL', KEYS[r])
  local next, stamps, programs = 0, {}, {}
  for i = 1, #fields, 2 do
    if fields[i] == 'next' then next = tonumber(fields[i + 1])
    elseif tonumber(fields[i]) then
      local number, stamp, program = string.match(fields[i + 1], '^(%%d+) (%%S+) (.*)$')
      stamps[tonumber(number)], programs[tonumber(number)] = tonumber(stamp), program
    end
  end
  for _, window in ipairs(ring[4]) do
    local counts, free, before = {}, 0, stamps[next - window[1]]
    for ticket, stamp in pairs(stamps) do
      local program = programs[ticket]
      if stamp > now - window[3] then counts[program] = (counts[program] or 0) + 1 end
    end
    if before then free = math.max(0, before + window[3] - now) end
    uses[#uses + 1] = {free, counts}
  end
end
return cjson.encode({math.max(0, gate - now), uses})
"""
)

# ARGV: limits, seconds to live.
_OPEN = """
local time = redis.call('TIME')
local first = string.format('%d', time[1] * 1000 + math.floor(time[2] / 1000))
redis.call('HSETNX', KEYS[1], 'limits', ARGV[1])
if redis.call('HSETNX', KEYS[1], 'generation', first) == 1 then
  redis.call('HSETNX', KEYS[1], 'next', first)
end
redis.call('EXPIRE', KEYS[1], math.max(tonumber(ARGV[2]), redis.call('TTL', KEYS[1])))
return redis.call('HGET', KEYS[1], 'generation') .. ' ' .. redis.call('HGET', KEYS[1], 'limits')
"""

_LEASE = """
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return '0' end
return tostring(math.max(1, redis.call('PTTL', KEYS[1])))
"""

_END_LEASE = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 'OK' end
if tonumber(ARGV[2]) > 0 then redis.call('SET', KEYS[1], 'pause', 'PX', ARGV[2])
else redis.call('DEL', KEYS[1]) end
return 'OK'
"""

_DISCARD = """
if redis.call('HGET', KEYS[1], 'value') == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 'OK'
"""


class RedisStore:
    """The shared state of one account in Redis; see ``Store`` for the methods.

    Args:
        url: Address of the server, ``redis://`` or ``rediss://``.
        key: Which account; see ``location.account_key``.
        windows: The limits of the account. All programs have to name the same ones.
        program: What the slots of this process are listed under.
        egress: Name of the address that the requests of this host come from. Processes of different
            names do not count together in windows shorter than a minute.
        cipher: Encrypts the token; None if each process fetches a token of its own.

    Raises:
        SharedStateError: the package ``redis`` is not installed, the server runs no scripts, or
            another program keeps other limits.
        StoreUnavailable: the server cannot be reached.
    """

    def __init__(
        self,
        url: str,
        key: str,
        windows: Sequence[Window],
        program: str,
        egress: str = "",
        cipher: Optional[TokenCipher] = None,
    ) -> None:
        self._redis = _client(url)
        self._redis_errors = import_module("redis.exceptions")
        self._where = _without_password(url)
        self._windows = tuple(windows)
        self._program = program.replace("\n", " ").encode()  # bytes are sent as they are
        self._cipher = cipher
        self._lease = uuid.uuid4().hex
        self._running = threading.local()
        self._is_closed = False
        tag = f"formlabs:{{{key}}}"
        self._token = f"{tag}:token"
        self._token_lease = f"{tag}:lease"
        apart = [w for w in windows if egress and w.period < _MINUTE]
        rings = [[w for w in windows if w not in apart], apart] if apart else [list(windows)]
        self._windows = tuple(window for ring in rings for window in ring)
        names = [f"{tag}:slots", f"{tag}:slots:{egress}"][: len(rings)]
        self._keys = [name.encode() for name in names]
        shortest = min([window.period for window in windows], default=0.0)
        text = {"rings": _lua_rings(rings), "half": repr(shortest / 2)}
        self._lifetime = _lifetime(rings[0])
        brief = [window.span for window in windows if window.period <= _MINUTE]
        self._settling = max([_SETTLING, *brief])
        self.generation, self._generation = 0, b""
        self._reserve = self._script(_RESERVE % text)
        self._restore = self._script(_RESTORE % text)
        self._confirm = self._script(_CONFIRM % text)
        self._close_gate = self._script(_CLOSE_GATE % text)
        self._usage = self._script(_USAGE % text)
        self._open = self._script(_OPEN)
        self._lease_script = self._script(_LEASE)
        self._end_lease = self._script(_END_LEASE)
        self._discard = self._script(_DISCARD)
        self._check_account()

    @property
    def shares_token(self) -> bool:
        """True if the token is kept in Redis, encrypted."""
        return self._cipher is not None

    @property
    def is_in_use(self) -> bool:
        """True if a signal handler has interrupted a method of this thread."""
        return getattr(self._running, "is_in_use", False)

    # Slots

    def reserve(self, max_wait: Optional[float], background: bool) -> Slot:
        """Take the next free slot; see :meth:`Store.reserve`."""
        limit = b"-1" if max_wait is None else max_wait
        priority = b"2" if background else b"1"
        given = (limit, self._program, priority, self._generation)
        asked = monotonic()
        answer: bytes = self._reserve(self._keys, *given)
        outcome, seconds, *tickets = answer.split()
        wait = float(seconds)
        if outcome == b"lost":
            raise self._lost()
        if outcome == b"refused":
            raise LimitWait(wait)
        if outcome != b"granted":
            return Slot(None, wait)
        ticket = tuple(map(int, tickets))
        if wait == 0 and monotonic() - asked > _LATE:
            moved = self.confirm(ticket)
            return Slot(None, 0.0) if moved is None else Slot(ticket, moved)
        return Slot(ticket, wait)

    def confirm(self, ticket: Ticket) -> Optional[float]:
        """Count a reserved slot from now on; see :meth:`Store.confirm`."""
        wait = 0.0
        for _ in range(_MOVES):
            asked = monotonic()
            wait = float(self._confirm(self._keys, self._program, *ticket))
            if wait or monotonic() - asked <= _LATE:
                break
        return None if wait < 0 else wait

    def restore(self, slots: Sequence[UnknownSlots], are_lost: bool) -> int:
        """Count requests that the server does not know; see :meth:`Store.restore`."""
        settling = self._settling if are_lost else 0
        items = [item for slot in slots for item in slot]
        last = int(self._restore(self._keys, self._program, self.generation, settling, *items))
        if last < 0:
            raise self._lost()
        return last

    def close_gate(self, seconds: float) -> None:
        """Let no process send for a while; see :meth:`Store.close_gate`."""
        self._close_gate(self._keys[:1], seconds)

    def usage(self) -> SharedUsage:
        """Return how much of the allowance is used; see :meth:`Store.usage`."""
        closed_for, windows = json.loads(self._usage(self._keys))
        uses: List[WindowUse] = []
        for window, (free, programs) in zip(self._windows, windows):
            counts: Dict[str, int] = dict(programs) if programs else {}
            by_program = dict(sorted(counts.items(), key=lambda pair: -pair[1]))
            used = min(window.limit, sum(by_program.values()))
            uses.append(WindowUse(window, used, float(free), by_program))
        return SharedUsage(tuple(uses), float(closed_for))

    # Token

    def token(self) -> Optional[IssuedToken]:
        """Return the stored token; see :meth:`Store.token`."""
        if self._cipher is None:
            return None
        with self._errors():
            fields: Dict[bytes, bytes] = self._redis.hgetall(self._token)
            seconds, microseconds = self._redis.time()
        if not fields:
            return None
        now = seconds + microseconds / 1e6
        ends_in = float(fields[b"ends_at"]) - now
        try:
            value = self._cipher.decrypt(fields[b"value"])
        except ValueError:
            return None  # another secret: the account was given a new one
        return (
            IssuedToken(value, float(fields[b"renew_at"]) - now, ends_in) if ends_in > 0 else None
        )

    def lease_token(self, seconds: float) -> float:
        """Try to become the process that fetches the token; see :meth:`Store.lease_token`."""
        answer = self._lease_script([self._token_lease], self._lease, int(1000 * seconds))
        return int(answer) / 1000

    def store_token(self, token: IssuedToken) -> None:
        """Store a token and end the lease; see :meth:`Store.store_token`."""
        if self._cipher is None:
            return
        encrypted = self._cipher.encrypt(token.value)
        with self._errors():
            seconds, microseconds = self._redis.time()
            now = seconds + microseconds / 1e6
            fields = {
                "value": encrypted,
                "renew_at": f"{now + token.renew_in:.6f}",
                "ends_at": f"{now + token.ends_in:.6f}",
            }
            steps = self._redis.pipeline(transaction=True)
            steps.hset(self._token, mapping=fields)
            steps.expire(self._token, max(1, int(token.ends_in)))
            steps.execute()
        self._end_lease([self._token_lease], self._lease, 0)

    def release_token(self, pause: float) -> None:
        """End the lease without a token; see :meth:`Store.release_token`."""
        self._end_lease([self._token_lease], self._lease, int(1000 * pause))

    def discard_token(self, value: str) -> None:
        """Forget the token if it is this one; see :meth:`Store.discard_token`."""
        known = self.token()
        if known is None or known.value != value:
            return
        with self._errors():
            stored = self._redis.hget(self._token, "value")
        if stored is not None:
            self._discard([self._token], stored)

    def close(self) -> None:
        """Close the connections to the server; one that another thread uses, after its answer."""
        self._is_closed = True
        self._close_idle_connections()

    def _close_idle_connections(self) -> None:
        self._redis.connection_pool.disconnect(inuse_connections=False)

    def _check_account(self) -> None:
        limits = ", ".join(f"{w.limit} in {w.period:g} s" for w in self._windows)
        try:
            answer: bytes = self._open(self._keys[:1], limits, self._lifetime)
        except StoreUnavailable as error:
            refusal = error.__cause__
            is_refused = isinstance(refusal, self._redis_errors.NoPermissionError)
            if not is_refused and "unknown command" not in str(refusal):
                raise
            raise SharedStateError(
                f"shared: {self._where} runs no Lua scripts ({refusal}); allow EVAL and EVALSHA for"
                " this user, or use a server that has them"
            ) from None
        generation, _, known = answer.decode().partition(" ")
        self.generation, self._generation = int(generation), generation.encode()
        if known != limits:
            raise SharedStateError(
                f"shared: another program keeps the limits {known} for this account in"
                f" {self._where}, this one {limits}; give both the same rate_limits"
            )

    def _script(self, text: str) -> Callable[..., Any]:
        """Return a function that runs a script with keys and arguments.

        A server that was restarted or replaced does not know the script and is given it again.
        """
        sha = hashlib.sha1(text.encode()).hexdigest().encode()
        run: Callable[..., Any] = self._redis.execute_command
        errors, running = self._redis_errors, self._running

        def call(keys: Sequence[Union[str, bytes]], *arguments: Any) -> Any:
            running.is_in_use = True
            try:
                return run("EVALSHA", sha, len(keys), *keys, *arguments)
            except errors.NoScriptError:
                with self._errors():
                    return run("EVAL", text, len(keys), *keys, *arguments)
            except errors.RedisError as error:
                raise self._unavailable(error) from error
            finally:
                running.is_in_use = False
                if self._is_closed:
                    self._close_idle_connections()

        return call

    @contextmanager
    def _errors(self) -> Generator[None, None, None]:
        """Mark the store as in use by this thread, and convert errors of the server."""
        self._running.is_in_use = True
        try:
            yield
        except self._redis_errors.RedisError as error:
            raise self._unavailable(error) from error
        finally:
            self._running.is_in_use = False
            if self._is_closed:
                self._close_idle_connections()

    def _lost(self) -> StateLost:
        return StateLost(f"{self._where} has lost its data")

    def _unavailable(self, error: Exception) -> StoreUnavailable:
        is_answer = isinstance(error, self._redis_errors.ResponseError)
        return StoreUnavailable(f"{self._where}: {error}", may_pass=not is_answer)


def _lua_rings(rings: Sequence[Sequence[Window]]) -> str:
    """Return the rings as a Lua table; see ``_COMMON``."""
    texts: List[str] = []
    for ring in rings:
        longest = max([window.period for window in ring], default=0.0)
        windows: List[str] = []
        for window in ring:
            is_reduced = window.period == longest and ring is rings[0]
            share = BACKGROUND_SHARE if is_reduced else 1.0
            background = max(1, int(window.limit * share))
            windows.append(f"{{{window.limit}, {background}, {window.span!r}}}")
        largest = max([window.limit for window in ring], default=1)
        numbers = f"{3 * largest}, {2 * largest}, {_lifetime(ring)}"
        texts.append(f"{{{numbers}, {{{', '.join(windows)}}}}}")
    return f"{{{', '.join(texts)}}}"


def _lifetime(ring: Sequence[Window]) -> int:
    """Return the seconds after which an unused ring expires; slots may be reserved ahead."""
    return 60 + math.ceil(3 * max([window.span for window in ring], default=0.0))


def _client(url: str) -> Any:
    _check_address(url)
    try:
        import redis
    except ImportError:
        raise SharedStateError(
            'shared: a redis:// address needs the extra "redis" of this package'
        ) from None
    try:
        client: Any = redis.Redis
        return client.from_url(
            url, socket_connect_timeout=_TIMEOUT, socket_timeout=_TIMEOUT, retry=None
        )
    except ValueError as error:
        raise _not_an_address(url, str(error)) from None


def _check_address(url: str) -> None:
    """Raise SharedStateError unless ``url`` names a host and, if anything more, a database."""
    try:
        parts = urlsplit(url)
        is_complete = bool(parts.hostname) and parts.port != 0
    except ValueError as error:
        raise _not_an_address(url, str(error)) from None
    if not is_complete:
        raise _not_an_address(url, "it names no host")
    if not re.fullmatch(r"/?|/\d+", parts.path):
        raise _not_an_address(url, "the database is a number")


def _not_an_address(url: str, reason: str) -> SharedStateError:
    return SharedStateError(
        f"shared: {_without_password(url)} is not a Redis address ({reason}); write"
        " redis://host:6379/0"
    )


def _without_password(url: str) -> str:
    scheme, _, rest = str.__str__(url).partition("://")
    return f"{scheme}://{rest.rpartition('@')[2].partition('?')[0]}"
