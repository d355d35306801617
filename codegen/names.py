"""Name classes, modules, methods and parameters as OpenAPI-Generator does."""

from __future__ import annotations

import keyword
import re
from typing import Container

# Imports of generated files, by module; a schema of such a name gets a class of another name.
IMPORTS = {
    "datetime": "datetime",
    "typing": "Any ClassVar Dict FrozenSet List Optional Union",
    "pydantic": "Field StrictBool StrictInt StrictStr",
    "typing_extensions": "Annotated Required TypedDict",
    "formlabs_web_api.models._base": "DateTime Model Number OpenEnum ReadOnly RequestModel",
}
# Exports of the hand-written modules.
EXPORTS = {
    "api_client": "ApiClient",
    "api_response": "ApiResponse",
    "configuration": "Configuration",
    "exceptions": "OpenApiException ApiTypeError ApiValueError ApiKeyError ApiAttributeError"
    " ApiException BadRequestException UnauthorizedException ForbiddenException NotFoundException"
    " ConflictException UnprocessableEntityException RateLimitException ServiceException"
    " ApiConnectionException ApiTimeoutException AuthenticationException ResponseException",
    "models.derived.states": "EndedAtSource PrinterState PrintOutcome",
    "rate_limit": "Quota RateLimiter",
    "retry": "RetryPolicy",
}
# Modules among the exports: those of the official package. A star-import of others would bring
# names as common as "retry" into a program.
MODULES = ["api", "api_client", "api_response", "configuration", "exceptions", "models", "rest"]
_WORDS = (
    "all_params auth_settings base64 body_params date datetime exec float form_params header_params"
    " json local_var_files method path_params print property query_params resource_path schema self"
)
_NO_CLASS = {*" ".join([*IMPORTS.values(), *EXPORTS.values()]).split(), *keyword.kwlist}
_NO_VARIABLE = {*_WORDS.split(), *(word.lower() for word in keyword.kwlist)}
_SIGNS = {"-": "MINUS", "+": "PLUS", ".": "PERIOD", "/": "SLASH", "&": "AMPERSAND", ":": "COLON"}


def snake(text: str) -> str:
    """Return ``printer_groups_api`` for PrinterGroupsApi, as OpenAPI-Generator does."""
    text = re.sub(r"(?a)\W", "", re.sub(r"[\[(.\-|\s/\\]", "_", text.strip()))
    text = re.sub(r"([A-Z]+)([A-Z][a-z][a-z]+)", r"\1_\2", text)
    return re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", text).lower()


def camel(text: str) -> str:
    """Return ``PrinterGroupsApi`` for printer groups api."""
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"(?a)[\W_]+", text))


def class_name(text: str) -> str:
    """Return the name of a class; one that is taken gets the prefix ``Model``."""
    name = camel(text)
    return f"Model{name}" if name in _NO_CLASS or not name.isidentifier() else name


def variable(text: str, taken: Container[str] = (), prefix: str = "var") -> str:
    """Return the name of a parameter or field (``var_date``) or of a method (``call``)."""
    name = snake(text)
    if name in _NO_VARIABLE or name in taken or not name.isidentifier() or name.startswith("_"):
        name = f"{prefix}_{name.lstrip('_')}"
    return _unique(name, taken)


def member(value: str, taken: Container[str] = ()) -> str:
    """Return the name of an enum member: ``FORM_MINUS_4`` for Form-4, ``EMPTY`` for empty text."""
    text = "".join(f"_{_SIGNS[sign]}_" if sign in _SIGNS else sign for sign in value)
    name = re.sub(r"(?a)[\W_]+", "_", text).strip("_").upper()
    name = name if name.isidentifier() else f"ENUM_{name}" if value else "EMPTY"
    return _unique(name, taken)


def _unique(name: str, taken: Container[str]) -> str:
    while name in taken:
        name += "2"
    return name
