"""The same report twice: with plain ``requests``, and with this client.

The report is the resin used by finished prints, by material. The first version shows the work of a
script without the client; the second uses the client, which also keeps the rate limits, renews the
token and parses undocumented responses. The program runs both, prints them side by side and reports
whether they agree. The first needs ``pip install requests``.
"""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from math import isclose
from typing import Any, Dict, Iterator

import requests

import formlabs_web_api

HOST = os.environ.get("FORMLABS_HOST", "https://api.formlabs.com")


def token(session: requests.Session, client_id: str, client_secret: str) -> str:
    answer = session.post(
        f"{HOST}/developer/v1/o/token/",
        data={
            "grant_type": "client_credentials",
            "client_id": client_id,
            "client_secret": client_secret,
        },
        timeout=30,
    )
    answer.raise_for_status()
    return str(answer.json()["access_token"])


def finished_prints(session: requests.Session) -> Iterator[Dict[str, Any]]:
    seen = set()
    page = 1
    while True:
        answer = session.get(
            f"{HOST}/developer/v1/prints/",
            params={"status": "FINISHED", "page": str(page), "per_page": "100"},
            timeout=30,
        )
        if answer.status_code == 429:  # too many requests
            time.sleep(float(answer.headers.get("Retry-After", "5")))
            continue
        answer.raise_for_status()
        content = answer.json()
        for run in content["results"]:
            if run["guid"] not in seen:  # rows move to the next page while prints start
                seen.add(run["guid"])
                yield run
        if not content["next"]:
            return
        page += 1


def with_requests() -> Counter[str]:
    used: Counter[str] = Counter()
    with requests.Session() as session:
        value = token(
            session, os.environ["FORMLABS_CLIENT_ID"], os.environ["FORMLABS_CLIENT_SECRET"]
        )
        session.headers["Authorization"] = f"Bearer {value}"
        for run in finished_prints(session):
            used[run["material_name"]] += run["volume_ml"]
    return used


def with_this_client() -> Counter[str]:
    used: Counter[str] = Counter()
    with formlabs_web_api.ApiClient() as client:
        for run in formlabs_web_api.PrintsApi(client).prints_list_iter(status="FINISHED"):
            used[run.material_name] += run.volume_ml
    return used


def main() -> int:
    names = ("FORMLABS_CLIENT_ID", "FORMLABS_CLIENT_SECRET")
    missing = [name for name in names if not os.environ.get(name)]
    if missing:
        print(f"Error: set the environment variable {' and '.join(missing)}", file=sys.stderr)
        return 2
    plain, client = with_requests(), with_this_client()
    print("  requests  this client  material")
    for material, volume in client.most_common():
        print(f"{plain[material]:7,.0f} ml {volume:9,.0f} ml  {material}")
    agree = plain.keys() == client.keys() and all(
        isclose(plain[material], volume) for material, volume in client.items()
    )
    print("Both agree." if agree else "They differ: prints may have ended in between.")
    return 0 if agree else 1


if __name__ == "__main__":
    sys.exit(main())
