"""Fit what the bundles hold: boosted trees, sequence network, calibration, conformal margins, age model."""
