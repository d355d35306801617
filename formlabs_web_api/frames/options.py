"""Arguments of the methods of ``client.frames``, for type checkers and editors.

Each method takes the filters of its listing's iterator and the options of a table. A type checker
cannot derive the sum of both, so that it is declared here; a test compares it with the methods.
"""

from __future__ import annotations

from datetime import datetime
from typing import List, Optional

from typing_extensions import TypedDict

from formlabs_web_api._core import operation as op
from formlabs_web_api.frames.progress import ProgressCallback
from formlabs_web_api.frames.spool import SpoolPath
from formlabs_web_api.tables.records import Now


class FrameOptions(TypedDict, total=False):
    """Arguments that every method takes."""

    derived: bool
    secrets: bool
    now: Now
    spool: Optional[SpoolPath]
    progress: Optional[ProgressCallback]
    per_page: op.PerPage
    limit: op.Limit
    start_page: op.StartPage
    prefetch: op.Prefetch
    _request_timeout: op.Timeout
    _request_auth: op.Auth
    _headers: op.Headers
    _retries: op.Retries
    _deadline: op.Deadline


class PrintFrameOptions(FrameOptions, total=False):
    """Arguments of ``client.frames.prints``."""

    ended_since: Optional[datetime]
    ended_until: Optional[datetime]
    var_date: Optional[op.DateTime]
    date__gt: Optional[op.DateTime]
    date__lt: Optional[op.DateTime]
    machine_type_id: Optional[List[op.Text]]
    material: Optional[op.Text]
    name: Optional[op.Text]
    printer: Optional[op.Text]
    status: Optional[op.Text]


class EventFrameOptions(FrameOptions, total=False):
    """Arguments of ``client.frames.events``."""

    cartridge: Optional[op.Text]
    date__gt: Optional[op.DateTime]
    date__lt: Optional[op.DateTime]
    print_run: Optional[op.Text]
    printer: Optional[op.Text]
    tank: Optional[op.Text]
    type: Optional[op.Text]
