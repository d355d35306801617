# Generated from openapi.yaml and overlay.yaml by `python -m codegen`. Do not edit.
"""Short names for operations: ``client.printers``."""

from formlabs_web_api._core.namespace import Namespace, short_name
from formlabs_web_api.api.printers_api import PrintersApi
from formlabs_web_api.api.prints_api import PrintsApi


class PrintersNamespace(Namespace):
    """The printers of the account."""

    list = short_name(PrintersApi, PrintersApi.printers_list)
    iter = short_name(PrintersApi, PrintersApi.printers_list_iter)
    pages = short_name(PrintersApi, PrintersApi.printers_list_pages)
    get = short_name(PrintersApi, PrintersApi.printers_retrieve)
    prints = short_name(PrintsApi, PrintsApi.printers_prints_list)
    prints_iter = short_name(PrintsApi, PrintsApi.printers_prints_list_iter)
    prints_pages = short_name(PrintsApi, PrintsApi.printers_prints_list_pages)
