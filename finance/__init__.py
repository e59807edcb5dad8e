"""Contracts: files -> document -> clauses -> classes and facts -> judgement -> pages and tables.

Each stage is a plain function with typed input and output; ``review`` in ``finance/review.py`` calls them in order.
"""
