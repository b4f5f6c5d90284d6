"""Line icons on a 24 × 24 grid, as path data: our own drawings, so that no icon font is loaded."""

from __future__ import annotations

ICONS = {
    "bell": "M6 10a6 6 0 0 1 12 0v4l2 3H4l2-3zM10 20a2 2 0 0 0 4 0",
    "menu": "M4 6h16M4 12h16M4 18h16",
    "close": "M6 6l12 12M18 6L6 18",
    "search": "M11 4a7 7 0 1 0 0 14a7 7 0 0 0 0-14M16 16l4 4",
    "inbox": "M4 13l3-8h10l3 8v6H4zM4 13h5l1 3h4l1-3h5",
    "file": "M6 3h8l4 4v14H6zM14 3v4h4",
    "upload": "M12 16V5M8 9l4-4l4 4M5 15v4h14v-4",
    "download": "M12 5v11M8 12l4 4l4-4M5 15v4h14v-4",
    "warning": "M12 4L3 20h18zM12 10v4M12 17v.2",
    "info": "M12 3a9 9 0 1 0 0 18a9 9 0 0 0 0-18M12 11v5M12 8v.2",
    "check": "M5 13l4 4L19 7",
    "clock": "M12 3a9 9 0 1 0 0 18a9 9 0 0 0 0-18M12 7v5l3 2",
    "print": "M7 9V4h10v5M7 17H4V9h16v8h-3M7 14h10v6H7z",
    "person": "M12 4a4 4 0 1 0 0 8a4 4 0 0 0 0-8M5 20c0-4 3-6 7-6s7 2 7 6",
    "plus": "M12 5v14M5 12h14",
    "filter": "M4 5h16l-6 8v6l-4-2v-4z",
    "lock": "M6 11h12v9H6zM8 11V8a4 4 0 0 1 8 0v3",
    "table": "M4 5h16v14H4zM4 10h16M10 10v9",
    "edit": "M4 20l1-4L16 5l3 3L8 19z",
    "back": "M10 6l-6 6l6 6M4 12h16",
}
