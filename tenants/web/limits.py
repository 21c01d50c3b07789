"""Rate limits, counted in Valkey and in memory when it does not answer."""

from __future__ import annotations

from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

limiter = Limiter(
    key_func=get_remote_address, strategy="moving-window", in_memory_fallback_enabled=True, headers_enabled=False
)
