"""Write a fitted life model as a bundle: parts, configuration, golden outputs, out-of-fold predictions of the training machines, card."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...core.bundle import Bundle, write_card
from ...core.errors import UsageError
from ...core.files import write_json
from ..life_bins import BIN, CAP, NUM_BINS, quantiles, temper
from .life_fit import FittedLife

if TYPE_CHECKING:
    from ..history import Record

FOLDS = "folds"
STEP = 2
"""Out-of-fold predictions are kept at every second row, counted from a machine's last."""
LEVELS = (0.01, 0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 0.95)
"""Probabilities whose lives are kept of each out-of-fold distribution, as whole clock units up to 255."""


def assemble(
    fitted: FittedLife, records: Sequence[Record], out: Path, config: Mapping[str, Any], card: Mapping[str, Any]
) -> Path:
    """Write the bundle into ``out`` (replaced where it is a bundle) and return it.

    Args:
        config: name, version, asset_class, clock_unit, interval_s, units (by sensor), settings as they go into bundle.json.
        card: what goes into card.json beside the files.

    Raises:
        UsageError: ``out`` holds something else than a bundle.
    """
    from ...core.golden import write_golden
    from ...core.train.trees import save as save_trees
    from ..network import save as save_network

    if out.exists() and not (out / "bundle.json").is_file() and (not out.is_dir() or any(out.iterdir())):
        raise UsageError(f"{out} is not empty and holds no bundle; choose another output, or empty it")
    new = out.with_name(out.name + ".new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    parts = [
        {
            "name": name,
            "backend": "trees",
            "network": "",
            "folder": name,
            "config": save_trees([[text]], new / name),
        }
        for name, text in (("trees", fitted.trees), ("boosting", fitted.boosting))
    ]
    network = {**save_network(fitted.network, new / "network"), "budget": 256}
    parts.append(
        {
            "name": "network",
            "backend": "torch",
            "network": "wear_distribution",
            "folder": "network",
            "config": network,
        }
    )
    write_json(new / "bundle.json", _config(fitted, records, config, parts))
    _write_folds(fitted, records, new / FOLDS)
    write_card(new, card)
    middle = len(fitted.rows.life) // 2
    rows = fitted.rows.table.values[[30, middle, len(fitted.rows.life) - 1, 60, middle + 40]]
    write_golden(Bundle.open(new).parts["network"], [{"x": row} for row in rows], new)
    for path in new.rglob("*"):
        if path.is_file():
            path.chmod(0o644)
    write_card(new, card)
    shutil.rmtree(out, ignore_errors=True)
    new.rename(out)
    return out


def _config(
    fitted: FittedLife, records: Sequence[Record], config: Mapping[str, Any], parts: list[dict[str, Any]]
) -> dict[str, Any]:
    import numpy as np

    units: Mapping[str, str] = config["units"]
    needed = (*(fitted.spec.regimes.settings if fitted.spec.regimes else ()), *fitted.spec.sensors)
    sensors = []
    for name in needed:
        values = np.concatenate([record.column(name) for record in records])
        low, high = np.nanquantile(values, [0.001, 0.999])
        sensors.append({"name": name, "unit": units[name], "low": round(float(low), 4), "high": round(float(high), 4)})
    joined = fitted.joined
    return {
        "format": 1,
        "name": config["name"],
        "version": config["version"],
        "domain": "manufacturing",
        "kind": "life",
        "asset_class": config["asset_class"],
        "clock_unit": config["clock_unit"],
        "interval_s": config["interval_s"],
        "sensors": sensors,
        "features": fitted.spec.as_dict(),
        "life": {
            "cap": CAP,
            "bin": BIN,
            "bins": NUM_BINS,
            "blend": joined.blend,
            "temperature": round(joined.temperature, 4),
            "tail": round(fitted.tail, 2),
            "below": round(joined.margins.below, 4),
            "above": round(joined.margins.above, 4),
            "level": joined.margins.level,
        },
        "baselines": fitted.baselines,
        "parts": parts,
        # int8 moves the expected life by more than the ensemble gains; a build that does runs at fp32 instead
        "tolerances": {"network": {"int8": 0.02, "bf16": 0.02}},
    }


def _write_folds(fitted: FittedLife, records: Sequence[Record], folder: Path) -> None:
    """Out-of-fold lives of every training machine, by the digest of its readings: what ``evaluate`` prices policies with."""
    import numpy as np
    from safetensors.numpy import save_file

    from ..evaluation.cmapss_files import engine_digest

    machines = fitted.rows.table.machines.astype(str)
    entries, kept = [], []
    for record in records:
        rows = np.flatnonzero(machines == record.machine)
        chosen = rows[(len(rows) - 1) % STEP :: STEP]
        entries.append({"digest": engine_digest(record), "first": int((len(rows) - 1) % STEP), "count": len(chosen)})
        kept.append(chosen)
    chosen = np.concatenate(kept)
    lives = quantiles(temper(fitted.shares[chosen], fitted.joined.temperature), np.asarray(LEVELS), fitted.tail)
    folder.mkdir(parents=True, exist_ok=True)
    save_file({"lives": np.clip(np.round(lives), 0, 255).astype(np.uint8)}, folder / "lives.safetensors")
    write_json(folder / "machines.json", {"step": STEP, "levels": list(LEVELS), "machines": entries})
