"""Engines of our own making in the layout of C-MAPSS: three settings, 21 sensors, wear that grows to failure."""

from __future__ import annotations

from pathlib import Path

import numpy as np

HEALTHY = np.array(
    (
        *(518.67, 642.3, 1587.0, 1403.0, 14.62, 21.61, 553.9, 2388.06, 9055.0, 1.3, 47.3),
        *(521.9, 2388.06, 8138.0),
        *(8.42, 0.03, 392.0, 2388.0, 100.0, 38.95, 23.37),
    )
)
WORN = np.array([0, 1.6, 20, 25, 0, 0, -4, 0.25, 30, 0, 0.9, -4, 0.25, 25, 0.13, 0, 4, 0, 0, -0.6, -0.35], dtype=float)
NOISE = np.abs(WORN) / 8


def engine(unit: int, life: int, cut: int | None = None, seed: int = 0) -> np.ndarray:
    """float64[cycles, 26]: an engine that fails after ``life`` cycles, seen for the first ``cut`` of them (default: all)."""
    generator = np.random.default_rng((seed, unit))
    cycles = np.arange(1, life + 1)
    wear = np.exp((cycles - life) / (0.18 * life))
    sensors = HEALTHY + wear[:, None] * WORN + generator.normal(size=(life, len(WORN))) * NOISE
    settings = np.column_stack(
        [generator.normal(0, 0.002, life), generator.normal(0, 0.0003, life), np.full(life, 100.0)]
    )
    rows = np.column_stack([np.full(life, unit), cycles, settings, sensors])
    return rows[:cut]


def write(path: Path, blocks: list[np.ndarray]) -> Path:
    """A file as NASA publishes it: blanks between, no header."""
    lines = [
        " ".join(f"{value:.4f}".rstrip("0").rstrip(".") for value in row) + "  " for block in blocks for row in block
    ]
    path.write_text("\n".join(lines) + "\n", encoding="ascii")
    return path


def folder(path: Path, name: str = "FD001", num: int = 6, lives: tuple[int, ...] = (150, 180, 210)) -> Path:
    """A folder with a test set of ``num`` engines, cut at different lives left."""
    path.mkdir(exist_ok=True)
    left = [10 + 35 * place for place in range(num)]
    whole = [lives[place % len(lives)] + left[place] for place in range(num)]
    cut = [
        engine(place + 1, life, life - rest, seed=7) for place, (life, rest) in enumerate(zip(whole, left, strict=True))
    ]
    write(path / f"test_{name}.txt", cut)
    (path / f"RUL_{name}.txt").write_text("".join(f"{rest} \n" for rest in left), encoding="ascii")
    return path
