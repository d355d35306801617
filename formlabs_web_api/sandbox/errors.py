"""Error answers of the service."""

from __future__ import annotations

from typing import Dict, List, Mapping, Optional


class Refusal(Exception):
    """An error answer: status, JSON body, and further headers."""

    def __init__(
        self, status: int, body: object, headers: Optional[Mapping[str, str]] = None
    ) -> None:
        super().__init__(f"{status} {body}")
        self.status = status
        self.body = body
        self.headers: Dict[str, str] = dict(headers or {})


def detail(status: int, text: str, headers: Optional[Mapping[str, str]] = None) -> Refusal:
    """Build a refusal with a reason in one sentence."""
    return Refusal(status, {"detail": text}, headers)


def invalid(errors: Mapping[str, List[str]]) -> Refusal:
    """Build a refusal with reasons for each invalid field or parameter."""
    return Refusal(400, dict(errors))


def not_found() -> Refusal:
    """Build the refusal for an object that does not exist, or that the account may not see."""
    return detail(404, "Not found.")


def forbidden() -> Refusal:
    """Build the refusal for an object that the account may see but not change."""
    return detail(403, "You do not have permission to perform this action.")
