# Generated from openapi.yaml and overlay.yaml by `python -m codegen`. Do not edit.
"""BuildPlatformContentsEnum: state of the build platform: not reported by this type, missing, not
confirmed, clear, not clear, or after a print."""

from formlabs_web_api.models._base import OpenEnum


class BuildPlatformContentsEnum(OpenEnum):
    """State of the build platform: not reported by this type, missing, not confirmed, clear, not
    clear, or after a print."""

    BUILD_PLATFORM_CONTENTS_NOT_SUPPORTED = "BUILD_PLATFORM_CONTENTS_NOT_SUPPORTED"
    BUILD_PLATFORM_CONTENTS_MISSING = "BUILD_PLATFORM_CONTENTS_MISSING"
    BUILD_PLATFORM_CONTENTS_UNCONFIRMED = "BUILD_PLATFORM_CONTENTS_UNCONFIRMED"
    BUILD_PLATFORM_CONTENTS_CONFIRMED_CLEAR = "BUILD_PLATFORM_CONTENTS_CONFIRMED_CLEAR"
    BUILD_PLATFORM_CONTENTS_CONFIRMED_DIRTY = "BUILD_PLATFORM_CONTENTS_CONFIRMED_DIRTY"
    BUILD_PLATFORM_CONTENTS_POST_PRINT = "BUILD_PLATFORM_CONTENTS_POST_PRINT"
