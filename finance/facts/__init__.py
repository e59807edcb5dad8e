"""Extract facts from a contract, each with its words: parties, dates, periods, caps, amounts, law, signatures, duties.

``extract`` in ``finance/facts/extract.py`` runs every extractor (one file a kind of fact) and returns ``ContractFacts``; the types are
in ``finance/facts/types.py``.
"""
