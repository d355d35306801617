# Generated from openapi.yaml and overlay.yaml by `python -m codegen`. Do not edit.
"""Short names for operations: ``client.tanks``."""

from formlabs_web_api._core.namespace import Namespace, short_name
from formlabs_web_api.api.tanks_api import TanksApi


class TanksNamespace(Namespace):
    """The resin tanks of the account."""

    list = short_name(TanksApi, TanksApi.tanks_list)
    iter = short_name(TanksApi, TanksApi.tanks_list_iter)
    pages = short_name(TanksApi, TanksApi.tanks_list_pages)
