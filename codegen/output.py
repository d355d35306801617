"""Render API classes, models, exports and reference pages."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import jinja2

from codegen import classes, names, text
from codegen.docs import Docs, failure
from codegen.document import Node
from codegen.operations import Operations
from codegen.schemas import Field, Schemas
from codegen.short_names import namespaces

HEADER = "Generated from openapi.yaml and overlay.yaml by `python -m codegen`. Do not edit."
PACKAGE = "formlabs_web_api"


class Output:
    """The generated files of ``document``, which was ``before`` without corrections."""

    def __init__(self, document: Node, before: Node, overlay: Node) -> None:
        schemas = Schemas(document)
        operations = Operations(document, before, schemas)
        self.notes = operations.notes
        self._tags = operations.tags()
        self._models = [schemas.models[name] for name in sorted(schemas.models)]
        self._namespaces = namespaces(overlay.get("namespaces", {}), self._tags)
        self._aliases = {
            alias: name
            for alias, name in overlay.get("aliases", {}).items()
            if name in schemas.models and alias not in schemas.models
        }
        info = document.get("info", {})
        self._title = text.plain(info.get("title"))
        self._jinja = jinja2.Environment(
            loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._classes = classes.pages()
        self._jinja.globals.update(
            header=HEADER,
            imports=names.IMPORTS,
            package=PACKAGE,
            info=info,
            tags=self._tags,
            models=self._models,
            schemas=schemas,
            namespaces=self._namespaces,
            short={
                one.method: f"{space.name}.{one.name}"
                for space in self._namespaces
                for one in space.methods
            },
            readable={name: alias for alias, name in self._aliases.items()},
            classes=self._classes,
            exceptions=classes.exceptions(),
            derived=classes.derived,
            docs=Docs(schemas),
            failure=failure,
        )
        self._jinja.filters.update(cell=text.cell, plain=text.plain, sentence=text.first_sentence)
        self._jinja.filters.update(docstring=text.docstring, wrapped=text.wrapped)
        self._jinja.filters.update(
            py=repr, code=text.code, snake=names.snake, codes=_codes, mapping=_mapping
        )

    def files(self, marked: dict[str, str]) -> dict[str, str]:
        """Return texts by path; in those of ``marked``, tables between marks are replaced."""
        found = {"docs/reference.md": self._render("reference.md.j2")}
        found["docs/exceptions.md"] = self._render("exceptions.md.j2")
        for page in self._classes:
            found[f"docs/{page.name}.md"] = self._render("class.md.j2", one=page)
        for tag in self._tags:
            found[f"{PACKAGE}/api/{tag.module}.py"] = self._render("api.py.j2", tag=tag)
            found[f"docs/{tag.name}.md"] = self._render("api.md.j2", tag=tag)
        for model in self._models:
            found[f"{PACKAGE}/models/{model.module}.py"] = self._render("model.py.j2", model=model)
            found[f"docs/{model.name}.md"] = self._render("model.md.j2", model=model)
        for one in self._namespaces:
            code = self._render("namespace.py.j2", namespace=one)
            found[f"{PACKAGE}/namespaces/{one.name}.py"] = code
        found[f"{PACKAGE}/namespaces/__init__.py"] = self._render("namespaces.py.j2")
        found.update(self._exports())
        for path, content in marked.items():
            found[path] = self._with_tables(content, "docs/" if path == "README.md" else "")
        return _formatted(found)

    def _with_tables(self, content: str, folder: str) -> str:
        for name in ("operations", "models", "short names"):
            opening, closing = f"<!-- {name} -->", f"<!-- /{name} -->"
            before, mark, rest = content.partition(opening)
            if closing in rest:
                table = self._render("tables.md.j2", name=name, folder=folder)
                content = f"{before}{mark}\n{table}{closing}{rest.partition(closing)[2]}"
        return content

    def _exports(self) -> dict[str, str]:
        apis = {tag.name: tag.module for tag in self._tags}
        models = {model.name: model.module for model in self._models}
        every = {name: module for module, line in names.EXPORTS.items() for name in line.split()}
        every.update({module: module for module in names.MODULES})
        every.update({name: f"api.{module}" for name, module in apis.items()})
        every.update({name: f"models.{module}" for name, module in models.items()})
        found = {f"{PACKAGE}/_version.py": self._render("version.py.j2")}
        for below, title, exports, aliases in (
            ("", f"Client of the {self._title}", every, self._aliases),
            (".api", "The API classes, one a tag", apis, {}),
            (".models", "The models and enums, one a file", models, self._aliases),
        ):
            values = {"below": below, "title": title, "exports": exports, "aliases": aliases}
            code = self._render("exports.py.j2", **values)
            found[f"{PACKAGE}{below.replace('.', '/')}/__init__.py"] = code
        return found

    def _render(self, template: str, **values: object) -> str:
        return self._jinja.get_template(template).render(**values).strip() + "\n"


def _codes(fields: list[Field]) -> str:
    return "".join(f"{one.code(limited=True)}, " for one in fields)


def _mapping(pairs: dict[object, str]) -> str:
    return "{" + ", ".join(f"{key!r}: {name}" for key, name in pairs.items()) + "}"


def _formatted(files: dict[str, str]) -> dict[str, str]:
    """Return the files with Python formatted by ruff and unused imports removed."""
    ruff = [sys.executable, "-m", "ruff"]
    rules = ["--isolated", "--quiet", "--line-length=100", "--target-version=py38"]
    fixes = ["--select=F401,I", "--fix", f"--config=lint.isort.known-first-party=['{PACKAGE}']"]
    with tempfile.TemporaryDirectory() as folder:
        for path, content in files.items():
            (Path(folder) / path).parent.mkdir(parents=True, exist_ok=True)
            (Path(folder) / path).write_text(content, encoding="utf-8")
        code = str(Path(folder) / PACKAGE)  # not the Markdown, which later versions format too
        subprocess.run([*ruff, "check", *rules, *fixes, code], check=True)
        subprocess.run([*ruff, "format", *rules, code], check=True)
        return {path: (Path(folder) / path).read_text(encoding="utf-8") for path in files}
