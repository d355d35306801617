# Generated from openapi.yaml and overlay.yaml by `python -m codegen`. Do not edit.
"""Short names for operations: ``client.cartridges``."""

from formlabs_web_api._core.namespace import Namespace, short_name
from formlabs_web_api.api.cartridges_api import CartridgesApi


class CartridgesNamespace(Namespace):
    """The resin cartridges of the account."""

    list = short_name(CartridgesApi, CartridgesApi.cartridges_list)
    iter = short_name(CartridgesApi, CartridgesApi.cartridges_list_iter)
    pages = short_name(CartridgesApi, CartridgesApi.cartridges_list_pages)
