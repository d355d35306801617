"""Price lists: dated prices, and mistakes with their line and key."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from formlabs_web_api.reports.prices import PriceListError, parse_prices, read_prices


def test_a_price_holds_from_its_day_until_the_next_one() -> None:
    prices = parse_prices(
        'currency = "EUR"\n'
        '[[material]]\ncode = "A"\nper_litre = 149.10\nfrom = 2026-01-01\n'
        '[[material]]\ncode = "A"\nper_litre = 160\nfrom = 2026-02-01\n'
    )
    assert prices.per_litre("A", date(2025, 12, 31)) is None
    assert prices.per_litre("A", date(2026, 1, 31)) == Decimal("149.10")
    assert prices.per_litre("A", date(2026, 2, 1)) == 160
    assert prices.per_litre("B", date(2026, 2, 1)) is None


def test_a_printer_without_a_price_of_its_own_has_the_general_one() -> None:
    prices = parse_prices(
        'currency = "EUR"\n[[machine]]\nper_hour = 2\n[[machine]]\nprinter = "X"\nper_hour = 5\n'
    )
    assert [prices.per_hour(one, date(2026, 1, 1)) for one in "XY"] == [5, 2]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("currency = 5", r"line 1, currency must be a code of three letters"),
        ("", r"currency must be a code of three letters"),
        ('currency = "EUR"\n\nfee = 3', r"line 3, fee is not a key of a price list"),
        ('currency = "EUR"\n[[material]]\nper_litre = 1', r"line 2, \[\[material\]\] code must"),
        (
            'currency = "EUR"\n[[material]]\ncode = "A"\nper_litre = -1',
            r"line 4, \[\[material\]\] per_litre must be a number that is not negative",
        ),
        (
            'currency = "EUR"\n[[material]]\ncode = "A"\nper_litre = true',
            r"line 4, \[\[material\]\] per_litre must be a number",
        ),
        (
            'currency = "EUR"\n[[machine]]\nper_hour = 1\n[[machine]]\nper_hour = 2',
            r"line 4, \[\[machine\]\] from repeats the price of all printers",
        ),
        (
            'currency = "EUR"\n[[material]]\ncode = "A"\nper_litre = 1\nfrom = "2026-01-01"',
            r"line 5, \[\[material\]\] from must be a date without quotes",
        ),
        (
            'currency = "EUR"\n[[material]]\ncode = "A"\nper_liter = 1',
            r"line 4, \[\[material\]\] per_liter is not known; write code, per_litre, from",
        ),
        ('currency = "EUR"\nmaterial = 3', r"line 2, material must be a table"),
        ('currency = "EUR', r"line 1"),
    ],
)
def test_error_in_a_price_list_names_line_and_key(text: str, message: str) -> None:
    with pytest.raises(PriceListError, match=message):
        parse_prices(text)


def test_error_in_a_price_list_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "prices.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(PriceListError, match=r"prices\.toml is not UTF-8"):
        read_prices(path)
    path.write_text("currency = 1", encoding="utf-8")
    with pytest.raises(PriceListError, match=r"prices\.toml: line 1"):
        read_prices(path)
