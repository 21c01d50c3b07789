"""Rate limits, counted in Valkey and in memory when it does not answer."""

from __future__ import annotations

import time

from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

limiter = Limiter(
    key_func=get_remote_address, strategy="moving-window", in_memory_fallback_enabled=True, headers_enabled=False
)


def wait() -> int:
    """Return for how many seconds the limit that this request breached refuses more, at least one."""
    breached = limiter.current_limit
    return max(1, breached.reset_at - int(time.time())) if breached else 1


def wait_fr(seconds: int) -> str:
    """Say a wait in French, in whole minutes; the second by which the limiter rounds up is not told as one more."""
    minutes = -((1 - seconds) // 60)
    return f"{minutes} minutes" if minutes > 1 else "une minute"
