"""Price lists: dated prices of materials and of machine hours, from a TOML file."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from importlib import import_module
from os import PathLike
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional, Tuple, Union

from formlabs_web_api._util.extras import install_hint
from formlabs_web_api._util.json import is_array, is_object

CENT = Decimal("0.01")
_TABLES: Mapping[str, Tuple[str, Tuple[str, ...]]] = {
    "material": ("per_litre", ("code", "from")),
    "machine": ("per_hour", ("printer", "from")),
}
"""The tables of a price list: the key of the price, and the other keys."""


class PriceListError(ValueError):
    """A mistake in a price list, with its line and key."""


@dataclass(frozen=True)
class Price:
    """A price that holds from a local day until the next one of the same subject."""

    subject: str
    """Code of a material, or serial of a printer; empty for all printers."""
    amount: Decimal
    start: date


@dataclass(frozen=True)
class PriceList:
    """Prices in one currency."""

    currency: str
    materials: Tuple[Price, ...] = ()
    machines: Tuple[Price, ...] = ()

    def per_litre(self, code: str, day: date) -> Optional[Decimal]:
        """Return the price of a litre (a kilogram of powder has none) of a material on a day."""
        return _latest(self.materials, code, day)

    def per_hour(self, serial: str, day: date) -> Optional[Decimal]:
        """Return the price of an hour of a printer on a day; the general one if it has none."""
        own = _latest(self.machines, serial, day)
        return _latest(self.machines, "", day) if own is None else own


def _latest(prices: Tuple[Price, ...], subject: str, day: date) -> Optional[Decimal]:
    valid = [price for price in prices if price.subject == subject and price.start <= day]
    return max(valid, key=lambda price: price.start).amount if valid else None


def read_prices(path: Union[str, PathLike[str]]) -> PriceList:
    """Read a price list.

    Raises:
        PriceListError: The file has a mistake; the message names line and key.
        OSError: The file cannot be read.
    """
    try:
        text = Path(path).read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise PriceListError(f"{path} is not UTF-8 text") from None
    try:
        return parse_prices(text)
    except PriceListError as error:
        raise PriceListError(f"{path}: {error}") from None


def parse_prices(text: str) -> PriceList:
    """Parse the text of a price list; errors as of :func:`read_prices`."""
    toml = _toml()
    try:
        content: Dict[str, Any] = toml.loads(text, parse_float=Decimal)
    except toml.TOMLDecodeError as error:
        problem = str(error).replace(
            "at end of document", f"at the end, line {text.count(chr(10)) + 1}"
        )
        raise PriceListError(problem) from None
    lines = _Lines(text)
    unknown = sorted(set(content) - {"currency", *_TABLES})
    if unknown:
        raise lines.error(unknown[0], "is not a key of a price list: currency, material, machine")
    currency = content.get("currency")
    if not isinstance(currency, str) or not re.fullmatch(r"[A-Z]{3}", currency):
        raise lines.error("currency", 'must be a code of three letters, such as "EUR"')
    found = {name: _prices(name, content.get(name, []), lines) for name in _TABLES}
    return PriceList(currency, found["material"], found["machine"])


def _toml() -> Any:
    name = "tomllib" if sys.version_info >= (3, 11) else "tomli"
    try:
        return import_module(name)
    except ImportError as error:
        raise ImportError(f"price lists need {error.name}: {install_hint('reports')}") from error


class _Lines:
    """Lines of keys, which the TOML parser does not keep."""

    def __init__(self, text: str) -> None:
        self._lines = text.splitlines()

    def error(
        self, key: str, problem: str, table: Optional[str] = None, number: int = 0
    ) -> PriceListError:
        """Return the error of a key, of the nth table of a name if one is given."""
        line = self._line(key, table, number)
        where = f"line {line}, " if line else ""
        name = f"[[{table}]] {key}" if table else key
        return PriceListError(f"{where}{name} {problem}")

    def _line(self, key: str, table: Optional[str], number: int) -> Optional[int]:
        first, last = 0, len(self._lines)
        if table is not None:
            headers = [
                at
                for at, line in enumerate(self._lines)
                if re.match(rf"\s*\[\[\s*{table}\s*\]\]", line)
            ]
            if number >= len(headers):
                return None  # written as an array of inline tables
            first = headers[number]
        for at in range(first, last):
            if at > first and table is not None and re.match(r"\s*\[", self._lines[at]):
                break
            if re.match(rf"\s*\[*\s*[\"']?{re.escape(key)}[\"']?\s*[\]=.]", self._lines[at]):
                return at + 1
        return first + 1 if table is not None else None


def _prices(table: str, entries: object, lines: _Lines) -> Tuple[Price, ...]:
    if not is_array(entries):
        raise lines.error(table, f"must be a table in double brackets: [[{table}]]")
    found: List[Price] = []
    for number, entry in enumerate(entries):
        if not is_object(entry):
            raise lines.error(table, f"must be a table in double brackets: [[{table}]]")
        price = _price(table, entry, lines, number)
        if any((one.subject, one.start) == (price.subject, price.start) for one in found):
            about = f"repeats the price of {price.subject or 'all printers'} on that day"
            raise lines.error("from", about, table, number)
        found.append(price)
    return tuple(found)


def _price(table: str, entry: Dict[str, object], lines: _Lines, number: int) -> Price:
    key, others = _TABLES[table]
    subject_key = others[0]
    for name in entry:
        if name not in (key, *others):
            known = ", ".join((subject_key, key, "from"))
            raise lines.error(name, f"is not known; write {known}", table, number)
    subject = entry.get(subject_key, "" if table == "machine" else None)
    if not isinstance(subject, str) or (table == "material" and not subject):
        raise lines.error(subject_key, "must be a text", table, number)
    start = entry.get("from", date.min)
    if not isinstance(start, date) or isinstance(start, datetime):
        raise lines.error("from", "must be a date without quotes: 2026-01-31", table, number)
    amount = _amount(entry.get(key))
    if amount is None:
        raise lines.error(key, "must be a number that is not negative", table, number)
    return Price(subject, amount, start)


def _amount(value: object) -> Optional[Decimal]:
    if isinstance(value, bool) or not isinstance(value, (int, str, Decimal)):
        return None
    try:
        amount = Decimal(value)
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and amount >= 0 else None
