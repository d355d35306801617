"""What the ``..._with_http_info`` spelling of an operation gives."""

from typing import Generic, Mapping, Optional, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StrictBytes, StrictInt

T = TypeVar("T")


class ApiResponse(BaseModel, Generic[T]):
    """An answer: its status and headers, what it means, and the bytes it came as."""

    model_config = ConfigDict(arbitrary_types_allowed=True, defer_build=True)

    status_code: StrictInt = Field(description="HTTP status")
    headers: Optional[Mapping[str, str]] = Field(
        default=None, description="HTTP headers", repr=False
    )
    data: T = Field(description="The body as the type the operation documents")
    raw_data: StrictBytes = Field(description="The decompressed body", repr=False)
