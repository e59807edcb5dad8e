"""What may be said of failures when so many were seen: a calibrated probability, a ranking, or nothing. One rule, in one place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .outlook import Basis, Survival

MIN_FOR_PROBABILITY = 20
"""Failures of one kind that a model must have been trained on before it gives a probability or a remaining life."""
HORIZONS_H = (24.0, 72.0, 168.0, 336.0, 720.0)
"""Horizons of the risks that are shown, in hours."""


def basis(num_failures: int) -> Basis:
    """What a model trained on ``num_failures`` of a kind may give.

    >>> basis(19), basis(20), basis(0)
    ('ranking', 'model', 'none')
    """
    if num_failures >= MIN_FOR_PROBABILITY:
        return "model"
    return "ranking" if num_failures > 0 else "none"


def risks(life: Survival | None, of: Basis, horizons_h: Sequence[float] = HORIZONS_H) -> Mapping[float, float | None]:
    """Probability of failure within each horizon; None each where no probability may be given."""
    if life is None or of not in ("model", "age"):
        return dict.fromkeys(horizons_h)
    return {hours: 1 - life.at(hours / 24) for hours in horizons_h}
