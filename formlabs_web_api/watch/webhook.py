"""Send changes to a webhook, signed by Standard Webhooks, as CloudEvents 1.0."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import time
from typing import Any, Callable, Dict, List, Optional, Sequence, Union

from urllib3 import Retry
from urllib3.exceptions import HTTPError

from formlabs_web_api._core.call_scope import CallScope
from formlabs_web_api._core.fast_http import PoolManager
from formlabs_web_api._core.pipeline import retry_after_of
from formlabs_web_api._core.wire_log import HiddenQueries
from formlabs_web_api._util.secrets import HiddenBytes, HiddenText
from formlabs_web_api._util.text import one_line
from formlabs_web_api._util.urls import parse_url
from formlabs_web_api.exceptions import ApiValueError
from formlabs_web_api.rest import RESTResponse
from formlabs_web_api.watch.changes import Change
from formlabs_web_api.watch.sinks import DELIVERED, Delivery, DeliveryResult

_PREFIX = "whsec_"
_SOURCE = "urn:formlabs_web_api:watch"


class WebhookSink:
    """Posts each change to an address.

    A request carries ``webhook-id`` (the key of the change, the same in every attempt),
    ``webhook-timestamp`` and ``webhook-signature`` (new in each). 2xx is a success; 410 disables
    the webhook; a redirect is a failure and is not followed. The API's token is not sent.

    Args:
        url: Where to send; ``http://`` or ``https://``.
        secrets: One secret, ``whsec_`` and Base64 of 24 to 64 bytes, or several while one replaces
            another: the receiver accepts a signature by any of them.
        name: Name in the state; the same in every run. None makes one of the host.
        source: The CloudEvents ``source``, a URI of the sender.
        timeout: Seconds for a whole delivery.
        clock: Seconds since 1970.

    Raises:
        ApiValueError: the address or a secret is malformed; no text repeats the secret.
    """

    def __init__(
        self,
        url: str,
        secrets: Union[str, Sequence[str]],
        *,
        name: Optional[str] = None,
        source: str = _SOURCE,
        timeout: float = 20.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        try:
            parsed = parse_url(url)
        except ValueError as error:
            raise ApiValueError(f"webhook: {error}") from None
        if parsed.scheme not in ("http", "https"):
            raise ApiValueError("webhook: the address has to begin with https:// or http://")
        given = [secrets] if isinstance(secrets, str) else list(secrets)
        if not given:
            raise ApiValueError("webhook: a secret is needed, so that the receiver can verify it")
        self._keys = [_key_of(secret) for secret in given]
        self._url = HiddenText(url)  # a token may stand in its query
        digest = hashlib.sha256(url.encode("utf-8", "surrogatepass")).hexdigest()
        self._name = name or f"webhook {parsed.host} {digest[:8]}"
        self._source = source
        self._timeout = timeout
        self._clock = clock
        self._pool = PoolManager()

    @property
    def name(self) -> str:
        """The name under which the state keeps the deliveries."""
        return self._name

    def deliver(self, change: Change) -> Delivery:
        """Post a change once; see :meth:`Sink.deliver`."""
        body = json.dumps(self.event_of(change)).encode()
        options: Dict[str, Any] = {"preload_content": False, "redirect": False}
        try:
            with CallScope(self._timeout), HiddenQueries():
                response = self._pool.urlopen(
                    "POST",
                    self._url,
                    body=body,
                    headers=self._headers(change.key, body),
                    retries=Retry(False, redirect=False),
                    timeout=self._timeout,
                    **options,
                )
                status = response.status
                response.close()
        except HTTPError as error:
            return Delivery(DeliveryResult.RETRY, f"no answer: {type(error).__name__}")
        if 200 <= status < 300:
            return DELIVERED
        reason = one_line(f"{status} {response.reason or ''}")[:80]
        if status == 410:
            return Delivery(DeliveryResult.DISABLED, reason)
        return Delivery(DeliveryResult.RETRY, reason, retry_after_of(RESTResponse(response)))

    def event_of(self, change: Change) -> Dict[str, Any]:
        """Return a change as a CloudEvents 1.0 object in structured mode."""
        data = change.to_dict()
        return {
            "specversion": "1.0",
            "id": change.key,
            "source": self._source,
            "type": str(change.kind),
            "subject": change.printer,
            "time": data["at"],
            "datacontenttype": "application/json",
            "data": data,
        }

    def close(self) -> None:
        """Close the connections."""
        self._pool.clear()

    def _headers(self, key: str, body: bytes) -> Dict[str, str]:
        moment = str(int(self._clock()))
        signed = b".".join([key.encode(), moment.encode(), body])
        signatures: List[str] = []
        for secret in self._keys:
            digest = hmac.new(secret, signed, hashlib.sha256).digest()
            signatures.append(f"v1,{base64.b64encode(digest).decode()}")
        return {
            "Content-Type": "application/cloudevents+json",
            "webhook-id": key,
            "webhook-timestamp": moment,
            "webhook-signature": " ".join(signatures),
        }


def _key_of(secret: str) -> bytes:
    wrong = ApiValueError(
        f"webhook: a secret is {_PREFIX} and Base64 of 24 to 64 random bytes, as the receiver shows"
    )
    if not secret.startswith(_PREFIX):
        raise wrong
    try:
        key = base64.b64decode(secret[len(_PREFIX) :].encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise wrong from None
    if not 24 <= len(key) <= 64:
        raise wrong
    return HiddenBytes(key)
