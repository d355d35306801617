# Generated from openapi.yaml and overlay.yaml by `python -m codegen`. Do not edit.
"""The models and enums, one a file; each name is imported when it is first used."""

from typing import TYPE_CHECKING

from formlabs_web_api._util.lazy import lazy_exports

if TYPE_CHECKING:
    from formlabs_web_api.models.basic_user import BasicUser as BasicUser
    from formlabs_web_api.models.build_platform_contents_enum import (
        BuildPlatformContentsEnum as BuildPlatformContentsEnum,
    )
    from formlabs_web_api.models.camera_status_enum import CameraStatusEnum as CameraStatusEnum
    from formlabs_web_api.models.cartridge import Cartridge as Cartridge
    from formlabs_web_api.models.cartridge_read_only import CartridgeReadOnly as CartridgeReadOnly
    from formlabs_web_api.models.cartridge_slot_enum import CartridgeSlotEnum as CartridgeSlotEnum
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
            "BasicUser": "basic_user",
            "BuildPlatformContentsEnum": "build_platform_contents_enum",
            "CameraStatusEnum": "camera_status_enum",
            "Cartridge": "cartridge",
            "CartridgeReadOnly": "cartridge_read_only",
            "CartridgeSlotEnum": "cartridge_slot_enum",
            "DeveloperAPIGroupMembershipCreateRequest": (
                "developer_api_group_membership_create_request"
            ),
            "DeveloperAPIGroupMembershipUpdateRequest": (
                "developer_api_group_membership_update_request"
            ),
            "DeveloperAPIGroupsBulkAddPrintersRequest": (
                "developer_api_groups_bulk_add_printers_request"
            ),
            "DeveloperAPIMyCloudQueueItems": "developer_apimy_cloud_queue_items",
            "DeveloperAPIMyPrinter": "developer_apimy_printer",
            "FormCell": "form_cell",
            "GroupInvitation": "group_invitation",
            "GroupsMembersDestroyRequest": "groups_members_destroy_request",
            "HarvestStatusEnum": "harvest_status_enum",
            "MyDeepPrinterStatus": "my_deep_printer_status",
            "MyPrintRunReadOnly": "my_print_run_read_only",
            "NewWorkgroup": "new_workgroup",
            "PaginatedCartridgeList": "paginated_cartridge_list",
            "PaginatedPrintRunWithFleetControlDataList": (
                "paginated_print_run_with_fleet_control_data_list"
            ),
            "PaginatedTankList": "paginated_tank_list",
            "PaginatedUserEventReadOnlyList": "paginated_user_event_read_only_list",
            "PartialWorkGroupRequest": "partial_work_group_request",
            "PatchedPartialWorkGroupRequest": "patched_partial_work_group_request",
            "PrintPart": "print_part",
            "PrintRunNote": "print_run_note",
            "PrintRunSuccess": "print_run_success",
            "PrintRunSuccessEnum": "print_run_success_enum",
            "PrintRunWithFleetControlData": "print_run_with_fleet_control_data",
            "PrintThumbnailSerializerOnlyThumbnail": "print_thumbnail_serializer_only_thumbnail",
            "PrinterCartridgeStatus": "printer_cartridge_status",
            "PrinterGroup": "printer_group",
            "PrinterTankStatus": "printer_tank_status",
            "ReadyToPrintEnum": "ready_to_print_enum",
            "RequestAnAccessToken200Response": "request_an_access_token200_response",
            "RequestAnAccessToken400Response": "request_an_access_token400_response",
            "RequestAnAccessToken401Response": "request_an_access_token401_response",
            "StatusEnum": "status_enum",
            "Tank": "tank",
            "TankMixerStateEnum": "tank_mixer_state_enum",
            "TankReadOnly": "tank_read_only",
            "UserEventReadOnly": "user_event_read_only",
            "Workgroup": "workgroup",
            "WorkgroupMembership": "workgroup_membership",
            "WorkgroupSettings": "workgroup_settings",
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
