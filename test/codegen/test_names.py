"""Names follow the rules of the OpenAPI Generator."""

from __future__ import annotations

import keyword

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codegen.names import camel, class_name, member, snake, variable


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("PrinterGroupsApi", "printer_groups_api"),
        ("DeveloperAPIMyPrinter", "developer_apimy_printer"),
        (
            "DeveloperAPIGroupMembershipCreateRequest",
            "developer_api_group_membership_create_request",
        ),
        ("RequestAnAccessToken200Response", "request_an_access_token200_response"),
        ("Request an access token", "request_an_access_token"),
        ("printersRetrieve", "printers_retrieve"),
        ("date__gt", "date__gt"),
        ("printer-id", "printer_id"),
        ("filter[name]", "filter_name"),
        ("is it on?", "is_it_on"),
    ],
)
def test_names_of_modules_and_methods_follow_the_openapi_generator(text: str, name: str) -> None:
    assert snake(text) == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Request an access token", "RequestAnAccessToken"),
        ("groups_members_destroy", "GroupsMembersDestroy"),
        ("DeveloperAPIMyPrinter", "DeveloperAPIMyPrinter"),
        ("Printer Groups api", "PrinterGroupsApi"),
        ("List", "ModelList"),
        ("ApiClient", "ModelApiClient"),
        ("None", "ModelNone"),
        ("3D part", "Model3DPart"),
    ],
)
def test_names_of_classes_follow_the_openapi_generator(text: str, name: str) -> None:
    assert class_name(text) == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("date", "var_date"),
        ("from", "var_from"),
        ("None", "var_none"),
        ("json", "var_json"),
        ("schema", "var_schema"),
        ("_id", "var_id"),
        ("2nd", "var_2nd"),
        ("camelCase", "camel_case"),
        ("machine_type_id", "machine_type_id"),
    ],
)
def test_names_of_parameters_and_fields_follow_the_openapi_generator(text: str, name: str) -> None:
    assert variable(text) == name


def test_reserved_method_name_gets_the_prefix_call() -> None:
    assert variable("print", prefix="call") == "call_print"


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("PRINTING", "PRINTING"),
        ("FORM-4", "FORM_MINUS_4"),
        ("a b", "A_B"),
        ("4L", "ENUM_4L"),
        ("", "EMPTY"),
        ("class", "CLASS"),
    ],
)
def test_names_of_enum_members_follow_the_openapi_generator(value: str, name: str) -> None:
    assert member(value) == name


@given(st.text(), st.sets(st.text(max_size=3)))
def test_any_text_gives_valid_python_names(text: str, others: set[str]) -> None:
    taken = {variable(other) for other in others}
    name = variable(text, taken)
    assert name.isidentifier()
    assert not keyword.iskeyword(name)
    assert name not in taken
    assert class_name(text).isidentifier()
    members = {member(other) for other in others}
    assert member(text, members).isidentifier()
    assert member(text, members) not in members
    assert camel(camel(text)) == camel(text)
