"""What every command does: take the common options, and turn failures into exit codes."""

from __future__ import annotations

import os
import sys
from copy import copy
from pathlib import Path
from typing import Any, Callable, List, TypeVar

import typer
from typer.core import TyperCommand
from typing_extensions import get_type_hints

from formlabs_web_api.cli.failures import INTERRUPTED, failure_of

F = TypeVar("F", bound=Callable[..., Any])

SHARED = ("json", "utc", "quiet", "config", "sandbox")
"""Options of the program that may stand after the command too."""


def evaluated(function: F) -> F:
    """A command whose annotations are text no more; typer reads such from Python 3.10 on only."""
    function.__annotations__ = get_type_hints(function, include_extras=True)
    return function


class Command(TyperCommand):
    """A command that knows the program's options, whether they stand before or after it."""

    def get_params(self, ctx: Any) -> List[Any]:
        root: Any = ctx.find_root().command
        shared = [copy(param) for param in root.params if param.name in SHARED]
        own = super().get_params(ctx)
        last = [param for param in own if param.name == "help"]
        return [*(param for param in own if param not in last), *shared, *last]

    def invoke(self, ctx: Any) -> Any:
        session = ctx.obj
        for name in SHARED:
            value = ctx.params.pop(name)
            if value:
                # Before a callback typer leaves values as click read them.
                setattr(session, name, Path(value) if name == "config" else value)
        try:
            with session:
                result = super().invoke(ctx)
                sys.stdout.flush()
                return result
        except (KeyboardInterrupt, typer.Abort):
            raise typer.Exit(INTERRUPTED) from None
        except BrokenPipeError:
            # Who reads has seen enough, `| head` for example; that is no failure.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(0) from None
        except Exception as error:
            failure = failure_of(error)
            if failure is None:
                raise
            sys.stdout.flush()
            session.complain(str(failure))
            raise typer.Exit(failure.code) from None
