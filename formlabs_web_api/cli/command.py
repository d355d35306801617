"""Base classes of commands: common options, and conversion of failures to exit codes."""

from __future__ import annotations

import inspect
import sys
from copy import copy
from pathlib import Path
from typing import Any, Callable, List, Optional, Tuple, TypeVar

import typer
from typer.core import TyperCommand, TyperGroup
from typing_extensions import get_type_hints

from formlabs_web_api.cli.failures import INTERRUPTED, failure_of, plain_message
from formlabs_web_api.cli.streams import discard_output

F = TypeVar("F", bound=Callable[..., Any])

SHARED = ("json", "derived", "utc", "quiet", "config", "sandbox")
"""Options of the program that may also be given after the command."""


def evaluated(function: F) -> F:
    """Evaluate a command's annotations, since typer reads text only from Python 3.10 on."""
    function.__annotations__ = get_type_hints(function, include_extras=True)
    return function


def with_options_of(
    source: Callable[..., object], before: Optional[str] = None
) -> Callable[[F], F]:
    """Give a command the options of ``source``, in place of its ``**`` parameter.

    Commands that select the same rows thus have the same options, declared once.

    Args:
        source: Its first parameter is the session; each other one is an option.
        before: The parameter of the command before which help lists the options; by default they
            are last.
    """

    def decorate(command: F) -> F:
        hints = get_type_hints(command, include_extras=True)
        own = [one for one in inspect.signature(command).parameters.values() if one.name in hints]
        given = [one for one in own if one.kind is not one.VAR_KEYWORD]
        place = next((i for i, one in enumerate(given) if one.name == before), len(given))
        given[place:place] = list(inspect.signature(source).parameters.values())[1:]
        hints = {**get_type_hints(source, include_extras=True), **hints}
        # typer reads the options from the signature, and the types from the annotations.
        given = [one.replace(annotation=hints[one.name]) for one in given]
        vars(command)["__signature__"] = inspect.Signature(given)
        command.__annotations__ = {one.name: hints[one.name] for one in given}
        return command

    return decorate


def _shared(ctx: Any) -> List[Any]:
    root: Any = ctx.find_root().command
    return [copy(param) for param in root.params if param.name in SHARED]


def _with_shared(own: List[Any], ctx: Any) -> List[Any]:
    """Return parameters with those of the program; ``--help`` is last."""
    last = [param for param in own if param.name == "help"]
    return [*(param for param in own if param not in last), *_shared(ctx), *last]


def _take_shared(ctx: Any) -> None:
    """Store the program's options that were given after the command in the session."""
    for name in SHARED:
        value = ctx.params.pop(name)
        if value:
            if name == "config" and ctx.obj.config is not None:
                raise ctx.fail("--config is given twice")
            # Before a callback, typer has not converted the values that click parsed.
            setattr(ctx.obj, name, Path(value) if name == "config" else value)


def _refuse_repeated(command: Any, ctx: Any, args: List[str]) -> None:
    """Refuse an option with one value that is given twice, since one would be ignored.

    Raises:
        click.UsageError: An option is repeated; the message names it.
    """
    from collections import Counter

    # Any other error is reported by the parse that follows.
    resilient, ctx.resilient_parsing = ctx.resilient_parsing, True
    try:
        parsed: Tuple[Any, Any, List[Any]] = command.make_parser(ctx).parse_args(args=list(args))
    except Exception:
        return
    finally:
        ctx.resilient_parsing = resilient
    for param, times in Counter(parsed[2]).items():
        takes_one = param.param_type_name == "option" and not param.multiple and not param.is_flag
        if times > 1 and takes_one:
            ctx.fail(f"{param.opts[0]} is given {times} times, but takes one value")


class Group(TyperGroup):
    """A group of commands that accepts the program's options too."""

    def get_params(self, ctx: Any) -> List[Any]:
        return _with_shared(super().get_params(ctx), ctx)

    def invoke(self, ctx: Any) -> Any:
        _take_shared(ctx)
        return super().invoke(ctx)


class Command(TyperCommand):
    """A command that accepts the program's options before and after its name."""

    def get_params(self, ctx: Any) -> List[Any]:
        own: List[Any] = super().get_params(ctx)
        for param in own:
            if param.param_type_name == "argument":
                _name_plainly(param)
        return _with_shared(own, ctx)

    def parse_args(self, ctx: Any, args: List[str]) -> List[str]:
        _refuse_repeated(self, ctx, args)
        try:
            return super().parse_args(ctx, args)
        except typer.BadParameter as error:
            error.message = plain_message(error.message)
            raise
        except Exception as error:
            unknown: Any = getattr(error, "option_name", None)
            if unknown in ("-o", "--output"):
                ctx.fail(f"{unknown} is an option of export: `export prints -o FILE`")
            raise

    def invoke(self, ctx: Any) -> Any:
        session = ctx.obj
        _take_shared(ctx)
        if session.derived and not session.json:
            raise ctx.fail("--derived needs --json; tables and exports have derived values already")
        try:
            with session:
                result = super().invoke(ctx)
                sys.stdout.flush()
                return result
        except (KeyboardInterrupt, typer.Abort):
            raise typer.Exit(INTERRUPTED) from None
        except BrokenPipeError:
            # The reader has closed the pipe, `| head` for example: not a failure.
            discard_output()
            raise typer.Exit(0) from None
        except Exception as error:
            failure = failure_of(error)
            if failure is None:
                raise
            try:
                sys.stdout.flush()
            except OSError:
                if isinstance(error, OSError):  # the same failure, reported when the program ends
                    raise typer.Exit(failure.code) from None
            session.complain(str(failure))
            raise typer.Exit(failure.code) from None


def _name_plainly(argument: Any) -> None:
    """Make help write an argument as its metavar: EMAIL..., not {EMAIL...}... <list[str]>."""
    name, text = argument.metavar, argument.help

    def usage_pieces(ctx: object) -> List[str]:
        return [name]

    def help_record(ctx: object) -> Tuple[str, str]:
        return name, text

    argument.get_usage_pieces = usage_pieces
    argument.get_help_record = help_record
