"""Run the generator: ``python -m codegen [--check] [--spec FILE --out DIR]``."""

from __future__ import annotations

import argparse
import difflib
import sys
from pathlib import Path
from typing import Iterator

import yaml

from codegen import document, overlay
from codegen.output import HEADER, PACKAGE, Output

ROOT = Path(__file__).resolve().parent.parent


def main(arguments: list[str] | None = None) -> int:
    """Return 0, 1 if ``--check`` finds a difference, or 2 if a file cannot be used."""
    parser = argparse.ArgumentParser(prog="python -m codegen", description=__doc__)
    parser.add_argument("--spec", type=Path, default=ROOT / "openapi.yaml", metavar="FILE")
    parser.add_argument("--overlay", type=Path, default=ROOT / "overlay.yaml", metavar="FILE")
    parser.add_argument("--out", type=Path, default=ROOT, metavar="DIR")
    parser.add_argument("--check", action="store_true", help="write nothing, show differences")
    parser.add_argument(
        "--merged", type=Path, metavar="FILE", help="write the corrected document and stop"
    )
    parser.add_argument("--verbose", action="store_true", help="name corrections without a place")
    options = parser.parse_args(arguments)
    try:
        before = document.load(options.spec)
        corrections = document.read(options.overlay)
        corrected, misplaced = overlay.apply(before, corrections)
        if options.merged:
            text = yaml.safe_dump(corrected, sort_keys=False, allow_unicode=True, width=110)
            options.merged.write_text(text, encoding="utf-8")
            return 0
        document.observe(corrected, corrections["corrections"])
        output = Output(corrected, before, corrections)
    except (document.DocumentError, overlay.OverlayError) as error:
        print(f"codegen: {error}", file=sys.stderr)
        return 2
    misplaced = misplaced if options.verbose else []
    notes = [f"no place for the correction of {line}" for line in misplaced] + output.notes
    print("".join(f"note: {note}\n" for note in notes), end="", file=sys.stderr)
    marked = {
        path: (options.out / path).read_text(encoding="utf-8")
        for path in ("README.md", "docs/guides/differences.md")
        if (options.out / path).exists()
    }
    new = output.files(marked)
    changes = list(_changes(options.out, new))
    for path, before_text, after in changes:
        if options.check:
            _show(path.relative_to(options.out).as_posix(), before_text, after)
        elif after is None:
            path.unlink()
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(after, encoding="utf-8")
    if options.check and changes:
        print("generated files differ: run `python -m codegen`", file=sys.stderr)
    return 1 if options.check and changes else 0


def _changes(root: Path, new: dict[str, str]) -> Iterator[tuple[Path, str | None, str | None]]:
    """Yield each file that changes with its old and new text; None stands for no file."""
    found = {root / path for path in new}
    for folder in (PACKAGE, f"{PACKAGE}/api", f"{PACKAGE}/models", f"{PACKAGE}/namespaces", "docs"):
        for path in [*(root / folder).glob("*.py"), *(root / folder).glob("*.md")]:
            if HEADER in path.read_text(encoding="utf-8", errors="replace").partition("\n")[0]:
                found.add(path)
    for path in sorted(found):
        old = path.read_text(encoding="utf-8", errors="replace") if path.exists() else None
        text = new.get(path.relative_to(root).as_posix())
        if old != text:
            yield path, old, text


def _show(path: str, old: str | None, new: str | None) -> None:
    if old is None or new is None:
        print(f"{path}: {'missing' if old is None else 'no longer generated'}")
        return
    lines = difflib.unified_diff(old.splitlines(), new.splitlines(), path, f"{path} (generated)")
    print(*list(lines)[:40], sep="\n")


if __name__ == "__main__":
    sys.exit(main())
