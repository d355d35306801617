# Generated from openapi.yaml and overlay.yaml by `python -m codegen`. Do not edit.
"""PrinterGroupsApi: Groups that share printers: their members, their settings and their print
queue."""

from typing import List, Optional

from formlabs_web_api._core import operation as op
from formlabs_web_api.models import (
    DeveloperAPIGroupMembershipCreateRequest,
    DeveloperAPIGroupMembershipUpdateRequest,
    DeveloperAPIGroupsBulkAddPrintersRequest,
    DeveloperAPIMyCloudQueueItems,
    GroupsMembersDestroyRequest,
    NewWorkgroup,
    PartialWorkGroupRequest,
    PatchedPartialWorkGroupRequest,
    Workgroup,
    WorkgroupMembership,
)
from formlabs_web_api.models.developer_api_group_membership_create_request import (
    DeveloperAPIGroupMembershipCreateRequestDict,
)
from formlabs_web_api.models.developer_api_group_membership_update_request import (
    DeveloperAPIGroupMembershipUpdateRequestDict,
)
from formlabs_web_api.models.developer_api_groups_bulk_add_printers_request import (
    DeveloperAPIGroupsBulkAddPrintersRequestDict,
)
from formlabs_web_api.models.groups_members_destroy_request import GroupsMembersDestroyRequestDict
from formlabs_web_api.models.partial_work_group_request import PartialWorkGroupRequestDict
from formlabs_web_api.models.patched_partial_work_group_request import (
    PatchedPartialWorkGroupRequestDict,
)

_BODIES = ("application/json", "application/x-www-form-urlencoded", "multipart/form-data")


class PrinterGroupsApi(op.Api):
    """Groups that share printers: their members, their settings and their print queue."""

    @op.operation
    def groups_list(
        self,
        _request_timeout: op.Timeout = None,
        _request_auth: op.Auth = None,
        _content_type: op.ContentType = None,
        _headers: op.Headers = None,
        _host_index: op.HostIndex = 0,
        *,
        page: Optional[op.Positive] = None,
        per_page: Optional[op.Positive] = None,
        _retries: op.Retries = None,
        _deadline: op.Deadline = None,
    ) -> op.Call[List[Workgroup]]:
        """List the account's printer groups with their members and printers.

        Every group comes with its members, open invitations, printers and settings.

        Args:
            page: Number of the page, counted from 1. Not documented for this call; the service may
                ignore it.
            per_page: Rows on a page. Not documented for this call; the service may ignore it.
        """
        return op.Call(
            "GET",
            "/developer/v1/groups/",
            List[Workgroup],
            query={"page": page, "per_page": per_page},
            options=op.Options(
                _request_timeout, _request_auth, _content_type, _headers, _retries, _deadline
            ),
        )

    groups_list_with_http_info = op.with_http_info(groups_list)
    groups_list_without_preload_content = op.without_preload_content(groups_list)

    @op.paged
    def groups_list_pages(
        self,
        *,
        per_page: op.PerPage = 100,
        limit: op.Limit = None,
        start_page: op.StartPage = 1,
        prefetch: op.Prefetch = 0,
        _request_timeout: op.Timeout = None,
        _request_auth: op.Auth = None,
        _headers: op.Headers = None,
        _retries: op.Retries = None,
        _deadline: op.Deadline = None,
    ) -> op.Pages[Workgroup]:
        """Return the pages of :meth:`groups_list`, each fetched when a loop asks for it.

        Args:
            per_page: Rows of a page.
            limit: Stop after this many rows.
            start_page: Number of the first page.
            prefetch: Fetch up to this many pages ahead, in the background.
        """

        def fetch(page: int) -> List[Workgroup]:
            return self.groups_list(
                page=page,
                per_page=per_page,
                _request_timeout=_request_timeout,
                _request_auth=_request_auth,
                _headers=_headers,
                _retries=_retries,
                _deadline=_deadline,
            )

        return op.Pages(fetch, Workgroup, limit=limit, start_page=start_page, prefetch=prefetch)

    groups_list_iter = op.items_of(groups_list_pages)
    """Iterate over the items on all pages of :meth:`groups_list`.

    Args: as :meth:`groups_list_pages`: per_page, limit, start_page, prefetch.
    """

    @op.operation
    def groups_create(
        self,
        partial_work_group_request: op.Body[PartialWorkGroupRequest, PartialWorkGroupRequestDict],
        _request_timeout: op.Timeout = None,
        _request_auth: op.Auth = None,
        _content_type: op.ContentType = None,
        _headers: op.Headers = None,
        _host_index: op.HostIndex = 0,
        *,
        _retries: op.Retries = None,
        _deadline: op.Deadline = None,
    ) -> op.Call[NewWorkgroup]:
        """Create a printer group.

        The account becomes an administrator of the new group.

        Args:
            partial_work_group_request: The new group.
        """
        return op.Call(
            "POST",
            "/developer/v1/groups/",
            NewWorkgroup,
            body=partial_work_group_request,
            content_types=_BODIES,
            options=op.Options(
                _request_timeout, _request_auth, _content_type, _headers, _retries, _deadline
            ),
        )

    groups_create_with_http_info = op.with_http_info(groups_create)
    groups_create_without_preload_content = op.without_preload_content(groups_create)

    @op.operation
    def groups_bulk_add_printers_create(
        self,
        developer_api_groups_bulk_add_printers_request: op.Body[
            DeveloperAPIGroupsBulkAddPrintersRequest, DeveloperAPIGroupsBulkAddPrintersRequestDict
        ],
        _request_timeout: op.Timeout = None,
        _request_auth: op.Auth = None,
        _content_type: op.ContentType = None,
        _headers: op.Headers = None,
        _host_index: op.HostIndex = 0,
        *,
        _retries: op.Retries = None,
        _deadline: op.Deadline = None,
    ) -> op.Call[None]:
        """Move printers into a printer group.

        The account has to be an administrator of the target group and of the groups the printers
        are in now. The response has a status and no body.

        Args:
            developer_api_groups_bulk_add_printers_request: The printers and the group they move to.
        """
        return op.Call(
            "POST",
            "/developer/v1/groups/bulk-add-printers/",
            None,
            body=developer_api_groups_bulk_add_printers_request,
            content_types=_BODIES,
            accept=False,
            options=op.Options(
                _request_timeout, _request_auth, _content_type, _headers, _retries, _deadline
            ),
        )

    groups_bulk_add_printers_create_with_http_info = op.with_http_info(
        groups_bulk_add_printers_create
    )
    groups_bulk_add_printers_create_without_preload_content = op.without_preload_content(
        groups_bulk_add_printers_create
    )

    @op.operation
    def groups_partial_update(
        self,
        group_id: op.PathSegment,
        patched_partial_work_group_request: Optional[
            op.Body[PatchedPartialWorkGroupRequest, PatchedPartialWorkGroupRequestDict]
        ] = None,
        _request_timeout: op.Timeout = None,
        _request_auth: op.Auth = None,
        _content_type: op.ContentType = None,
        _headers: op.Headers = None,
        _host_index: op.HostIndex = 0,
        *,
        _retries: op.Retries = None,
        _deadline: op.Deadline = None,
    ) -> op.Call[Workgroup]:
        """Change the name or the remote-print setting of a printer group.

        The account has to be an administrator of the group. Omitted fields keep their value.

        Args:
            group_id: Id of the printer group.
            patched_partial_work_group_request: The fields to change.
        """
        return op.Call(
            "PATCH",
            "/developer/v1/groups/{group_id}/",
            Workgroup,
            path={"group_id": group_id},
            body=patched_partial_work_group_request,
            content_types=_BODIES,
            options=op.Options(
                _request_timeout, _request_auth, _content_type, _headers, _retries, _deadline
            ),
        )

    groups_partial_update_with_http_info = op.with_http_info(groups_partial_update)
    groups_partial_update_without_preload_content = op.without_preload_content(
        groups_partial_update
    )

    @op.operation
    def groups_destroy(
        self,
        group_id: op.PathSegment,
        _request_timeout: op.Timeout = None,
        _request_auth: op.Auth = None,
        _content_type: op.ContentType = None,
        _headers: op.Headers = None,
        _host_index: op.HostIndex = 0,
        *,
        _retries: op.Retries = None,
        _deadline: op.Deadline = None,
    ) -> op.Call[None]:
        """Delete a printer group.

        The account has to be an administrator of the group.

        Args:
            group_id: Id of the printer group.
        """
        return op.Call(
            "DELETE",
            "/developer/v1/groups/{group_id}/",
            None,
            path={"group_id": group_id},
            accept=False,
            options=op.Options(
                _request_timeout, _request_auth, _content_type, _headers, _retries, _deadline
            ),
        )

    groups_destroy_with_http_info = op.with_http_info(groups_destroy)
    groups_destroy_without_preload_content = op.without_preload_content(groups_destroy)

    @op.operation
    def groups_members_create(
        self,
        group_id: op.PathSegment,
        developer_api_group_membership_create_request: op.Body[
            DeveloperAPIGroupMembershipCreateRequest, DeveloperAPIGroupMembershipCreateRequestDict
        ],
        _request_timeout: op.Timeout = None,
        _request_auth: op.Auth = None,
        _content_type: op.ContentType = None,
        _headers: op.Headers = None,
        _host_index: op.HostIndex = 0,
        *,
        _retries: op.Retries = None,
        _deadline: op.Deadline = None,
    ) -> op.Call[WorkgroupMembership]:
        """Invite a user into a printer group.

        The account has to be an administrator of the group.

        Args:
            group_id: Id of the printer group.
            developer_api_group_membership_create_request: The user to invite.
        """
        return op.Call(
            "POST",
            "/developer/v1/groups/{group_id}/members/",
            WorkgroupMembership,
            path={"group_id": group_id},
            body=developer_api_group_membership_create_request,
            content_types=_BODIES,
            options=op.Options(
                _request_timeout, _request_auth, _content_type, _headers, _retries, _deadline
            ),
        )

    groups_members_create_with_http_info = op.with_http_info(groups_members_create)
    groups_members_create_without_preload_content = op.without_preload_content(
        groups_members_create
    )

    @op.operation
    def groups_members_update(
        self,
        group_id: op.PathSegment,
        developer_api_group_membership_update_request: op.Body[
            DeveloperAPIGroupMembershipUpdateRequest, DeveloperAPIGroupMembershipUpdateRequestDict
        ],
        _request_timeout: op.Timeout = None,
        _request_auth: op.Auth = None,
        _content_type: op.ContentType = None,
        _headers: op.Headers = None,
        _host_index: op.HostIndex = 0,
        *,
        _retries: op.Retries = None,
        _deadline: op.Deadline = None,
    ) -> op.Call[WorkgroupMembership]:
        """Change a member's rights in a printer group.

        The account has to be an administrator of the group. The last administrator cannot give up
        its own administrator right.

        Args:
            group_id: Id of the printer group.
            developer_api_group_membership_update_request: The member and its new rights.
        """
        return op.Call(
            "PUT",
            "/developer/v1/groups/{group_id}/members/",
            WorkgroupMembership,
            path={"group_id": group_id},
            body=developer_api_group_membership_update_request,
            content_types=_BODIES,
            options=op.Options(
                _request_timeout, _request_auth, _content_type, _headers, _retries, _deadline
            ),
        )

    groups_members_update_with_http_info = op.with_http_info(groups_members_update)
    groups_members_update_without_preload_content = op.without_preload_content(
        groups_members_update
    )

    @op.operation
    def groups_members_destroy(
        self,
        group_id: op.PathSegment,
        groups_members_destroy_request: Optional[
            op.Body[GroupsMembersDestroyRequest, GroupsMembersDestroyRequestDict]
        ] = None,
        _request_timeout: op.Timeout = None,
        _request_auth: op.Auth = None,
        _content_type: op.ContentType = None,
        _headers: op.Headers = None,
        _host_index: op.HostIndex = 0,
        *,
        _retries: op.Retries = None,
        _deadline: op.Deadline = None,
    ) -> op.Call[None]:
        """Remove a member from a printer group.

        The account has to be an administrator of the group.

        Args:
            group_id: Id of the printer group.
            groups_members_destroy_request: The member to remove.
        """
        return op.Call(
            "DELETE",
            "/developer/v1/groups/{group_id}/members/",
            None,
            path={"group_id": group_id},
            body=groups_members_destroy_request,
            content_types=("application/json",),
            accept=False,
            options=op.Options(
                _request_timeout, _request_auth, _content_type, _headers, _retries, _deadline
            ),
        )

    groups_members_destroy_with_http_info = op.with_http_info(groups_members_destroy)
    groups_members_destroy_without_preload_content = op.without_preload_content(
        groups_members_destroy
    )

    @op.operation
    def groups_queue_list(
        self,
        group_id: op.PathSegment,
        _request_timeout: op.Timeout = None,
        _request_auth: op.Auth = None,
        _content_type: op.ContentType = None,
        _headers: op.Headers = None,
        _host_index: op.HostIndex = 0,
        *,
        _retries: op.Retries = None,
        _deadline: op.Deadline = None,
    ) -> op.Call[List[DeveloperAPIMyCloudQueueItems]]:
        """List the prints waiting in a printer group's queue.

        The list is empty for a group without Fleet Control (also called Group Queue).

        Args:
            group_id: Id of the printer group.
        """
        return op.Call(
            "GET",
            "/developer/v1/groups/{group_id}/queue/",
            List[DeveloperAPIMyCloudQueueItems],
            path={"group_id": group_id},
            options=op.Options(
                _request_timeout, _request_auth, _content_type, _headers, _retries, _deadline
            ),
        )

    groups_queue_list_with_http_info = op.with_http_info(groups_queue_list)
    groups_queue_list_without_preload_content = op.without_preload_content(groups_queue_list)
