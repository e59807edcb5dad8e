"""Makes the toy jobs importable by name, here and in worker processes (which get this process's import path)."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
