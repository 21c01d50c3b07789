"""What the address of a list narrows it to."""

from __future__ import annotations

from collections.abc import Collection

from flask import request


def asked(**offered: Collection[str]) -> dict[str, str]:
    """Return what the address asks of each filter, '' for nothing. What no list offers was typed by hand: it filters nothing."""
    given = {name: request.args.get(name, "") for name in offered}
    return {name: value if value in offered[name] else "" for name, value in given.items()}
