# Generated from openapi.yaml and overlay.yaml by `python -m codegen`. Do not edit.
"""PrintThumbnailSerializerOnlyThumbnail: the preview picture of a print."""

from typing import ClassVar, FrozenSet

from pydantic import StrictStr

from formlabs_web_api.models._base import Model


class PrintThumbnailSerializerOnlyThumbnail(Model):
    """The preview picture of a print."""

    secret_fields: ClassVar[FrozenSet[str]] = frozenset(["thumbnail"])
    thumbnail: StrictStr
    """Signed address of the picture. It expires after about two hours and differs in each response;
    fetch it without a token."""
