"""One parser for the dates of HTTP headers, one for those of ISO 8601."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timezone
from email.utils import format_datetime
from typing import Optional

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formlabs_web_api._util.dates import parse_http_date, parse_iso

UTC_MOMENTS = st.datetimes(
    datetime(1970, 1, 2), datetime(9999, 12, 30), timezones=st.just(timezone.utc)
)


@pytest.mark.parametrize(
    "text",
    [
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
        "Sun, 06 Nov 1994 03:49:37 -0500",
    ],
)
def test_every_form_of_http_date_gives_the_same_moment(text: str):
    assert parse_http_date(text) == datetime(1994, 11, 6, 8, 49, 37, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    "text", [None, "", "5", "20261127", "soon", "Mon, 31 Feb 2026 00:00:00 GMT"]
)
def test_text_that_is_not_an_http_date_gives_none(text: Optional[str]):
    assert parse_http_date(text) is None


def test_leap_second_is_the_last_second_of_its_minute():
    moment = parse_http_date("Sat, 31 Dec 2016 23:59:60 GMT")
    assert moment == datetime(2016, 12, 31, 23, 59, 59, tzinfo=timezone.utc)


@given(UTC_MOMENTS)
def test_http_date_that_was_written_is_parsed_to_the_second(moment: datetime):
    written = format_datetime(moment, usegmt=True)
    assert parse_http_date(written) == moment.replace(microsecond=0)


@given(st.text() | st.text("0123456789.,:+- GMTWedOct()/", max_size=40))
def test_no_header_text_makes_the_date_parser_raise(text: str):
    moment = parse_http_date(text)
    assert moment is None or moment.tzinfo is not None


@given(UTC_MOMENTS)
def test_iso_date_that_was_written_is_parsed(moment: datetime):
    assert parse_iso(moment.isoformat()) == moment
    assert parse_iso(moment.isoformat(" ")) == moment
    assert parse_iso(moment.date().isoformat()).date() == moment.date()


@given(st.from_regex(r"[0-9]{1,17}(\.[0-9]*)?", fullmatch=True))
def test_text_of_digits_is_never_an_iso_date(digits: str):
    with pytest.raises(ValueError, match="not a date of ISO 8601"):
        parse_iso(digits)


@given(st.text() | st.text("0123456789-:TZ+. ", max_size=30))
def test_iso_parser_raises_only_value_error(text: str):
    with suppress(ValueError):
        assert isinstance(parse_iso(text), datetime)
