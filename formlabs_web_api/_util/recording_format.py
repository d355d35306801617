"""Identification of recording files.

The recorder writes them and the sandbox reads them, and neither imports the other: both import
these constants.
"""

from __future__ import annotations

FORMAT = "formlabs_web_api recording"
VERSION = 1
MAX_DEPTH = 100
"""A body may nest arrays and objects so deep; the service nests six."""
