"""A token endpoint on the loopback server."""

from __future__ import annotations

import threading
from typing import List

from test.support.loopback import Answer, Asked, Loopback
from test.support.operations import data_of

TOKEN_PATH = "/developer/v1/o/token/"
REVOKE_PATH = "/developer/v1/o/revoke_token/"


class TokenServer:
    """Issue the tokens t1, t2, … and serve the other requests.

    The others get ``answers`` in turn, the last one repeatedly; without ``answers``, a page of
    prints if their token was issued and not revoked, and 401 otherwise.
    """

    def __init__(self, service: Loopback, *answers: Answer) -> None:
        self.service = service
        self.answers = list(answers)
        self.token_answers: List[Answer] = []
        """What token requests get, in turn and the last one repeatedly, instead of a token."""
        self.issued: List[str] = []
        self.revoked: List[str] = []
        self.refuses_all = False
        self._lock = threading.Lock()
        service.answer = self.answer

    def answer(self, asked: Asked) -> Answer:
        if asked.path == TOKEN_PATH:
            return self._answer_token_request()
        if self.answers:
            return _next_of(self.answers)
        if asked.path == REVOKE_PATH:
            self.revoked.append(asked.form["token"])
            return Answer(200)
        token = asked.headers.get("authorization", "")[len("Bearer ") :]
        if self.refuses_all or token not in self.issued or token in self.revoked:
            return Answer(401, {"detail": "Invalid token."})
        return Answer(200, data_of("prints"))

    def _answer_token_request(self) -> Answer:
        if self.token_answers:
            return _next_of(self.token_answers)
        with self._lock:
            self.issued.append(f"t{len(self.issued) + 1}")
            return Answer(200, {"access_token": self.issued[-1], "expires_in": 86400})

    @property
    def bearers(self) -> List[str]:
        """The Authorization headers of all requests but those for a token."""
        asked = (one for one in self.service.asked if one.path != TOKEN_PATH)
        return [one.headers["authorization"] for one in asked]


def _next_of(answers: List[Answer]) -> Answer:
    return answers.pop(0) if len(answers) > 1 else answers[0]
