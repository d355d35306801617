# Generated from openapi.yaml and overlay.yaml by `python -m codegen`. Do not edit.
"""The API classes, one a tag; each name is imported when it is first used."""

from typing import TYPE_CHECKING

from formlabs_web_api._util.lazy import lazy_exports

if TYPE_CHECKING:
    from formlabs_web_api.api.authentication_api import AuthenticationApi as AuthenticationApi
    from formlabs_web_api.api.cartridges_api import CartridgesApi as CartridgesApi
    from formlabs_web_api.api.events_api import EventsApi as EventsApi
    from formlabs_web_api.api.printer_groups_api import PrinterGroupsApi as PrinterGroupsApi
    from formlabs_web_api.api.printers_api import PrintersApi as PrintersApi
    from formlabs_web_api.api.prints_api import PrintsApi as PrintsApi
    from formlabs_web_api.api.tanks_api import TanksApi as TanksApi
else:
    __getattr__, __dir__, __all__ = lazy_exports(
        __name__,
        {
            "AuthenticationApi": "authentication_api",
            "CartridgesApi": "cartridges_api",
            "EventsApi": "events_api",
            "PrinterGroupsApi": "printer_groups_api",
            "PrintersApi": "printers_api",
            "PrintsApi": "prints_api",
            "TanksApi": "tanks_api",
        },
        {},
    )
