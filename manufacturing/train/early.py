"""Train the early warning (``early.EarlyModel``): what announces each component is learnt from the logs, then one set of trees for all components.

Thresholds and the card's figures come from scores by trees that did not see the machine.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from ...core.errors import UsageError
from ..early import BOOSTING, KIND, OURS, SEEN, SYSTEMS, TREES, packed, simple, unpacked
from ..features.daily_logs import (
    NAMES,
    STEP_H,
    Announces,
    Levels,
    build,
    decision_hours,
    hours_to_failure,
    plain,
    plain_names,
)
from ..plant import Name, Section
from .recipe_file import read_recipe

if TYPE_CHECKING:
    import numpy as np

    from ..evaluation.azure_files import FleetMachine

OFTEN = 0.5
"""A code announces a component where it was logged in the day window before this share of its failures."""
QUIET_SHARE = 0.04
PLAIN_QUIET = 0.1
BASELINE: Mapping[str, Any] = {"objective": "binary", "num_leaves": 15, "min_data_in_leaf": 20, "feature_fraction": 0.5}
BASELINE_ROUNDS = 200
BASELINE_H = (24, 30)
"""The baseline's label: any failure of the machine 24 to 30 hours ahead."""
Say = Callable[[str], None]


class EarlyTrees(Section):
    """Settings of the trees."""

    learning_rate: float = Field(0.05, gt=0, le=1)
    num_leaves: int = Field(15, ge=2, le=4096)
    min_data_in_leaf: int = Field(20, ge=1)
    feature_fraction: float = Field(0.5, gt=0, le=1)
    bagging_fraction: float = Field(0.8, gt=0, le=1)
    lambda_l2: float = Field(2.0, ge=0)


class EarlyRecipe(Section):
    """A recipe for an early warning on the Azure set."""

    format: Literal[1]
    name: Name
    version: Name
    title: str
    purpose: str
    not_for: str = ""
    data: str
    licence: str = "Apache-2.0"
    first_h: int = Field(24, ge=0)
    before_h: int = Field(27, ge=1)
    rounds: int = Field(200, ge=1, le=20_000)
    num_folds: int = Field(5, ge=2, le=20)
    seed: int = 0
    false_alarms_a_month: float = Field(0.03, gt=0)
    trees: EarlyTrees = EarlyTrees()  # pyright: ignore[reportCallIssue]


def load(recipe: str | Path) -> EarlyRecipe:
    """Read a recipe: a path, or the name of one that ships (``fleet``).

    Raises:
        UsageError: there is no such recipe.
        ConfigError: it is wrong; the message has file and line.
    """
    return read_recipe(recipe, EarlyRecipe)


def levels_of(machines: Sequence[FleetMachine]) -> Levels:
    """Median and scaled median deviation of each signal over all machine-days: few of them are ill."""
    import numpy as np

    daily = np.concatenate([machine.daily for machine in machines])
    middle = np.nanmedian(daily, axis=0)
    spread = 1.4826 * np.nanmedian(np.abs(daily - middle), axis=0)
    return Levels(tuple(map(float, middle)), tuple(float(max(one, 1e-9)) for one in spread))


def announces_of(
    machines: Sequence[FleetMachine], levels: Levels, first_h: int, before_h: int
) -> tuple[Announces, ...]:
    """For each component the signal that left its level most on the day before a failure, and the codes logged in the window before most of them.

    The window is the one that decisions are taught: a code of up to three hours before it counts as well.
    """
    import numpy as np

    middle, spread = np.asarray(levels.middle), np.asarray(levels.spread)
    found = []
    for part in sorted({part for machine in machines for part in machine.failures}):
        moved, total = [], 0
        seen: dict[str, int] = {}
        for machine in machines:
            for hour in map(int, machine.failures.get(part, ())):
                total += 1
                day = np.flatnonzero(machine.days == hour // 24 - 1)
                if len(day):
                    moved.append((machine.daily[day[0]] - middle) / spread)
                for code, times in machine.errors.items():
                    near = (times <= hour - first_h + STEP_H) & (times > hour - before_h - STEP_H)
                    seen[code] = seen.get(code, 0) + bool(near.any())
        if not moved:
            continue
        mean = np.nanmean(moved, axis=0)
        signal = int(np.abs(mean).argmax())
        codes = tuple(sorted(code for code, count in seen.items() if count >= OFTEN * total))
        found.append(Announces(part, signal, float(np.sign(mean[signal]) or 1.0), codes))
    return tuple(found)


def train_early(
    recipe: str | Path, data_folder: Path, out: Path, *, threads: int = 1, say: Say = lambda line: None
) -> Path:
    """Train the bundle of ``recipe`` on every machine of ``data_folder`` and write it to ``out``.

    Raises:
        UsageError: no such recipe, files are missing, no failure in them, or ``out`` is something else than a bundle.
        ConfigError: the recipe or a file is wrong.
    """
    from ..evaluation.azure_files import read

    settings = load(recipe)
    machines = read([data_folder])
    if out.exists() and not (out / "bundle.json").is_file() and (not out.is_dir() or any(out.iterdir())):
        raise UsageError(f"{out} is not empty and holds no bundle; choose another output, or empty it")
    fitted = _Fit(machines, settings, threads)
    if not fitted.announces:
        raise UsageError(f"{data_folder} has no failure: there is nothing to learn")
    say(f"{len(machines)} machines; " + "; ".join(_told(one) for one in fitted.announces))
    return _write(fitted, data_folder, out, say)


def _told(one: Announces) -> str:
    return f"{one.component}: signal {one.signal} {'up' if one.sign > 0 else 'down'}, {' and '.join(one.codes) or 'no code'}"


class _Fit:
    """Rows of all machines and the trees fitted on some of them."""

    def __init__(self, machines: Sequence[FleetMachine], settings: EarlyRecipe, threads: int) -> None:
        import numpy as np

        self.machines, self.settings, self.threads = machines, settings, threads
        self.levels = levels_of(machines)
        self.announces = announces_of(machines, self.levels, settings.first_h, settings.before_h)
        self.codes = tuple(sorted({code for machine in machines for code in machine.errors}))
        self.parts = tuple(one.component for one in self.announces)
        self.hours = [decision_hours(machine) for machine in machines]
        self.fold = np.array([int(machine.digest[:8], 16) % settings.num_folds for machine in machines])

    def rows(self, place: int) -> np.ndarray:
        return build(self.machines[place], self.hours[place], self.announces, self.levels)

    def trees(self, chosen: Sequence[int], seed: int) -> str:
        """Every row near an announcement or with a shift, few of the quiet ones, weighted in."""
        import numpy as np

        from ...core.train.trees import fit_trees

        drawn = np.random.default_rng(seed)
        first, before = self.settings.first_h, self.settings.before_h
        xs, ys, ws = [], [], []
        for place in chosen:
            x = self.rows(place)
            machine, hours = self.machines[place], self.hours[place]
            ahead = np.stack([hours_to_failure(machine.failures, part, hours) for part in self.parts])
            truth = (ahead >= first) & (ahead < before)
            near = x[:, :, NAMES.index("codes|newest_h")] <= before
            shifted = (x[:, :, 0] > 1.5) | (x[:, :, 1] > 2)
            loud = truth | near | shifted
            kept = loud | (drawn.random(loud.shape) < QUIET_SHARE)
            xs.append(x[kept])
            ys.append(truth[kept])
            ws.append(np.where(loud[kept], 1.0, 1 / QUIET_SHARE))
        return fit_trees(
            np.concatenate(xs),
            np.concatenate(ys).astype(float),
            np.concatenate(ws),
            {"objective": "binary", **self.settings.trees.model_dump()},
            names=NAMES,
            rounds=self.settings.rounds,
            seed=seed,
            threads=self.threads,
        )

    def boosting(self, chosen: Sequence[int], seed: int) -> str:
        import numpy as np

        from ...core.train.trees import fit_trees
        from ..evaluation.azure_files import SIGNALS

        drawn = np.random.default_rng(seed)
        xs, ys, ws = [], [], []
        for place in chosen:
            machine, hours = self.machines[place], self.hours[place]
            x = plain(machine, hours, self.codes, self.parts)
            ahead = np.stack([hours_to_failure(machine.failures, part, hours) for part in self.parts])
            truth = np.asarray(((ahead >= BASELINE_H[0]) & (ahead < BASELINE_H[1])).any(axis=0))
            kept = truth | (drawn.random(len(truth)) < PLAIN_QUIET)
            xs.append(x[kept])
            ys.append(truth[kept])
            ws.append(np.where(truth[kept], 1.0, 1 / PLAIN_QUIET))
        return fit_trees(
            np.concatenate(xs),
            np.concatenate(ys).astype(float),
            np.concatenate(ws),
            BASELINE,
            names=plain_names(SIGNALS, self.codes, self.parts),
            rounds=BASELINE_ROUNDS,
            seed=seed,
            threads=self.threads,
        )

    def unseen(self, say: Say) -> list[Mapping[str, np.ndarray]]:
        """By machine and system, scores float64[decisions] by trees that did not see the machine."""
        import lightgbm
        import numpy as np

        found: list[Mapping[str, np.ndarray]] = [{} for _ in self.machines]
        for number in range(self.settings.num_folds):
            rest = [place for place in range(len(self.machines)) if self.fold[place] != number]
            here = [place for place in range(len(self.machines)) if self.fold[place] == number]
            if not here or not rest:
                continue
            ours = lightgbm.Booster(model_str=self.trees(rest, self.settings.seed + number))
            baseline = lightgbm.Booster(model_str=self.boosting(rest, self.settings.seed + number))
            for place in here:
                machine, hours = self.machines[place], self.hours[place]
                x = self.rows(place)
                score = np.asarray(ours.predict(x.reshape(-1, x.shape[2]), num_threads=self.threads))
                other = np.asarray(
                    baseline.predict(plain(machine, hours, self.codes, self.parts), num_threads=self.threads)
                )
                found[place] = {
                    # as they come back from the bundle
                    OURS: unpacked(packed(score.reshape(x.shape[:2]).max(axis=0))),
                    BOOSTING: unpacked(packed(other)),
                    **simple(machine, hours, self.announces, self.levels),
                }
            say(f"fold {number + 1} of {self.settings.num_folds} fitted")
        return found


def _write(fitted: _Fit, data_folder: Path, out: Path, say: Say) -> Path:
    import numpy as np
    from safetensors.numpy import save_file

    from ...core.bundle import Bundle, write_card
    from ...core.files import write_json
    from ...core.train.trees import save
    from ..evaluation.azure_pdm import decisions, evaluate
    from ..events import at_budget

    settings, unseen = fitted.settings, fitted.unseen(say)
    known = [place for place, scores in enumerate(unseen) if scores]
    thresholds = {}
    for system in SYSTEMS:
        fleet = [decisions(fitted.machines[place], fitted.hours[place], unseen[place][system]) for place in known]
        level = at_budget(fleet, settings.false_alarms_a_month)[0]
        # a rule fires or does not; a system that cannot keep the budget warns of nothing
        thresholds[system] = 0.5 if system == "rules" else level if np.isfinite(level) else 1e9
    everyone = list(range(len(fitted.machines)))
    new = out.with_name(out.name + ".new")
    shutil.rmtree(new, ignore_errors=True)
    (new / SEEN).parent.mkdir(parents=True)
    texts = {TREES: fitted.trees(everyone, settings.seed), BOOSTING: fitted.boosting(everyone, settings.seed)}
    parts = [
        {"name": name, "backend": "trees", "network": "", "folder": name, "config": save([[text]], new / name)}
        for name, text in texts.items()
    ]
    stored = {
        "counts": np.array([len(scores.get(OURS, ())) for scores in unseen], dtype=np.int32),
        **{name: packed(np.concatenate([unseen[place][name] for place in known])) for name in (OURS, BOOSTING)},
    }
    save_file(stored, new / SEEN)
    write_json(
        new / "bundle.json",
        {
            "format": 1,
            "name": settings.name,
            "version": settings.version,
            "domain": "manufacturing",
            "kind": KIND,
            "asset_class": "fleet_machine",
            "announces": [
                {"component": one.component, "signal": one.signal, "sign": one.sign, "codes": list(one.codes)}
                for one in fitted.announces
            ],
            "levels": {"middle": list(fitted.levels.middle), "spread": list(fitted.levels.spread)},
            "codes": list(fitted.codes),
            "thresholds": thresholds,
            "until": int(max(machine.days[-1] for machine in fitted.machines)),
            "seen": [machine.digest for machine in fitted.machines],
            "parts": parts,
        },
    )
    card = _card(fitted)
    for path in new.rglob("*"):
        if path.is_file():
            path.chmod(0o644)
    write_card(new, card)
    shutil.rmtree(out, ignore_errors=True)
    new.rename(out)
    rows = [row.as_dict() for row in evaluate([data_folder], bundle=str(out), say=say)]
    write_card(out, {**card, "metrics": {**card["metrics"], "rows": rows}})
    size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    say(f"bundle {out}: {size / 1e6:.1f} MB, hash {Bundle.open(out).hash[:12]}")
    return out


def _card(fitted: _Fit) -> dict[str, Any]:
    settings = fitted.settings
    failures = {part: sum(len(machine.failures.get(part, ())) for machine in fitted.machines) for part in fitted.parts}
    return {
        "name": settings.name,
        "version": settings.version,
        "title": settings.title,
        "purpose": settings.purpose,
        "not_for": settings.not_for,
        "licence": settings.licence,
        "data": [{"name": "Azure", "what": settings.data, "machines": len(fitted.machines), "failures": failures}],
        "recipe": settings.model_dump(mode="json"),
        "split": f"{settings.num_folds} folds by machine; figures of training machines are by trees that did not see the machine",
        "limits": [
            "In these data an error code announces a failure exactly 24 hours before; the warning waits for it, so its lead is 24 hours and hardly more.",
            "The threshold was chosen on the scores of the split cross-fitted, so its figures at the threshold are a little kind; those of new machines and later days are not.",
            "Which signal and codes announce a component was learnt once from all training machines, not in each fold.",
        ],
        "metrics": {"command": "dsapp manufacturing evaluate azure_pdm", "rows": []},
    }
