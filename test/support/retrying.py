"""Retries without their waits, and the responses that cause them."""

from __future__ import annotations

from formlabs_web_api.retry import RetryPolicy
from test.support.loopback import Answer

IDEMPOTENT = ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"]
NOT_IDEMPOTENT = ["POST", "PATCH"]
WITHOUT_BACKOFF = RetryPolicy(backoff_base=0)
"""The default policy without its waits."""

REJECTED = {"429": Answer(429), "503 Retry-After": Answer(503, headers={"Retry-After": "0"})}
"""Responses that show that a request was not acted on."""
UNCERTAIN = {
    **{str(status): Answer(status) for status in (408, 500, 502, 503, 504)},
    "closed without an answer": Answer(close=True),
    "cut short": Answer(200, b"[1, 2, 3]", cut=4),
}
"""Failures after which a request may or may not have been acted on."""
REFUSED = {str(status): Answer(status) for status in (400, 401, 403, 404, 409, 410, 422, 501, 505)}
"""Errors that a retry would not change."""
