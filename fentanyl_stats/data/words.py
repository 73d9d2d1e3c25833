"""The word tables of analysis and audit: which printed figures a computation reads, and what things are called."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

VOCABULARY: dict[str, Any] = tomllib.loads(Path(__file__).with_name("words.toml").read_text("utf-8"))
"""What `words.toml` holds, by topic."""
