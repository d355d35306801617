"""Values as they come, in batches, into the arrays of a data frame.

A value that does not fit its column, which only an answer that differs from its description can
hold, is missing in the array. Of a batch only what the array needs is kept, so that the models it
is from can go.
"""

from __future__ import annotations

import abc
from datetime import datetime, timedelta, timezone
from typing import Any, Dict, List, Optional, Sequence, Set, Type, cast

import numpy as np
import pandas as pd

from formlabs_web_api.models.derived.raw import number
from formlabs_web_api.tables.columns import Field, FieldKind
from formlabs_web_api.tables.texts import clean_texts

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MICROSECOND = timedelta(microseconds=1)
_NONE = type(None)

LARGEST = 2**63 - 1
NO_TIME = -(2**63)
"""The value for a missing time, the same as numpy's."""


class Array(abc.ABC):
    """The array of one column while it is filled, chunk by chunk.

    Args:
        column: The column.
        secrets: True if signed addresses stay in its texts.
    """

    def __init__(self, column: Field, secrets: bool) -> None:
        self.column = column
        self.secrets = secrets
        self.chunks: List[Any] = []

    def add(self, values: Sequence[object]) -> None:
        """Append values."""
        self.chunks.append(self.chunk(values, set(map(type, values))))

    @abc.abstractmethod
    def chunk(self, values: Sequence[object], types: Set[type]) -> Any:
        """Values, which are of these types, as numpy has them."""

    @abc.abstractmethod
    def finished(self) -> Any:
        """All values as pandas has them; the chunks are gone afterwards."""

    def joined(self, dtype: Any) -> Any:
        """All chunks as one; they are gone afterwards."""
        chunks, self.chunks = self.chunks, []
        return chunks[0] if len(chunks) == 1 else np.concatenate([np.empty(0, dtype), *chunks])


class _Texts(Array):
    def chunk(self, values: Sequence[Any], types: Set[type]) -> Any:
        if not types <= {str, _NONE}:
            values = [value if isinstance(value, str) else None for value in values]
        texts = np.empty(len(values), dtype=object)
        texts[:] = clean_texts(values, self.secrets)
        return texts

    def finished(self) -> Any:
        return cast(Any, pd).array(self.joined(object), dtype="string")


class Words(Array):
    """Each word once, and for each value the number of its word; -1 for a missing value."""

    def __init__(self, column: Field, secrets: bool) -> None:
        super().__init__(column, secrets)
        self.numbers: Dict[Any, int] = {word: at for at, word in enumerate(column.words)}
        self.numbers[None] = -1

    def chunk(self, values: Sequence[Any], types: Set[type]) -> Any:
        if not types <= {str, _NONE}:
            # The words of an open enum are texts that are slow to look up.
            values = [
                getattr(one, "_value_", one) if isinstance(one, str) else None for one in values
            ]
        numbers = self.numbers
        new = set(values).difference(numbers)
        if new:
            values = clean_texts(values, self.secrets)
            new = set(values).difference(numbers)
        for word in new:
            numbers[word] = len(numbers) - 1
        return np.fromiter(map(numbers.__getitem__, values), np.int32, len(values))

    def finished(self) -> Any:
        del self.numbers[None]
        codes, words = self.joined(np.int32), list(self.numbers)
        if not self.column.words:  # words in no order of their own: that of the alphabet
            order = sorted(range(len(words)), key=words.__getitem__)
            places = np.full(len(words) + 1, -1, dtype=np.int32)
            places[order] = np.arange(len(words))
            codes, words = places[codes], sorted(words)
        return pd.Categorical.from_codes(codes, categories=pd.Index(words, dtype=object))


class Integers(Array):
    """Each number, and after it 1, or 0 for a missing value."""

    is_ordinary = True
    """Return True if the last chunk contains only None and numbers that fit."""

    def chunk(self, values: Sequence[Any], types: Set[type]) -> Any:
        pairs = np.ones(2 * len(values), dtype=np.int64)
        self.is_ordinary = types <= {int, _NONE}
        try:
            if types == {int}:
                pairs[0::2] = values
                return pairs
        except OverflowError:
            pass
        fits = [type(value) is int and -LARGEST <= value <= LARGEST for value in values]
        self.is_ordinary = self.is_ordinary and all(
            fit or value is None for value, fit in zip(values, fits)
        )
        pairs[0::2] = [value if fit else 0 for value, fit in zip(values, fits)]
        pairs[1::2] = fits
        return pairs

    def finished(self) -> Any:
        pairs = self.joined(np.int64)
        return pd.arrays.IntegerArray(pairs[0::2].copy(), pairs[1::2] == 0)


class _Numbers(Array):
    def chunk(self, values: Sequence[object], types: Set[type]) -> Any:
        if not types <= {float, int, _NONE}:
            values = [value if type(value) in (float, int) else None for value in values]
        try:
            return np.array(values, dtype=np.float64)
        except OverflowError:  # a number of hundreds of digits
            return np.array(list(map(number, values)), dtype=np.float64)

    def finished(self) -> Any:
        return self.joined(np.float64)


class _Flags(Array):
    """1 and 0, and -1 for a missing value."""

    def chunk(self, values: Sequence[object], types: Set[type]) -> Any:
        if types == {bool}:
            return np.array(values, dtype=np.int8)
        codes = [1 if value is True else 0 if value is False else -1 for value in values]
        return np.array(codes, dtype=np.int8)

    def finished(self) -> Any:
        codes = self.joined(np.int8)
        return pd.arrays.BooleanArray(codes == 1, codes == -1)


class _Moments(Array):
    """Microseconds since the epoch; a moment without an offset, never seen, is taken for UTC."""

    def chunk(self, values: Sequence[Any], types: Set[type]) -> Any:
        if types == {_NONE}:
            return np.full(len(values), NO_TIME)
        try:
            since = [
                NO_TIME if value is None else (value - _EPOCH) // _MICROSECOND for value in values
            ]
        except TypeError:
            return self.chunk(list(map(_moment, values)), types)
        return np.array(since, dtype=np.int64)

    def finished(self) -> Any:
        moments = pd.Series(self.joined(np.int64).view("M8[us]"))
        return moments.dt.tz_localize("UTC").array


class _Durations(Array):
    """Microseconds."""

    def chunk(self, values: Sequence[object], types: Set[type]) -> Any:
        spans = [
            value // _MICROSECOND if isinstance(value, timedelta) else NO_TIME for value in values
        ]
        fits = [span if abs(span) <= LARGEST else NO_TIME for span in spans]
        return np.array(fits, dtype=np.int64)

    def finished(self) -> Any:
        return self.joined(np.int64).view("m8[us]")


_ARRAYS: Dict[FieldKind, Type[Array]] = {
    FieldKind.TEXT: _Texts,
    FieldKind.WORD: Words,
    FieldKind.INTEGER: Integers,
    FieldKind.NUMBER: _Numbers,
    FieldKind.FLAG: _Flags,
    FieldKind.MOMENT: _Moments,
    FieldKind.DURATION: _Durations,
}


def array_of(column: Field, secrets: bool) -> Array:
    """Return an empty array for a column."""
    return _ARRAYS[column.kind](column, secrets)


def _moment(value: Any) -> Optional[datetime]:
    if not isinstance(value, datetime):
        return None
    return value.replace(tzinfo=timezone.utc) if value.tzinfo is None else value
