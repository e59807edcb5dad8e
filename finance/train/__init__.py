"""Make the contracts bundle from labelled contracts: ``train`` runs a recipe's stages, each resumable.

vocabulary -> linear parts and network, each fitted once a fold and once on all folds -> combination and thresholds from out-of-fold
scores -> bundle with golden outputs and card. The held-out fold is seen by none of them.
"""

from .train import train

__all__ = ["train"]
