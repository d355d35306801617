"""Short names call the official operations of their client."""

from __future__ import annotations

import copy
import subprocess
import sys
from pathlib import Path
from typing import Any, Dict, Iterator, Tuple
from unittest import mock

import pytest

import formlabs_web_api
from formlabs_web_api import ApiClient, Configuration, PrintersApi, models
from formlabs_web_api._core.namespace import Namespace
from test.support.loopback import Loopback
from test.support.operations import BY_NAME, data_of

yaml = pytest.importorskip("yaml")

ROOT = Path(__file__).resolve().parents[2]
OVERLAY: Dict[str, Any] = yaml.safe_load((ROOT / "overlay.yaml").read_text(encoding="utf-8"))
SHORT = [
    (namespace, short, official)
    for namespace, node in OVERLAY["namespaces"].items()
    for short, official in node["operations"].items()
]


def _listings() -> Iterator[Tuple[str, str, str]]:
    for namespace, short, official in SHORT:
        operation = BY_NAME[official]
        if hasattr(getattr(formlabs_web_api, operation.api), f"{official}_iter"):
            yield namespace, short, official


@pytest.mark.parametrize(("namespace", "short", "official"), SHORT)
def test_short_name_sends_the_request_of_the_official_operation(
    service: Loopback, client: ApiClient, namespace: str, short: str, official: str
) -> None:
    operation = BY_NAME[official]
    service.reply(operation.status, operation.body, Content_Type="application/json")
    expected = operation.call(client)
    returned = getattr(getattr(client, namespace), short)(*operation.arguments)
    first, second = service.asked
    assert (second.method, second.target, second.body) == (first.method, first.target, first.body)
    assert type(returned) is type(expected)
    assert returned == expected


@pytest.mark.parametrize(("namespace", "short", "official"), list(_listings()))
def test_listing_has_short_names_for_its_items_and_its_pages(
    service: Loopback, client: ApiClient, namespace: str, short: str, official: str
) -> None:
    operation = BY_NAME[official]
    service.reply(200, {"count": 0, "next": None, "previous": None, "results": []})
    prefix = "" if short == "list" else f"{short}_"
    group = getattr(client, namespace)
    for spelling, kind in (("iter", "Items"), ("pages", "Pages")):
        listing = getattr(group, prefix + spelling)(*operation.arguments, per_page=7)
        assert type(listing).__name__ == kind
        assert list(listing) in ([], [[]])
        assert service.last.path == operation.path
        assert ("per_page", "7") in service.last.arguments


def test_every_operation_but_those_of_tokens_has_a_short_name() -> None:
    named = {official for _, _, official in SHORT}
    assert named == {one.name for one in BY_NAME.values() if one.api != "AuthenticationApi"}


def test_namespace_can_be_replaced_by_an_api_object(service: Loopback, client: ApiClient) -> None:
    service.reply(200, data_of("printers"))
    client.printers = PrintersApi(client)  # type: ignore[assignment]
    assert isinstance(client.printers, PrintersApi)
    assert len(client.printers.printers_list()) == len(data_of("printers"))
    with mock.patch.object(client, "prints", "replaced"):
        assert client.prints == "replaced"  # type: ignore[comparison-overlap]
    assert isinstance(client.prints, Namespace)


def test_namespace_of_a_copied_client_uses_the_copy() -> None:
    original = ApiClient(Configuration(access_token="made-up"))
    assert original.printers.api_client is original
    duplicate = copy.copy(original)
    assert duplicate.printers.api_client is duplicate


def test_short_name_calls_a_replaced_official_method(client: ApiClient) -> None:
    with mock.patch.object(PrintersApi, "printers_list", return_value=["replaced"]):
        assert client.printers.list() == ["replaced"]


def test_repr_of_a_namespace_names_it_and_its_client(client: ApiClient) -> None:
    assert repr(client.printers) == f"<PrintersNamespace on {client!r}>"


@pytest.mark.parametrize(("alias", "official"), OVERLAY["aliases"].items())
def test_alias_is_the_official_model(alias: str, official: str) -> None:
    for package in (formlabs_web_api, models):
        assert getattr(package, alias) is getattr(package, official)
        assert alias in dir(package)
        assert alias not in package.__all__


def test_client_imports_a_namespace_when_it_is_first_used() -> None:
    program = (
        "import sys; from formlabs_web_api import ApiClient; client = ApiClient()\n"
        "names = lambda: sorted(n.rpartition('.')[2] for n in sys.modules if '.api.' in n)\n"
        "before = names(); client.printers; print(before, names())"
    )
    shown = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert shown.stdout.strip() == "[] ['printers_api', 'prints_api']"
