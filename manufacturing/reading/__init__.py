"""Sensor files and databases in, one ``History`` a machine out."""
