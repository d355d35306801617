"""Bodies are decoded by the charset that their Content-Type names."""

from __future__ import annotations

import pytest

from formlabs_web_api._util.text import in_utf8, text_of


@pytest.mark.parametrize("charset", ["x-unknown", "utf8mb4", "hex", "undefined", "idna"])
def test_body_in_an_unknown_charset_is_read_as_utf_8(charset: str) -> None:
    headers = {"Content-Type": f"text/plain; charset={charset}"}
    assert text_of("Größe".encode(), headers) == "Größe"


@pytest.mark.parametrize("charset", ["latin-1", "utf-16", "utf-32", "utf-7"])
def test_a_body_in_a_known_charset_is_decoded_by_it(charset: str) -> None:
    headers = {"Content-Type": f"text/plain; charset={charset}"}
    assert text_of("Größe".encode(charset), headers) == "Größe"


@pytest.mark.parametrize("charset", ["utf-16", "utf-32-be", "cp037", "cp500", "utf-7", "latin-1"])
def test_json_in_utf_8_labelled_with_a_charset_unlike_ascii_is_read(charset: str) -> None:
    headers = {"Content-Type": f"application/json; charset={charset}"}
    raw = b'[{"serial": "t1"}]'
    assert in_utf8(raw, headers) == raw


@pytest.mark.parametrize("charset", ["utf-16", "utf-16-le", "utf-32", "cp037", "latin-1", "utf-7"])
def test_json_in_the_charset_of_its_label_is_converted(charset: str) -> None:
    headers = {"Content-Type": f"application/json; charset={charset}"}
    text = '{"name": "Größe"}'
    assert in_utf8(text.encode(charset), headers).decode().lstrip("\ufeff") == text
