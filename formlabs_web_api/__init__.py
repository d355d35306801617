# Generated from openapi.yaml and overlay.yaml by `python -m codegen`. Do not edit.
"""Client of the Formlabs Web API; each name is imported when it is first used."""

from typing import TYPE_CHECKING

from formlabs_web_api._util.lazy import lazy_exports
from formlabs_web_api._version import __version__ as __version__

if TYPE_CHECKING:
    from formlabs_web_api import api as api
    from formlabs_web_api import api_client as api_client
    from formlabs_web_api import api_response as api_response
    from formlabs_web_api import configuration as configuration
    from formlabs_web_api import exceptions as exceptions
    from formlabs_web_api import models as models
    from formlabs_web_api import rest as rest
    from formlabs_web_api.api.authentication_api import AuthenticationApi as AuthenticationApi
    from formlabs_web_api.api.cartridges_api import CartridgesApi as CartridgesApi
    from formlabs_web_api.api.events_api import EventsApi as EventsApi
    from formlabs_web_api.api.printer_groups_api import PrinterGroupsApi as PrinterGroupsApi
    from formlabs_web_api.api.printers_api import PrintersApi as PrintersApi
    from formlabs_web_api.api.prints_api import PrintsApi as PrintsApi
    from formlabs_web_api.api.tanks_api import TanksApi as TanksApi
    from formlabs_web_api.api_client import ApiClient as ApiClient
    from formlabs_web_api.api_response import ApiResponse as ApiResponse
    from formlabs_web_api.configuration import Configuration as Configuration
    from formlabs_web_api.exceptions import ApiAttributeError as ApiAttributeError
    from formlabs_web_api.exceptions import ApiConnectionException as ApiConnectionException
    from formlabs_web_api.exceptions import ApiException as ApiException
    from formlabs_web_api.exceptions import ApiKeyError as ApiKeyError
    from formlabs_web_api.exceptions import ApiTimeoutException as ApiTimeoutException
    from formlabs_web_api.exceptions import ApiTypeError as ApiTypeError
    from formlabs_web_api.exceptions import ApiValueError as ApiValueError
    from formlabs_web_api.exceptions import AuthenticationException as AuthenticationException
    from formlabs_web_api.exceptions import BadRequestException as BadRequestException
    from formlabs_web_api.exceptions import ConflictException as ConflictException
    from formlabs_web_api.exceptions import ForbiddenException as ForbiddenException
    from formlabs_web_api.exceptions import NotFoundException as NotFoundException
    from formlabs_web_api.exceptions import OpenApiException as OpenApiException
    from formlabs_web_api.exceptions import RateLimitException as RateLimitException
    from formlabs_web_api.exceptions import ResponseException as ResponseException
    from formlabs_web_api.exceptions import ServiceException as ServiceException
    from formlabs_web_api.exceptions import UnauthorizedException as UnauthorizedException
    from formlabs_web_api.exceptions import (
        UnprocessableEntityException as UnprocessableEntityException,
    )
    from formlabs_web_api.models.basic_user import BasicUser as BasicUser
    from formlabs_web_api.models.build_platform_contents_enum import (
        BuildPlatformContentsEnum as BuildPlatformContentsEnum,
    )
    from formlabs_web_api.models.camera_status_enum import CameraStatusEnum as CameraStatusEnum
    from formlabs_web_api.models.cartridge import Cartridge as Cartridge
    from formlabs_web_api.models.cartridge_read_only import CartridgeReadOnly as CartridgeReadOnly
    from formlabs_web_api.models.cartridge_slot_enum import CartridgeSlotEnum as CartridgeSlotEnum
    from formlabs_web_api.models.derived.states import EndedAtSource as EndedAtSource
    from formlabs_web_api.models.derived.states import PrinterState as PrinterState
    from formlabs_web_api.models.derived.states import PrintOutcome as PrintOutcome
    from formlabs_web_api.models.developer_api_group_membership_create_request import (
        DeveloperAPIGroupMembershipCreateRequest as DeveloperAPIGroupMembershipCreateRequest,
    )
    from formlabs_web_api.models.developer_api_group_membership_update_request import (
        DeveloperAPIGroupMembershipUpdateRequest as DeveloperAPIGroupMembershipUpdateRequest,
    )
    from formlabs_web_api.models.developer_api_groups_bulk_add_printers_request import (
        DeveloperAPIGroupsBulkAddPrintersRequest as DeveloperAPIGroupsBulkAddPrintersRequest,
    )
    from formlabs_web_api.models.developer_apimy_cloud_queue_items import (
        DeveloperAPIMyCloudQueueItems as DeveloperAPIMyCloudQueueItems,
    )
    from formlabs_web_api.models.developer_apimy_printer import (
        DeveloperAPIMyPrinter as DeveloperAPIMyPrinter,
    )
    from formlabs_web_api.models.form_cell import FormCell as FormCell
    from formlabs_web_api.models.group_invitation import GroupInvitation as GroupInvitation
    from formlabs_web_api.models.groups_members_destroy_request import (
        GroupsMembersDestroyRequest as GroupsMembersDestroyRequest,
    )
    from formlabs_web_api.models.harvest_status_enum import HarvestStatusEnum as HarvestStatusEnum
    from formlabs_web_api.models.my_deep_printer_status import (
        MyDeepPrinterStatus as MyDeepPrinterStatus,
    )
    from formlabs_web_api.models.my_print_run_read_only import (
        MyPrintRunReadOnly as MyPrintRunReadOnly,
    )
    from formlabs_web_api.models.new_workgroup import NewWorkgroup as NewWorkgroup
    from formlabs_web_api.models.paginated_cartridge_list import (
        PaginatedCartridgeList as PaginatedCartridgeList,
    )
    from formlabs_web_api.models.paginated_print_run_with_fleet_control_data_list import (
        PaginatedPrintRunWithFleetControlDataList as PaginatedPrintRunWithFleetControlDataList,
    )
    from formlabs_web_api.models.paginated_tank_list import PaginatedTankList as PaginatedTankList
    from formlabs_web_api.models.paginated_user_event_read_only_list import (
        PaginatedUserEventReadOnlyList as PaginatedUserEventReadOnlyList,
    )
    from formlabs_web_api.models.partial_work_group_request import (
        PartialWorkGroupRequest as PartialWorkGroupRequest,
    )
    from formlabs_web_api.models.patched_partial_work_group_request import (
        PatchedPartialWorkGroupRequest as PatchedPartialWorkGroupRequest,
    )
    from formlabs_web_api.models.print_part import PrintPart as PrintPart
    from formlabs_web_api.models.print_run_note import PrintRunNote as PrintRunNote
    from formlabs_web_api.models.print_run_success import PrintRunSuccess as PrintRunSuccess
    from formlabs_web_api.models.print_run_success_enum import (
        PrintRunSuccessEnum as PrintRunSuccessEnum,
    )
    from formlabs_web_api.models.print_run_with_fleet_control_data import (
        PrintRunWithFleetControlData as PrintRunWithFleetControlData,
    )
    from formlabs_web_api.models.print_thumbnail_serializer_only_thumbnail import (
        PrintThumbnailSerializerOnlyThumbnail as PrintThumbnailSerializerOnlyThumbnail,
    )
    from formlabs_web_api.models.printer_cartridge_status import (
        PrinterCartridgeStatus as PrinterCartridgeStatus,
    )
    from formlabs_web_api.models.printer_group import PrinterGroup as PrinterGroup
    from formlabs_web_api.models.printer_tank_status import PrinterTankStatus as PrinterTankStatus
    from formlabs_web_api.models.ready_to_print_enum import ReadyToPrintEnum as ReadyToPrintEnum
    from formlabs_web_api.models.request_an_access_token200_response import (
        RequestAnAccessToken200Response as RequestAnAccessToken200Response,
    )
    from formlabs_web_api.models.request_an_access_token400_response import (
        RequestAnAccessToken400Response as RequestAnAccessToken400Response,
    )
    from formlabs_web_api.models.request_an_access_token401_response import (
        RequestAnAccessToken401Response as RequestAnAccessToken401Response,
    )
    from formlabs_web_api.models.status_enum import StatusEnum as StatusEnum
    from formlabs_web_api.models.tank import Tank as Tank
    from formlabs_web_api.models.tank_mixer_state_enum import (
        TankMixerStateEnum as TankMixerStateEnum,
    )
    from formlabs_web_api.models.tank_read_only import TankReadOnly as TankReadOnly
    from formlabs_web_api.models.user_event_read_only import UserEventReadOnly as UserEventReadOnly
    from formlabs_web_api.models.workgroup import Workgroup as Workgroup
    from formlabs_web_api.models.workgroup_membership import (
        WorkgroupMembership as WorkgroupMembership,
    )
    from formlabs_web_api.models.workgroup_settings import WorkgroupSettings as WorkgroupSettings
    from formlabs_web_api.rate_limit import Quota as Quota
    from formlabs_web_api.rate_limit import RateLimiter as RateLimiter
    from formlabs_web_api.retry import RetryPolicy as RetryPolicy

    Printer = DeveloperAPIMyPrinter
    PrinterStatus = MyDeepPrinterStatus
    PrintRun = PrintRunWithFleetControlData
    PrinterPrintRun = MyPrintRunReadOnly
    Group = Workgroup
    CreatedGroup = NewWorkgroup
    GroupMember = WorkgroupMembership
    GroupSettings = WorkgroupSettings
    QueueItem = DeveloperAPIMyCloudQueueItems
    UserEvent = UserEventReadOnly
    User = BasicUser
    InstalledCartridge = CartridgeReadOnly
    InstalledTank = TankReadOnly
    PrintRunPage = PaginatedPrintRunWithFleetControlDataList
    UserEventPage = PaginatedUserEventReadOnlyList
    CartridgePage = PaginatedCartridgeList
    TankPage = PaginatedTankList
    GroupCreateRequest = PartialWorkGroupRequest
    GroupUpdateRequest = PatchedPartialWorkGroupRequest
    AddMemberRequest = DeveloperAPIGroupMembershipCreateRequest
    UpdateMemberRequest = DeveloperAPIGroupMembershipUpdateRequest
    RemoveMemberRequest = GroupsMembersDestroyRequest
    AddPrintersRequest = DeveloperAPIGroupsBulkAddPrintersRequest
else:
    __getattr__, __dir__, __all__ = lazy_exports(
        __name__,
        {
            "ApiClient": "api_client",
            "ApiResponse": "api_response",
            "Configuration": "configuration",
            "OpenApiException": "exceptions",
            "ApiTypeError": "exceptions",
            "ApiValueError": "exceptions",
            "ApiKeyError": "exceptions",
            "ApiAttributeError": "exceptions",
            "ApiException": "exceptions",
            "BadRequestException": "exceptions",
            "UnauthorizedException": "exceptions",
            "ForbiddenException": "exceptions",
            "NotFoundException": "exceptions",
            "ConflictException": "exceptions",
            "UnprocessableEntityException": "exceptions",
            "RateLimitException": "exceptions",
            "ServiceException": "exceptions",
            "ApiConnectionException": "exceptions",
            "ApiTimeoutException": "exceptions",
            "AuthenticationException": "exceptions",
            "ResponseException": "exceptions",
            "EndedAtSource": "models.derived.states",
            "PrinterState": "models.derived.states",
            "PrintOutcome": "models.derived.states",
            "Quota": "rate_limit",
            "RateLimiter": "rate_limit",
            "RetryPolicy": "retry",
            "api": "api",
            "api_client": "api_client",
            "api_response": "api_response",
            "configuration": "configuration",
            "exceptions": "exceptions",
            "models": "models",
            "rest": "rest",
            "AuthenticationApi": "api.authentication_api",
            "CartridgesApi": "api.cartridges_api",
            "EventsApi": "api.events_api",
            "PrinterGroupsApi": "api.printer_groups_api",
            "PrintersApi": "api.printers_api",
            "PrintsApi": "api.prints_api",
            "TanksApi": "api.tanks_api",
            "BasicUser": "models.basic_user",
            "BuildPlatformContentsEnum": "models.build_platform_contents_enum",
            "CameraStatusEnum": "models.camera_status_enum",
            "Cartridge": "models.cartridge",
            "CartridgeReadOnly": "models.cartridge_read_only",
            "CartridgeSlotEnum": "models.cartridge_slot_enum",
            "DeveloperAPIGroupMembershipCreateRequest": (
                "models.developer_api_group_membership_create_request"
            ),
            "DeveloperAPIGroupMembershipUpdateRequest": (
                "models.developer_api_group_membership_update_request"
            ),
            "DeveloperAPIGroupsBulkAddPrintersRequest": (
                "models.developer_api_groups_bulk_add_printers_request"
            ),
            "DeveloperAPIMyCloudQueueItems": "models.developer_apimy_cloud_queue_items",
            "DeveloperAPIMyPrinter": "models.developer_apimy_printer",
            "FormCell": "models.form_cell",
            "GroupInvitation": "models.group_invitation",
            "GroupsMembersDestroyRequest": "models.groups_members_destroy_request",
            "HarvestStatusEnum": "models.harvest_status_enum",
            "MyDeepPrinterStatus": "models.my_deep_printer_status",
            "MyPrintRunReadOnly": "models.my_print_run_read_only",
            "NewWorkgroup": "models.new_workgroup",
            "PaginatedCartridgeList": "models.paginated_cartridge_list",
            "PaginatedPrintRunWithFleetControlDataList": (
                "models.paginated_print_run_with_fleet_control_data_list"
            ),
            "PaginatedTankList": "models.paginated_tank_list",
            "PaginatedUserEventReadOnlyList": "models.paginated_user_event_read_only_list",
            "PartialWorkGroupRequest": "models.partial_work_group_request",
            "PatchedPartialWorkGroupRequest": "models.patched_partial_work_group_request",
            "PrintPart": "models.print_part",
            "PrintRunNote": "models.print_run_note",
            "PrintRunSuccess": "models.print_run_success",
            "PrintRunSuccessEnum": "models.print_run_success_enum",
            "PrintRunWithFleetControlData": "models.print_run_with_fleet_control_data",
            "PrintThumbnailSerializerOnlyThumbnail": (
                "models.print_thumbnail_serializer_only_thumbnail"
            ),
            "PrinterCartridgeStatus": "models.printer_cartridge_status",
            "PrinterGroup": "models.printer_group",
            "PrinterTankStatus": "models.printer_tank_status",
            "ReadyToPrintEnum": "models.ready_to_print_enum",
            "RequestAnAccessToken200Response": "models.request_an_access_token200_response",
            "RequestAnAccessToken400Response": "models.request_an_access_token400_response",
            "RequestAnAccessToken401Response": "models.request_an_access_token401_response",
            "StatusEnum": "models.status_enum",
            "Tank": "models.tank",
            "TankMixerStateEnum": "models.tank_mixer_state_enum",
            "TankReadOnly": "models.tank_read_only",
            "UserEventReadOnly": "models.user_event_read_only",
            "Workgroup": "models.workgroup",
            "WorkgroupMembership": "models.workgroup_membership",
            "WorkgroupSettings": "models.workgroup_settings",
        },
        {
            "Printer": "DeveloperAPIMyPrinter",
            "PrinterStatus": "MyDeepPrinterStatus",
            "PrintRun": "PrintRunWithFleetControlData",
            "PrinterPrintRun": "MyPrintRunReadOnly",
            "Group": "Workgroup",
            "CreatedGroup": "NewWorkgroup",
            "GroupMember": "WorkgroupMembership",
            "GroupSettings": "WorkgroupSettings",
            "QueueItem": "DeveloperAPIMyCloudQueueItems",
            "UserEvent": "UserEventReadOnly",
            "User": "BasicUser",
            "InstalledCartridge": "CartridgeReadOnly",
            "InstalledTank": "TankReadOnly",
            "PrintRunPage": "PaginatedPrintRunWithFleetControlDataList",
            "UserEventPage": "PaginatedUserEventReadOnlyList",
            "CartridgePage": "PaginatedCartridgeList",
            "TankPage": "PaginatedTankList",
            "GroupCreateRequest": "PartialWorkGroupRequest",
            "GroupUpdateRequest": "PatchedPartialWorkGroupRequest",
            "AddMemberRequest": "DeveloperAPIGroupMembershipCreateRequest",
            "UpdateMemberRequest": "DeveloperAPIGroupMembershipUpdateRequest",
            "RemoveMemberRequest": "GroupsMembersDestroyRequest",
            "AddPrintersRequest": "DeveloperAPIGroupsBulkAddPrintersRequest",
        },
    )
