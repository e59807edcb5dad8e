"""Score labelled contracts, NDAs and terms: rows in the one form of ``core/evaluation``, and a page with diagrams.

``labelled`` reads the sets, ``cuad``, ``unfair_tos`` and ``contract_nli`` score one each, ``metrics`` holds the arithmetic, ``run`` puts them together.
"""
