"""Rules for credentials from several sources, such as a file and the environment.

Credentials come whole from one source: an id from a file never pairs with a secret from the
environment. A source without a host is refused while another source names one, and is never
resolved by guessing: a delete meant for a test server must not reach production.
"""

from __future__ import annotations

import os
from typing import Any, Dict, Mapping, NamedTuple, Optional, Sequence, cast

from formlabs_web_api._util.secrets import hidden
from formlabs_web_api.exceptions import ApiTypeError, ApiValueError

SETTINGS = ("host", "client_id", "client_secret")
_BOM = "\ufeff"


class Source(NamedTuple):
    """A place that settings come from."""

    name: str
    """As an error calls it: a path, or "the environment"."""
    settings: Mapping[str, str]

    @property
    def has_credentials(self) -> bool:
        """True if it holds a token, or at least half of a pair."""
        return any(self.settings.get(key) for key in ("access_token", *SETTINGS[1:]))


def variable_of(setting: str) -> str:
    """Return the environment variable of a setting."""
    return f"FORMLABS_{setting.upper()}"


def environment_source() -> Source:
    """Return the settings of the environment, as they are now."""
    found: Dict[str, str] = {}
    for setting in SETTINGS:
        value = os.environ.get(variable_of(setting))
        if value:
            found[setting] = hidden(value) if setting == "client_secret" else value
    return Source("the environment", found)


def missing_half(source: Source) -> Optional[str]:
    """Return which of client id and client secret a source lacks while it has the other one."""
    missing = [name for name in SETTINGS[1:] if not source.settings.get(name)]
    return missing[0] if len(missing) == 1 and not source.settings.get("access_token") else None


def check_source(chosen: Source, others: Sequence[Source]) -> None:
    """Check the source of a run's credentials.

    Raises:
        ApiValueError: it has half a pair, or no host while another source names one, or a value
            that begins or ends with white space; the message holds no value.
    """
    for name, value in chosen.settings.items():
        check_edges(f"{name} of {chosen.name}", value)
    half = missing_half(chosen)
    if half is not None:
        raise ApiValueError(
            f"{chosen.name} has no {half}; both halves must come from the same source"
        )
    if not chosen.has_credentials or chosen.settings.get("host"):
        return
    naming = [one.name for one in others if one.settings.get("host")]
    if naming:
        raise ApiValueError(
            f"{chosen.name} has credentials without a host, but {naming[0]} names a host; name the"
            " host where the credentials are, or remove the other one"
        )


def check_edges(name: str, value: str) -> None:
    """Check that a credential has no white space or byte order mark around it.

    Raises:
        ApiTypeError: it is not text.
        ApiValueError: it has; a file or a secret store often adds a line end.
    """
    if not isinstance(cast(Any, value), str):
        raise ApiTypeError(f"{name}: text is needed, not {type(value).__name__}")
    if value != value.strip().strip(_BOM):
        raise ApiValueError(f"{name} begins or ends with white space or a byte order mark")
