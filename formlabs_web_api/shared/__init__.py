"""One rate limit and one token for all processes of an account.

The service counts 1,500 requests an hour for an account and 100 a second for an address. A process
that counts for itself cannot know what the others use, so that twenty workers at their defaults end
in 429. With ``Configuration(shared=...)`` they count together:

=============================  ===================================================================
``shared=True``                A SQLite file in the user's state directory, one for each service
                               host and account. For the processes of one user on one host.
``"sqlite:///path/to/file"``   A SQLite file of your choice; its folder has to exist.
``"redis://host:6379/0"``      A Redis server, for several hosts (extra ``redis``); ``rediss://``
                               for TLS.
=============================  ===================================================================

``store`` describes what is shared, ``sqlite_store`` and ``redis_store`` keep it, ``limiter`` and
``tokens`` use it. The core knows none of them: it takes any ``Limiter`` and any ``TokenStore``.
"""

from __future__ import annotations

from formlabs_web_api.shared.store import SharedStateError, Slot, StoreUnavailable

__all__ = ["SharedStateError", "Slot", "StoreUnavailable"]
