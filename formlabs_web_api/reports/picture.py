"""Reports as PNG pictures: the charts, below each other."""

from __future__ import annotations

import io
import warnings
from typing import TYPE_CHECKING, Any, Dict, List, Tuple

from formlabs_web_api._util.extras import install_hint
from formlabs_web_api.reports.palette import LIGHT
from formlabs_web_api.reports.scene import WIDTH, Scene

if TYPE_CHECKING:
    from formlabs_web_api.reports.content import ReportContent

_DPI = 100
_SCALE = 1.5
_TITLE = 44.0
_MAX_HEIGHT = 40_000
_ALIGN: Dict[str, str] = {"start": "left", "middle": "center", "end": "right"}


def picture(report: ReportContent) -> bytes:
    """Return the charts of a report as a PNG file; equal reports give equal bytes.

    Raises:
        ValueError: The report has no chart, or too many rows for a picture.
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError(f"PNG files need {error.name}: {install_hint('reports')}") from error

    scenes: List[Tuple[str, Scene]] = [
        (section.title, section.chart) for section in report.sections if section.chart is not None
    ]
    height = sum(scene.height + _TITLE for _, scene in scenes) + 20
    if height > _MAX_HEIGHT:
        raise ValueError("the report has too many rows for a picture; write .html or .xlsx")
    size = WIDTH * _SCALE / _DPI, height * _SCALE / _DPI
    figure: Any = Figure(figsize=size, dpi=_DPI, facecolor=LIGHT["page"])
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(-10, WIDTH + 10)
    axes.set_ylim(height, 0)
    axes.axis("off")
    top = 10.0
    for title, scene in scenes:
        axes.text(0, top + 20, title, fontsize=_points(17), weight="bold", color=LIGHT["text"])
        _draw(axes, scene, top + _TITLE)
        top += scene.height + _TITLE
    written = io.BytesIO()
    canvas: Any = FigureCanvasAgg(figure)
    with warnings.catch_warnings():
        # A name may have characters that the font lacks; they are drawn as boxes.
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        canvas.print_png(written, metadata={"Software": None})
    return written.getvalue()


def _points(pixels: float) -> float:
    return pixels * _SCALE * 72 / _DPI


def _draw(axes: Any, scene: Scene, top: float) -> None:
    from matplotlib.collections import LineCollection, PatchCollection
    from matplotlib.patches import Rectangle

    for role in sorted({rule.role for rule in scene.rules}):
        lines: Any = [
            [(rule.x, top + rule.y), (rule.to_x, top + rule.to_y)]
            for rule in scene.rules
            if rule.role == role
        ]
        width = 2.5 if role == "whisker" else 0.8
        axes.add_collection(LineCollection(lines, colors=LIGHT[role], linewidths=width))
    for role, level in sorted({(block.role, block.level) for block in scene.blocks}):
        blocks: Any = [
            Rectangle((one.x, top + one.y), one.width, one.height)
            for one in scene.blocks
            if (one.role, one.level) == (role, level)
        ]
        missing = role == "unknown"
        axes.add_collection(
            PatchCollection(
                blocks,
                facecolor=LIGHT["cell"] if missing else LIGHT[role],
                edgecolor=LIGHT["unknown"] if missing else "none",
                hatch="////" if missing else None,
                linewidth=0,
                alpha=level / 10,
            )
        )
    for dot in scene.dots:
        axes.plot([dot.x], [top + dot.y], "o", color=LIGHT[dot.role], markersize=_points(8))
    for text in scene.captions:
        axes.text(
            text.x,
            top + text.y,
            text.text.replace("$", r"\$"),
            ha=_ALIGN[text.anchor],
            fontsize=_points(13),
            color=LIGHT["text" if text.role == "label" else "muted"],
            family="DejaVu Sans",
        )
