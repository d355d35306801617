"""Pictures as marks on a plane, drawn as SVG for pages and by matplotlib for PNG files.

We write the SVG ourselves. That of matplotlib is ten times as long, turns text into outlines unless
told otherwise, and has its colours fixed, where ours follow the light, dark or print style of the
page by their classes. Marks of one role become one path, so that 200,000 prints are a few MB.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from typing import Dict, List, NamedTuple, Tuple

WIDTH = 960
FONT = 13


class Block(NamedTuple):
    """A filled rectangle."""

    x: float
    y: float
    width: float
    height: float
    role: str
    level: int = 10
    """Strength of the colour, 0 to 10."""


class Rule(NamedTuple):
    """A straight line."""

    x: float
    y: float
    to_x: float
    to_y: float
    role: str = "grid"


class Dot(NamedTuple):
    """A point with a value."""

    x: float
    y: float
    role: str


class Caption(NamedTuple):
    """A text; its anchor is start, middle or end."""

    x: float
    y: float
    text: str
    anchor: str = "start"
    role: str = "label"


def _no_blocks() -> List[Block]:
    return []


def _no_rules() -> List[Rule]:
    return []


def _no_dots() -> List[Dot]:
    return []


def _no_captions() -> List[Caption]:
    return []


@dataclass
class Scene:
    """A picture."""

    title: str
    description: str
    height: float = 0
    blocks: List[Block] = field(default_factory=_no_blocks)
    rules: List[Rule] = field(default_factory=_no_rules)
    dots: List[Dot] = field(default_factory=_no_dots)
    captions: List[Caption] = field(default_factory=_no_captions)

    def svg(self, name: str) -> str:
        """Return the picture as an SVG element; the name makes its ids unique on a page."""
        parts = [
            f'<svg viewBox="0 0 {WIDTH} {_short(self.height)}" role="img"'
            f' aria-labelledby="{name}-t {name}-d">',
            f'<title id="{name}-t">{escape(self.title)}</title>',
            f'<desc id="{name}-d">{escape(self.description)}</desc>',
            f'<defs><pattern id="{name}-p" width="6" height="6" patternUnits="userSpaceOnUse"'
            ' patternTransform="rotate(45)"><path d="M0 0v6" class="hatch"/></pattern></defs>',
        ]
        parts += [
            f'<path class="{rule.role}" d="M{_short(rule.x)} {_short(rule.y)}'
            f'L{_short(rule.to_x)} {_short(rule.to_y)}"/>'
            for rule in self.rules
        ]
        parts += [
            _path_of(role, level, blocks, name) for (role, level), blocks in self._paths().items()
        ]
        parts += [
            f'<circle class="{dot.role}" cx="{_short(dot.x)}" cy="{_short(dot.y)}" r="5"/>'
            for dot in self.dots
        ]
        parts += [
            f'<text class="{text.role}" x="{_short(text.x)}" y="{_short(text.y)}"'
            f' text-anchor="{text.anchor}">{escape(text.text)}</text>'
            for text in self.captions
        ]
        return "".join([*parts, "</svg>"])

    def _paths(self) -> Dict[Tuple[str, int], List[Block]]:
        found: Dict[Tuple[str, int], List[Block]] = {}
        for block in self.blocks:
            found.setdefault((block.role, block.level), []).append(block)
        return found


def _path_of(role: str, level: int, blocks: List[Block], name: str) -> str:
    outline = "".join(
        f"M{_short(one.x)} {_short(one.y)}h{_short(one.width)}v{_short(one.height)}"
        f"h{_short(-one.width)}z"
        for one in blocks
    )
    strength = "" if level == 10 else f' fill-opacity="{level / 10:g}"'
    fill = f' fill="url(#{name}-p)"' if role == "unknown" else ""
    return f'<path class="{role}"{strength}{fill} d="{outline}"/>'


def _short(number: float) -> str:
    return f"{number:.1f}".rstrip("0").rstrip(".")
