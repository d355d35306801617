# Generated from openapi.yaml and overlay.yaml by `python -m codegen`. Do not edit.
"""Short names for operations: ``client.groups``."""

from formlabs_web_api._core.namespace import Namespace, short_name
from formlabs_web_api.api.printer_groups_api import PrinterGroupsApi


class GroupsNamespace(Namespace):
    """The printer groups, with their members, printers and queues."""

    list = short_name(PrinterGroupsApi, PrinterGroupsApi.groups_list)
    iter = short_name(PrinterGroupsApi, PrinterGroupsApi.groups_list_iter)
    pages = short_name(PrinterGroupsApi, PrinterGroupsApi.groups_list_pages)
    create = short_name(PrinterGroupsApi, PrinterGroupsApi.groups_create)
    update = short_name(PrinterGroupsApi, PrinterGroupsApi.groups_partial_update)
    delete = short_name(PrinterGroupsApi, PrinterGroupsApi.groups_destroy)
    add_member = short_name(PrinterGroupsApi, PrinterGroupsApi.groups_members_create)
    update_member = short_name(PrinterGroupsApi, PrinterGroupsApi.groups_members_update)
    remove_member = short_name(PrinterGroupsApi, PrinterGroupsApi.groups_members_destroy)
    add_printers = short_name(PrinterGroupsApi, PrinterGroupsApi.groups_bulk_add_printers_create)
    queue = short_name(PrinterGroupsApi, PrinterGroupsApi.groups_queue_list)
