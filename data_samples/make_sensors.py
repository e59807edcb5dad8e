"""Make the sample plant of ``data_samples/sensors``: twelve pumps over 120 days, some about to fail, some with faults of their sensors.

    python data_samples/make_sensors.py [FOLDER]

The same seed gives the same files. What is to be found in them stands in ``sensors/expected.toml``, which is written by hand.
"""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

from dsapp.manufacturing.simulate import Order, SimulatedPlant, simulate
from dsapp.manufacturing.simulated_files import write
from dsapp.manufacturing.simulated_signals import SensorFault
from dsapp.manufacturing.simulated_wear import Fate

SENSORS = Path(__file__).resolve().parent / "sensors"
SEED = 2025
NUM_MACHINES = 12
DAYS = 120
START = date(2025, 7, 21)
"""The clocks are set back on 26 October 2025, inside the data."""

FATES = {
    1: [Fate("bearing", worn_at_end=0.96)],
    2: [Fate("seal", worn_at_end=0.95)],
    3: [Fate("winding", worn_at_end=0.95, onset=0.7)],
    4: [Fate("bearing", fails_on_day=48)],
    8: [Fate("seal", worn_at_end=0.94)],
    11: [Fate("seal", fails_on_day=80)],
}
SENSOR_FAULTS = {
    5: [SensorFault("vibration", "stuck", 113)],
    7: [SensorFault("bearing_temp", "unit_jump", 105.4)],
    9: [
        SensorFault("pressure", "spikes", 100, None, size=0.06),
        SensorFault("vibration", "timeouts", 112, None, size=0.3),
    ],
    10: [SensorFault("pressure", "drift", 80, None, size=0.6)],
    11: [SensorFault("flow", "missing", 30, 33)],
}
STOPS = {10: [(100.25, 104.25, "product change")], 0: [(60.25, 62.25, "tank cleaning")]}
ORDERS = {8: [Order("WO-1107", "seal", 117.4, 124.0, "seal drips, replace at next stop")]}
RENAMES = {6: (70.0, "P-07N")}


def plant() -> SimulatedPlant:
    """The sample plant in memory, with its truth."""
    return simulate(
        SEED,
        NUM_MACHINES,
        DAYS,
        start=START,
        fates=FATES,
        sensor_faults=SENSOR_FAULTS,
        stops=STOPS,
        orders=ORDERS,
        renames=RENAMES,
    )


def make(folder: Path) -> tuple[Path, ...]:
    """Write the sample's files into ``folder`` and return them."""
    return write(plant(), folder)


if __name__ == "__main__":
    for written in make(Path(sys.argv[1]) if len(sys.argv) > 1 else SENSORS):
        print(written)
