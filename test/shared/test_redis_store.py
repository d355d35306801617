"""Shared state in a real Redis server."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Iterator, Optional, Sequence

import pytest

from formlabs_web_api._core.token_source import IssuedToken
from formlabs_web_api._util.secrets import HiddenText
from formlabs_web_api.rate_limit import LimitWait
from formlabs_web_api.shared import redis_store
from formlabs_web_api.shared.encryption import TokenCipher
from formlabs_web_api.shared.limiter import SharedLimiter
from formlabs_web_api.shared.redis_store import RedisStore
from formlabs_web_api.shared.store import SharedStateError, StateLost, StoreUnavailable, Window
from test.support.redis_server import RedisServer, require_redis

pytest.importorskip("redis")

HOUR = (Window(3, 3600.0), Window(5, 7200.0))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    require_redis()
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def key(request: pytest.FixtureRequest) -> str:
    """The name of an account that only this test uses."""
    return request.node.name


def opened(
    server: RedisServer,
    key: str,
    program: str = "worker",
    windows: Sequence[Window] = HOUR,
    egress: str = "",
    cipher: Optional[TokenCipher] = None,
) -> RedisStore:
    return RedisStore(server.url, key, windows, program, egress, cipher)


def test_hosts_share_each_window(server: RedisServer, key: str) -> None:
    first, second = opened(server, key), opened(server, key)
    waits = [store.reserve(None, False).wait for store in (first, second, first, second)]
    assert waits[:3] == [0.0, 0.0, 0.0]
    assert waits[3] == pytest.approx(HOUR[0].span, abs=60)


def test_slot_beyond_max_wait_is_refused_and_not_taken(server: RedisServer, key: str) -> None:
    store = opened(server, key)
    for _ in range(3):
        store.reserve(0, False)
    with pytest.raises(LimitWait):
        store.reserve(5, False)
    assert store.usage().windows[0].used == 3


def test_pause_after_429_holds_every_host(server: RedisServer, key: str) -> None:
    first, second = opened(server, key), opened(server, key)
    first.close_gate(500.0)
    first.close_gate(20.0)
    assert second.usage().closed_for == pytest.approx(500.0, abs=60)
    with pytest.raises(LimitWait):
        second.reserve(100, False)


def test_background_callers_leave_the_last_fifth(server: RedisServer, key: str) -> None:
    store = opened(server, key, windows=[Window(5, 3600.0)])
    granted = [store.reserve(None, True).ticket is not None for _ in range(5)]
    assert granted == [True] * 4 + [False]
    assert store.reserve(0, False).wait == 0.0


def test_hosts_of_other_addresses_share_only_the_long_window(server: RedisServer, key: str) -> None:
    windows = (Window(1, 30.0), Window(3, 3600.0))
    first = opened(server, key, windows=windows, egress="berlin")
    second = opened(server, key, windows=windows, egress="boston")
    assert first.reserve(0, False).wait == second.reserve(0, False).wait == 0.0
    with pytest.raises(LimitWait):
        first.reserve(0, False)
    assert {use.window.limit: use.used for use in first.usage().windows} == {1: 1, 3: 2}


def test_confirmed_slot_may_be_sent_at_once(server: RedisServer, key: str) -> None:
    store = opened(server, key)
    ticket = store.reserve(None, False).ticket
    assert ticket is not None
    assert store.confirm(ticket) == 0.0


def test_slot_whose_answer_is_late_counts_from_its_arrival(
    server: RedisServer, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import redis

    store, admin = opened(server, key), redis.Redis.from_url(server.url)
    reserve = store._reserve
    now, arrived = [0.0], []

    def late_reserve(*given: Any) -> Any:
        answer = reserve(*given)
        now[0] += 0.05
        seconds, microseconds = admin.time()
        arrived.append(seconds + microseconds / 1e6)
        return answer

    monkeypatch.setattr(redis_store, "monotonic", lambda: now[0])
    monkeypatch.setattr(store, "_reserve", late_reserve)
    slot = store.reserve(None, False)
    assert slot.wait == 0.0
    assert slot.ticket is not None
    entry: Any = admin.hget(f"formlabs:{{{key}}}:slots", str(slot.ticket[0] % (3 * 5)))
    assert float(entry.split()[1]) >= arrived[0]


def test_usage_names_the_programs(server: RedisServer, key: str) -> None:
    for program in ("mirror", "mirror", "script"):
        opened(server, key, program).reserve(None, False)
    assert opened(server, key).usage().windows[1].by_program == {"mirror": 2, "script": 1}


def test_other_limits_for_the_same_account_are_refused_by_name(
    server: RedisServer, key: str
) -> None:
    opened(server, key)
    with pytest.raises(SharedStateError, match=r"keeps the limits 3 in 3600 s"):
        opened(server, key, windows=[Window(9, 60.0)])


def test_scripts_are_sent_again_after_they_were_flushed(server: RedisServer, key: str) -> None:
    import redis

    store = opened(server, key)
    store.reserve(0, False)
    redis.Redis.from_url(server.url).script_flush()
    store.reserve(0, False)
    assert store.usage().windows[0].used == 2


def test_store_that_is_closed_during_a_call_still_answers_it(
    server: RedisServer, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another thread closes a store that has failed, in the middle of this thread's call."""
    from redis.connection import AbstractConnection

    store = opened(server, key)
    read = AbstractConnection.read_response

    def closing_read(connection: Any, *options: Any, **more: Any) -> Any:
        store.close()
        return read(connection, *options, **more)

    monkeypatch.setattr(AbstractConnection, "read_response", closing_read)
    assert store.reserve(0, False).wait == 0.0


def test_error_of_a_redis_user_without_scripts_names_the_permission(
    server: RedisServer, key: str
) -> None:
    import redis

    admin = redis.Redis.from_url(server.url)
    admin.execute_command("ACL", "SETUSER", "plain", "on", ">secret", "~*", "+@all", "-@scripting")
    url = server.url.replace("redis://", "redis://plain:secret@")
    with pytest.raises(SharedStateError, match=r"runs no Lua scripts.*allow EVAL") as refused:
        RedisStore(url, key, HOUR, "worker")
    assert "secret" not in str(refused.value)


def test_process_counts_alone_while_the_server_is_full(server: RedisServer, key: str) -> None:
    import redis

    admin = redis.Redis.from_url(server.url)
    limiter = SharedLimiter(lambda: opened(server, key), ((3, 3600.0), (5, 7200.0)))
    limiter.acquire(0)
    admin.config_set("maxmemory", "1")
    try:
        assert limiter.acquire(None) == 0.0  # no server to wait for: it has answered
        assert limiter.is_degraded
    finally:
        admin.config_set("maxmemory", "0")
        limiter.close()


def test_every_redis_key_expires(server: RedisServer, key: str) -> None:
    import redis

    cipher = TokenCipher("client secret", key)
    store = opened(server, key, cipher=cipher)
    store.reserve(0, False)
    store.close_gate(1)
    store.store_token(IssuedToken("the-token", 50, 100))
    admin = redis.Redis.from_url(server.url)
    names = list(admin.scan_iter(f"*{{{key}}}*"))
    assert len(names) == 2
    assert all(admin.ttl(name) > 0 for name in names)


def test_token_is_shared_encrypted_with_the_client_secret(server: RedisServer, key: str) -> None:
    import redis

    first = opened(server, key, cipher=TokenCipher("client secret", key))
    second = opened(server, key, cipher=TokenCipher("client secret", key))
    foreign = opened(server, key, cipher=TokenCipher("another secret", key))
    first.store_token(IssuedToken("the-token", 50, 100))
    found = second.token()
    assert found is not None
    assert found.value == "the-token"
    assert "the-token" not in repr(found)
    assert foreign.token() is None
    stored = redis.Redis.from_url(server.url).hgetall(f"formlabs:{{{key}}}:token")
    assert b"the-token" not in b"".join(stored.values())
    second.discard_token("other")
    assert first.token() is not None
    second.discard_token("the-token")
    assert first.token() is None


def test_only_one_host_fetches_the_token(server: RedisServer, key: str) -> None:
    cipher = TokenCipher("client secret", key)
    first, second = opened(server, key, cipher=cipher), opened(server, key, cipher=cipher)
    assert first.lease_token(30) == 0.0
    assert second.lease_token(30) > 0.0
    second.release_token(0)  # not the holder
    assert second.lease_token(30) > 0.0
    first.release_token(0)
    assert second.lease_token(30) == 0.0


def test_token_is_not_shared_by_default(server: RedisServer, key: str) -> None:
    store = opened(server, key)
    assert not store.shares_token
    store.store_token(IssuedToken("the-token", 50, 100))
    assert store.token() is None


def test_error_names_an_unreachable_redis_server(key: str) -> None:
    with pytest.raises(StoreUnavailable, match=r"redis://127.0.0.1:1/0"):
        RedisStore("redis://127.0.0.1:1/0", key, HOUR, "worker")


@pytest.mark.parametrize(
    "url",
    ["redis://", "redis://host:port/0", "redis://[::1/0", "rediss://host:99999", "redis://host/x"],
)
def test_malformed_redis_address_is_refused_with_an_example(url: str, key: str) -> None:
    secret = url.replace("://", "://user:pass%20word@")
    with pytest.raises(
        SharedStateError, match=r"not a Redis address .*redis://host:6379/0"
    ) as wrong:
        RedisStore(HiddenText(secret), key, HOUR, "worker")
    assert "pass" not in str(wrong.value)


def test_requests_from_before_a_restart_count_after_it(tmp_path: Path, key: str) -> None:
    """The server kept nothing; each process restores what it knows, its own requests alone too."""
    require_redis()
    server = RedisServer(tmp_path)
    server.start()
    now = [0.0]
    limits, windows = ((8, 3600.0),), [Window(8, 3600.0)]

    def limiter_of_a_process() -> SharedLimiter:
        return SharedLimiter(
            lambda: opened(server, key, windows=windows), limits, clock=lambda: now[0]
        )

    ended, first, second = (limiter_of_a_process() for _ in range(3))
    for limiter in (first, ended, ended, second):
        limiter.acquire(0)
    server.stop()
    first.acquire(0)
    assert first.is_degraded
    server.start()
    now[0] += 100
    for limiter in (first, second):
        with pytest.raises(LimitWait) as wait:
            limiter.acquire(0)
        assert 0 < wait.value.retry_after <= 6  # others may still restore theirs
        assert not limiter.is_degraded
    assert first.quota.windows[0].used == 5
    for limiter in (ended, first, second):
        limiter.close()
    server.stop()


def milliseconds_of(admin: Any) -> int:
    seconds, microseconds = admin.time()
    return int(1000 * seconds + microseconds // 1000)


def test_slot_from_before_the_loss_is_not_confirmed(server: RedisServer, key: str) -> None:
    import redis

    store = opened(server, key)
    ticket = store.reserve(None, False).ticket
    assert ticket is not None
    admin = redis.Redis.from_url(server.url)
    admin.delete(f"formlabs:{{{key}}}:slots")
    while milliseconds_of(admin) <= ticket[0]:
        pass  # tickets begin at that time, and the other server began later
    again = opened(server, key)
    assert again.reserve(None, False).ticket != ticket
    assert again.confirm(ticket) is None
    with pytest.raises(StateLost, match="has lost its data"):
        store.reserve(None, False)
