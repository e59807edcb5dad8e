"""``python -m dsapp``: the same as the program ``dsapp``, for whoever starts it with a certain interpreter."""

from __future__ import annotations

from .pipelines.cli import main

if __name__ == "__main__":
    main()
