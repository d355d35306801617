"""Connect a client to the state that it shares with other processes."""

from __future__ import annotations

import os
import sys
from functools import partial
from pathlib import Path
from typing import Callable, Optional, Union
from urllib.parse import urlsplit

from formlabs_web_api._util.text import one_line
from formlabs_web_api.configuration import Configuration
from formlabs_web_api.shared.limiter import SharedLimiter
from formlabs_web_api.shared.location import account_key, default_file, sqlite_file
from formlabs_web_api.shared.store import SharedStateError, Store, windows_of
from formlabs_web_api.shared.tokens import SharedTokens


class SharedState:
    """The limiter and the tokens of one client, on one store.

    Args:
        configuration: Its ``shared`` is the location of the state.

    Raises:
        SharedStateError: The location cannot be used; the message names valid ones.
    """

    def __init__(self, configuration: Configuration) -> None:
        self.limiter = SharedLimiter(
            _opener(configuration),
            configuration.rate_limits or (),
            configuration.max_share,
            configuration.priority == "background",
        )
        self.tokens = SharedTokens(self.limiter.awaited_store, drop=self.limiter.drop)
        # Opened at once, so that a wrong setting is an error here and not in the first call.
        self.limiter.store()

    def close(self) -> None:
        """Close the connection to the store."""
        self.limiter.close()


def _opener(configuration: Configuration) -> Callable[[], Store]:
    """Return a function that opens the store that ``configuration.shared`` names."""
    shared: Union[bool, str, None] = configuration.shared
    windows = windows_of(configuration.rate_limits or ())
    account = configuration.account or configuration.client_id
    if not account:
        raise SharedStateError(
            "shared: name the account with Configuration(account=...), since there is no client_id"
        )
    host = urlsplit(configuration.host).netloc
    key = account_key(host, account)
    program = _program_name()
    if isinstance(shared, str) and shared.startswith(("redis://", "rediss://")):
        from formlabs_web_api.shared.encryption import TokenCipher
        from formlabs_web_api.shared.redis_store import RedisStore

        cipher: Optional[TokenCipher] = None
        if configuration.share_token == "encrypted":
            if not configuration.client_secret:
                raise SharedStateError('shared: share_token="encrypted" needs a client_secret')
            cipher = TokenCipher(configuration.client_secret, key)
        egress = configuration.egress or ""
        return partial(RedisStore, shared, key, windows, program, egress, cipher)

    from formlabs_web_api.shared.sqlite_store import SqliteStore

    if isinstance(shared, str) and shared.startswith("sqlite:"):
        path = sqlite_file(shared)
    elif shared is True:
        path = default_file(key)
    else:
        raise SharedStateError(
            f"shared is {shared!r}; True, sqlite:///path/to/file or redis://host is needed"
        )
    return partial(SqliteStore, Path(path), key, windows, program)


def _program_name() -> str:
    name = os.path.basename(sys.argv[0] if sys.argv else "") or "python"
    return one_line(name)[:60]
