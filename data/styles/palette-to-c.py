#!/usr/bin/python3
"""Turns palette.json into the table that widgets/common/theme.c includes."""

import json
import sys

ROLES = ["window", "panel", "surface", "ink", "muted", "rule", "rule2", "accent", "on_accent", "forward", "backward",
         "saved", "freed", "stale", "error", "ok", "warning", "leaf", "buffer", "constant", "selection", "shared",
         "unshared", "pen_red", "pen_orange", "pen_teal", "pen_violet"]
MAPS = ["sea", "ember", "sign"]


def rgba(text):
    red, green, blue = (int(text[i:i + 2], 16) for i in (1, 3, 5))
    return f"{{ {red / 255:.6f}f, {green / 255:.6f}f, {blue / 255:.6f}f, 1.f }}"


palette = json.load(open(sys.argv[1], encoding="utf-8"))
with open(sys.argv[2], "w", encoding="utf-8") as out:
    out.write("/* Generated from data/styles/palette.json. */\n")
    for name, theme in palette.items():
        out.write(f'{{\n  .name = "{name}", .is_dark = {int(name in ("dark", "hcd"))}, '
                  f'.is_high_contrast = {int(name.startswith("hc"))},\n  .role = {{\n')
        out.writelines(f"    {rgba(theme[role])},\n" for role in ROLES)
        out.write("  },\n  .series = {\n")
        out.writelines(f"    {rgba(color)},\n" for color in theme["series"])
        out.write("  },\n  .stop = {\n")
        for name in MAPS:
            out.write("    { " + ", ".join("0x" + color[1:] for color in theme["maps"][name]) + " },\n")
        out.write("  },\n},\n")
