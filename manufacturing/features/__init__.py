"""Features of machines at chosen rows: windows of running time, regimes, a machine's own baseline, logs. Never a look ahead."""
