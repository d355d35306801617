"""The charts of reports, laid out as scenes."""

from __future__ import annotations

from typing import Dict, List, NamedTuple, Optional, Sequence, Tuple

from formlabs_web_api.display.formats import shorten_middle
from formlabs_web_api.reports.scene import FONT, WIDTH, Block, Caption, Dot, Rule, Scene
from formlabs_web_api.reports.window import Span

LEFT = 210.0
RIGHT = WIDTH - 70.0
ROW = 24.0
TOP = 34.0
_LABEL_CELLS = 26
_DIGIT = 8
"""Width of a character of a value."""
_ITEM = 150


class Series(NamedTuple):
    """A part of bars: the role names its colour."""

    role: str
    label: str


def stacked_bars(
    title: str,
    description: str,
    series: Sequence[Series],
    rows: Sequence[Tuple[str, Sequence[float], str]],
    unit: str,
) -> Scene:
    """Return a bar for each row, of one value for each series, with a text behind it."""
    scene = Scene(title, description)
    top = _legend(scene, series)
    greatest = max((sum(values) for _, values, _ in rows), default=0.0)
    right = min(RIGHT, WIDTH - 12 - max((_DIGIT * len(text) for _, _, text in rows), default=0))
    _axis(scene, top, len(rows), greatest, unit, right)
    for at, (label, values, text) in enumerate(rows):
        y = top + at * ROW
        _row_label(scene, y, label)
        x = LEFT
        for one, value in zip(series, values):
            width = (right - LEFT) * value / greatest if greatest else 0.0
            if width > 0:
                scene.blocks.append(Block(x, y + 4, width, ROW - 8, one.role))
            x += width
        scene.captions.append(Caption(WIDTH, y + 17, text, "end"))
    return _finished(scene, top, len(rows))


def intervals(
    title: str,
    description: str,
    rows: Sequence[Tuple[str, Optional[float], Optional[float], Optional[float], str]],
) -> Scene:
    """Return a dot and its interval of 0 to 1 for each row; a row without one is hatched."""
    scene = Scene(title, description)
    _axis(scene, TOP, len(rows), 100.0, "%", RIGHT)
    for at, (label, value, low, high, text) in enumerate(rows):
        y = TOP + at * ROW
        _row_label(scene, y, label)
        if value is None or low is None or high is None:
            scene.blocks.append(Block(LEFT, y + 8, RIGHT - LEFT, ROW - 16, "unknown"))
        else:
            middle = y + ROW / 2
            scene.rules.append(Rule(_at(low), middle, _at(high), middle, "whisker"))
            scene.dots.append(Dot(_at(value), middle, "success"))
        scene.captions.append(Caption(WIDTH, y + 17, text, "end"))
    return _finished(scene, TOP, len(rows))


def _at(share: float) -> float:
    return LEFT + (RIGHT - LEFT) * share


def heat_map(
    title: str,
    description: str,
    columns: Sequence[str],
    rows: Sequence[Tuple[str, Sequence[Optional[float]]]],
) -> Scene:
    """Return a cell for each row and column, darker for a greater share of 0 to 1.

    A missing value is hatched.
    """
    scene = Scene(title, description)
    right = float(WIDTH)
    width = (right - LEFT) / max(1, len(columns))
    step = max(1, -(-len(columns) * 62 // int(right - LEFT)))
    for at, column in enumerate(columns):
        if at % step == 0 and LEFT + at * width + 40 <= right:  # else it would be cut off
            scene.captions.append(Caption(LEFT + at * width, TOP - 10, column, role="muted"))
    for line, (label, values) in enumerate(rows):
        y = TOP + line * ROW
        _row_label(scene, y, label)
        for at, value in enumerate(values):
            x = LEFT + at * width
            if value is None:
                scene.blocks.append(Block(x, y + 1, width - 1, ROW - 2, "unknown"))
                continue
            level = 0 if value <= 0 else max(1, min(10, round(value * 10)))
            scene.blocks.append(Block(x, y + 1, width - 1, ROW - 2, "cell"))
            if level:
                scene.blocks.append(Block(x, y + 1, width - 1, ROW - 2, "printing", level))
    return _finished(scene, TOP, len(rows))


def lanes(
    title: str,
    description: str,
    series: Sequence[Series],
    rows: Sequence[Tuple[str, Sequence[Tuple[Span, str]]]],
    whole: Span,
    ticks: Sequence[Tuple[int, str]],
) -> Scene:
    """Return a lane for each row with a block for each span, coloured by its role.

    Spans of one role that lie within half a point of each other become one block.
    """
    scene = Scene(title, description)
    top = _legend(scene, series) + 18
    right = float(WIDTH)

    def place(moment: int) -> float:
        return LEFT + (right - LEFT) * (moment - whole[0]) / (whole[1] - whole[0])

    step = max(1, -(-len(ticks) * 62 // int(right - LEFT)))
    for moment, label in ticks[::step]:
        x = place(moment)
        scene.rules.append(Rule(x, top, x, top + len(rows) * ROW))
        if x + 40 <= right:
            scene.captions.append(Caption(x, top - 8, label, role="muted"))
    for line, (name, spans) in enumerate(rows):
        y = top + line * ROW
        _row_label(scene, y, name)
        last: Dict[str, List[float]] = {}
        drawn: List[Tuple[str, List[float]]] = []
        for (start, end), role in spans:
            left, stop = place(start), max(place(end), place(start) + 0.5)
            if role in last and left - last[role][1] < 0.5:
                last[role][1] = max(last[role][1], stop)
            else:
                last[role] = [left, stop]
                drawn.append((role, last[role]))
        scene.blocks += [
            Block(left, y + 4, stop - left, ROW - 8, role) for role, (left, stop) in drawn
        ]
    return _finished(scene, top, len(rows))


def _legend(scene: Scene, series: Sequence[Series]) -> float:
    x, y = LEFT, 6.0
    for one in series:
        width = _ITEM if len(one.label) < 16 else 8 * len(one.label) + 30
        if x + width > WIDTH and x > LEFT:
            x, y = LEFT, y + 20
        scene.blocks.append(Block(x, y, 12, 12, one.role))
        scene.captions.append(Caption(x + 18, y + 11, one.label))
        x += width
    return y + 46


def _axis(scene: Scene, top: float, count: int, greatest: float, unit: str, right: float) -> None:
    if not greatest or not count:
        return
    step = _step(greatest) if unit else max(1.0, _step(greatest))  # counts are whole
    value = 0.0
    while value <= greatest * 1.0001:
        x = LEFT + (right - LEFT) * value / greatest
        scene.rules.append(Rule(x, top, x, top + count * ROW))
        scene.captions.append(Caption(x, top - 8, f"{value:,g} {unit}", "middle", "muted"))
        value += step


def _step(greatest: float) -> float:
    step = 10.0 ** len(str(int(greatest)))
    for part in (10, 2, 2.5, 2, 2, 2.5, 2, 2):
        if greatest / step >= 4:
            break
        step /= part
    return step


def _row_label(scene: Scene, y: float, label: str) -> None:
    shown = shorten_middle(label, _LABEL_CELLS)
    scene.captions.append(Caption(LEFT - 10, y + 17, shown, "end"))


def _finished(scene: Scene, top: float, count: int) -> Scene:
    scene.height = top + max(count, 1) * ROW + 6
    if not count:
        scene.blocks, scene.rules = [], []
        scene.captions = [Caption(LEFT, top + FONT, "No data in this window.", role="muted")]
    return scene
