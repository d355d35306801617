# Generated from openapi.yaml and overlay.yaml by `python -m codegen`. Do not edit.
"""Short names for operations: attributes of the client, each imported when it is first used."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from formlabs_web_api._util.assignable import AssignableProperty

if TYPE_CHECKING:
    from formlabs_web_api.api_client import ApiClient
    from formlabs_web_api.namespaces.cartridges import CartridgesNamespace
    from formlabs_web_api.namespaces.events import EventsNamespace
    from formlabs_web_api.namespaces.groups import GroupsNamespace
    from formlabs_web_api.namespaces.printers import PrintersNamespace
    from formlabs_web_api.namespaces.prints import PrintsNamespace
    from formlabs_web_api.namespaces.tanks import TanksNamespace


class ClientNamespaces:
    """The namespaces of a client; a program may assign other objects to these attributes."""

    @AssignableProperty
    def printers(self) -> PrintersNamespace:
        """The printers of the account."""
        from formlabs_web_api.namespaces.printers import PrintersNamespace

        return PrintersNamespace(cast("ApiClient", self))

    @AssignableProperty
    def prints(self) -> PrintsNamespace:
        """The prints of all printers."""
        from formlabs_web_api.namespaces.prints import PrintsNamespace

        return PrintsNamespace(cast("ApiClient", self))

    @AssignableProperty
    def events(self) -> EventsNamespace:
        """The events of printers, prints, cartridges and tanks."""
        from formlabs_web_api.namespaces.events import EventsNamespace

        return EventsNamespace(cast("ApiClient", self))

    @AssignableProperty
    def tanks(self) -> TanksNamespace:
        """The resin tanks of the account."""
        from formlabs_web_api.namespaces.tanks import TanksNamespace

        return TanksNamespace(cast("ApiClient", self))

    @AssignableProperty
    def cartridges(self) -> CartridgesNamespace:
        """The resin cartridges of the account."""
        from formlabs_web_api.namespaces.cartridges import CartridgesNamespace

        return CartridgesNamespace(cast("ApiClient", self))

    @AssignableProperty
    def groups(self) -> GroupsNamespace:
        """The printer groups, with their members, printers and queues."""
        from formlabs_web_api.namespaces.groups import GroupsNamespace

        return GroupsNamespace(cast("ApiClient", self))
