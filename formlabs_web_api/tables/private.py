"""Values that no database is given: addresses whose owner can open them, and who people are."""

from __future__ import annotations

from typing import Any, Dict

from formlabs_web_api._util.json import is_array, is_object

BLANKS: Dict[str, Any] = {
    "thumbnail": "",
    "post_print_photo_url": None,
    "email": None,
    "username": "",
}
"""What is stored in place of signed addresses, which differ at each poll, and of e-mails (a user
name is one). The keys stay, since models require them."""


def blank_private(value: Any) -> Any:
    """Return a JSON value with blanks in place of private values, at any depth."""
    if is_object(value):
        return {
            key: BLANKS[key] if key in BLANKS else blank_private(item)
            for key, item in value.items()
        }
    return [blank_private(item) for item in value] if is_array(value) else value
