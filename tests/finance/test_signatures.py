"""Signature blocks: for whom, by whom, and whether a signature can be read."""

from __future__ import annotations

import re

import numpy as np

from dsapp.finance.clauses import segment
from dsapp.finance.document import Block, Document, Places
from dsapp.finance.facts.signatures import extract
from dsapp.finance.facts.types import Signature

HEAD = 'This Agreement is between Alder Ltd ("Alder") and Birch LLC ("Birch").\n\n1. Scope. Alder works.\n\n2. Price. Birch pays.\n\n3. Term. One year, and no more than that.\n\n'


def signatures(block: str) -> tuple[Signature, ...]:
    text = HEAD + block
    blocks = tuple(Block(m.start(), m.end()) for m in re.finditer(r"[^\n](?:.|\n(?!\n))*", text))
    document = Document("test", "txt", "0" * 64, text, blocks, Places(np.zeros(0, dtype=np.int64)))
    return extract(document, segment(document))


def test_a_signed_and_a_blank_block():
    found = signatures(
        "IN WITNESS WHEREOF, the parties have executed this Agreement.\n\nALDER LTD\n\nBy: /s/ Jo Alder\nName: Jo Alder\nTitle: Director\nDate: May 3, 2021\n\n"
        "BIRCH LLC\n\nBy: ____________________\nName: Ann Birch\nTitle: President\n"
    )
    assert [(s.party, s.signer, s.title, s.date, s.readable) for s in found] == [
        ("ALDER LTD", "Jo Alder", "Director", "May 3, 2021", True),
        ("BIRCH LLC", "Ann Birch", "President", "", False),
    ]


def test_two_columns_on_one_line():
    found = signatures("IN WITNESS WHEREOF:\n\nBy: /s/ Jo Alder By: /s/ Ann Birch\n\nName: Jo Alder Name: Ann Birch\n")
    assert [s.readable for s in found] == [True, True]
    assert found[0].signer == "Jo Alder"


def test_a_name_typed_on_the_line_is_readable_and_its_title_below():
    found = signatures("Agreed and accepted:\n\nALDER LTD\n\nBy: J.R. Alder\nTitle: CEO\n")
    assert [(s.party, s.signer, s.title, s.readable) for s in found] == [("ALDER LTD", "J.R. Alder", "CEO", True)]


def test_an_individual_signs_without_by():
    found = signatures("IN WITNESS WHEREOF, the parties sign.\n\n/s/ Ann Birch\n\nAnn Birch\n")
    assert [(s.signer, s.readable) for s in found] == [("Ann Birch", True)]


def test_text_without_a_block_has_none():
    assert signatures("4. Notices. Notices are sent by: mail, courier or hand.\n") == ()


def test_a_block_without_a_formula_starts_at_the_party_and_a_bare_line_is_one():
    found = signatures(
        "BIRCH LLC\nBy: /s/ Ann Birch\nName: Ann Birch\nTitle: President\n\nEMPLOYEE\n______________________\nTom Cedar\n"
    )
    assert [(s.party, s.signer, s.readable) for s in found] == [
        ("BIRCH LLC", "Ann Birch", True),
        ("EMPLOYEE", "Tom Cedar", False),
    ]
