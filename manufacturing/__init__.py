"""Predictive maintenance: sensor history in, failure risk, remaining life and a maintenance plan out.

The data's way: ``reading`` and ``plant`` -> ``quality`` and ``clocks`` -> ``features`` -> ``model`` (failure, life, survival, anomaly)
-> ``explain`` -> ``alarms`` and ``plan`` -> ``requests`` and ``documents``. Each stage is a plain function between frozen types.
"""
