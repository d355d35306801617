"""Describe types in words and examples for the reference pages."""

from __future__ import annotations

import json
import re
import textwrap
from pathlib import Path
from typing import Any

from codegen.document import read
from codegen.operations import Operation
from codegen.schemas import Field, Schemas

_EXAMPLES = read(Path(__file__).parent / "examples.yaml")
_WORDS = {
    r"op\.Body\[(\w+), \w+\]": r"\1 or dict",
    r"\b(StrictStr|op\.PathSegment|op\.SecretText|op\.Text)\b": "str",
    r"\b(StrictInt|op\.Integer|op\.Positive)\b": "int",
    r"StrictBool": "bool",
    r"\bNumber\b": "float or int",
    r"\b(op\.)?DateTime\b": "datetime",
    r"Dict\[str, Any\]": "dict",
    r"\bAny\b": "anything",
    r"Optional\[(.*)\]": r"\1",
    r"List\[(.*)\]": r"list of \1",
    r"Union\[(.*?), (.*)\]": r"\1 or \2",
}
_TIME = "2026-01-31T08:30:00-05:00"
_SAMPLES: dict[str, Any] = {"StrictBool": True, "Number": 1.5, "Optional": None, "List": []}
_SAMPLES.update(dict.fromkeys(("StrictInt", "Integer", "Positive"), 1), Dict={})
_SAMPLES.update(dict.fromkeys(("DateTime", "datetime"), _TIME))
_FAILURES = {"400": "BadRequest", "401": "Unauthorized", "403": "Forbidden", "404": "NotFound"}
_FAILURES.update({"409": "Conflict", "422": "UnprocessableEntity", "429": "RateLimit"})


def failure(status: str) -> str:
    """Return the name of the exception for an HTTP status."""
    return _FAILURES.get(status, "Service" if status.startswith("5") else "Api") + "Exception"


class Docs:
    """Words and examples for the types of one document."""

    def __init__(self, schemas: Schemas) -> None:
        self._schemas = schemas

    def words(self, kind: str) -> str:
        """Return a type in words, with links to the pages of models."""
        for pattern, words in _WORDS.items():
            kind = re.sub(pattern, words, kind)
        for name in self._schemas.used_by(kind):
            kind = re.sub(rf"\b{name}\b", f"[{name}]({name}.md)", kind)
        return kind

    def sample(self, kind: str) -> Any:
        """Return a short JSON value of a type."""
        kind = re.sub(r"op\.Body\[(\w+), \w+\]", r"\1", kind)
        outer = kind.replace("op.", "").replace("Union[", "").partition("[")[0]
        model = self._schemas.models.get(outer.partition(",")[0])
        if model is None:
            return _SAMPLES.get(outer, "text")
        if model.members:
            return next(iter(model.members.values()))
        required = [one for one in model.fields if one.required]
        simple = [one for one in model.fields if not self._schemas.used_by(one.type)]
        return {one.wire: self.sample(one.type) for one in required or simple[:1]}

    def notes(self, field: Field) -> str:
        """Return remarks on a field: read-only, may be missing, and so on."""
        facts = {
            "read-only": field.about.get("readOnly"),
            "may be missing": not field.required,
            "may be null": field.type.startswith("Optional["),
            "never shown in texts": field.about.get("x-secret"),
            **{f"observed {seen}": True for seen in field.about["x-observed"]},
        }
        return "; ".join(fact for fact, holds in facts.items() if holds)

    def literal(self, name: str) -> str:
        """Return JSON of a model as a Python literal."""
        text = json.dumps(self.sample(name), ensure_ascii=False)
        lines = textwrap.wrap(text, 92, break_long_words=False, break_on_hyphens=False)
        return repr(text) if len(lines) == 1 else '"""' + "\n".join(lines) + '"""'

    def example(self, operation: Operation, method: str) -> str:
        """Return the lines of an example: its arguments and the call of ``method``."""
        lines = _EXAMPLES.get(operation.name, "").splitlines()
        arguments = []
        for one in operation.parameters:
            name = "body" if one.place == "body" else one.name
            if one.required and not any(line.startswith(f"{name} =") for line in lines):
                lines.append(f"{name} = {self.sample(one.type)!r}")
            if any(line.startswith(f"{name} =") for line in lines):
                arguments.append(name if one.required else f"{one.name}={name}")
        call = f"{method}({', '.join(arguments)})"
        return "\n".join([*lines, call if operation.returns == "None" else f"print({call})"])
