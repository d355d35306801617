"""Colours of reports on light and dark pages.

Text reaches a contrast of 4.5 to 1 (WCAG 1.4.3), and marks one of 3 to 1 (WCAG 1.4.11); a test
computes both. The light ones are those of Okabe and Ito that reach it, told apart by people with
each kind of colour blindness; marks are labelled besides.
"""

from __future__ import annotations

from typing import Dict

LIGHT: Dict[str, str] = {
    "page": "#ffffff",
    "cell": "#f1f3f5",
    "text": "#1b1f24",
    "muted": "#57606a",
    "grid": "#d8dee4",
    "whisker": "#1b1f24",
    "printing": "#0072b2",
    "idle": "#009e73",
    "offline": "#6e7781",
    "unknown": "#8c959f",
    "success": "#0072b2",
    "failure": "#d55e00",
    "aborted": "#bd6c9b",
    "unrated": "#6e7781",
    "abandoned": "#1b1f24",
    "in_progress": "#009e73",
}
DARK: Dict[str, str] = {
    "page": "#14171c",
    "cell": "#20252c",
    "text": "#e8ecf1",
    "muted": "#a3adb8",
    "grid": "#343b44",
    "whisker": "#e8ecf1",
    "printing": "#56b4e9",
    "idle": "#2fc59a",
    "offline": "#9aa4af",
    "unknown": "#8c959f",
    "success": "#56b4e9",
    "failure": "#f58a3c",
    "aborted": "#dd97bf",
    "unrated": "#9aa4af",
    "abandoned": "#e8ecf1",
    "in_progress": "#2fc59a",
}
TEXT = ("text", "muted")
SURFACES = ("page", "cell")
MARKS = tuple(name for name in LIGHT if name not in (*TEXT, *SURFACES, "grid"))
