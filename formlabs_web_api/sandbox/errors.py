"""What the service says when it does not do what it was asked."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional


class Refusal(Exception):
    """An answer other than success: its status, its JSON body, further headers."""

    def __init__(self, status: int, body: Any, headers: Optional[Mapping[str, str]] = None) -> None:
        super().__init__(f"{status} {body}")
        self.status = status
        self.body = body
        self.headers: Dict[str, str] = dict(headers or {})


def detail(status: int, text: str, headers: Optional[Mapping[str, str]] = None) -> Refusal:
    """A refusal that says why in one sentence."""
    return Refusal(status, {"detail": text}, headers)


def invalid(errors: Mapping[str, List[str]]) -> Refusal:
    """A refusal that names each bad field or parameter."""
    return Refusal(400, dict(errors))


def not_found() -> Refusal:
    """No such thing, or none that the account may see."""
    return detail(404, "Not found.")


def forbidden() -> Refusal:
    """The thing exists, but the account has no right to do this to it."""
    return detail(403, "You do not have permission to perform this action.")
