"""Lets the tests of manufacturing import the helpers that lie beside them (``quality_cases``)."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
