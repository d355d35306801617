# Generated from openapi.yaml and overlay.yaml by `python -m codegen`. Do not edit.
"""Short names for operations: ``client.prints``."""

from formlabs_web_api._core.namespace import Namespace, short_name
from formlabs_web_api.api.prints_api import PrintsApi


class PrintsNamespace(Namespace):
    """The prints of all printers."""

    list = short_name(PrintsApi, PrintsApi.prints_list)
    iter = short_name(PrintsApi, PrintsApi.prints_list_iter)
    pages = short_name(PrintsApi, PrintsApi.prints_list_pages)
