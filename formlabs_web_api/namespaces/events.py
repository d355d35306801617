# Generated from openapi.yaml and overlay.yaml by `python -m codegen`. Do not edit.
"""Short names for operations: ``client.events``."""

from formlabs_web_api._core.namespace import Namespace, short_name
from formlabs_web_api.api.events_api import EventsApi


class EventsNamespace(Namespace):
    """The events of printers, prints, cartridges and tanks."""

    list = short_name(EventsApi, EventsApi.events_list)
    iter = short_name(EventsApi, EventsApi.events_list_iter)
    pages = short_name(EventsApi, EventsApi.events_list_pages)
