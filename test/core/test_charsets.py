"""The text of a body, by the charset that its Content-Type names."""

from __future__ import annotations

import pytest

from formlabs_web_api._util.text import text_of


@pytest.mark.parametrize("charset", ["x-unknown", "utf8mb4", "hex", "undefined", "idna"])
def test_a_body_in_a_charset_python_cannot_decode_is_read_as_utf_8(charset: str) -> None:
    headers = {"Content-Type": f"text/plain; charset={charset}"}
    assert text_of("Größe".encode(), headers) == "Größe"


@pytest.mark.parametrize("charset", ["latin-1", "utf-16", "utf-32", "utf-7"])
def test_a_body_in_a_known_charset_is_decoded_by_it(charset: str) -> None:
    headers = {"Content-Type": f"text/plain; charset={charset}"}
    assert text_of("Größe".encode(charset), headers) == "Größe"
