"""findings.json follows its published schema, points at the right words, and survives hostile contracts."""

from __future__ import annotations

import json
from dataclasses import replace

import jsonschema
import pytest
from reviews import hostile_review, nda_review, quiet_review, services_review

from dsapp.core.rules import Evidence, Fact, Proof
from dsapp.finance.document import Words
from dsapp.finance.documents.findings_json import MAX_QUOTE_CHARS, findings, schema

REVIEWS = {"services": services_review, "nda": nda_review, "quiet": quiet_review, "hostile": hostile_review}


@pytest.mark.parametrize("name", REVIEWS)
def test_follows_the_published_schema(name):
    found = findings(REVIEWS[name](), "item-1", "contracts/a.docx")
    checker = jsonschema.Draft202012Validator(schema(), format_checker=jsonschema.FormatChecker())
    checker.validate(json.loads(json.dumps(found, allow_nan=False)))


def test_schema_refuses_a_member_it_does_not_name():
    found = findings(services_review(), "item-1", "a.docx")
    found["findings"][0]["verdict"] = "x"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(found, schema())


def test_quotes_point_at_their_words_clause_and_place():
    review = services_review()
    found = findings(review, "item-1", "a.docx")
    cap = found["findings"][0]["quotes"][0]
    assert review.document.text[cap["start"] : cap["end"]] == cap["text"]
    assert cap["clause"]["path"] == "7.1" and cap["clause"]["heading"] == "Cap"
    (place,) = cap["places"]
    block = review.document.blocks[place["paragraph"]]
    assert block.start + place["offset"] == cap["start"]


def test_pdf_quotes_carry_page_and_box():
    found = findings(nda_review(), "item-1", "nda.pdf")
    places = found["findings"][0]["quotes"][0]["places"]
    assert {place["page"] for place in places} == {2}
    assert all(len(place["box"]) == 4 for place in places)


def test_proof_reads_as_rule_fact_words_and_model():
    first = findings(services_review(), "item-1", "a.docx")["findings"][0]
    text = first["proof"]["text"]
    assert "rule cap-theirs-12-months" in text and "cap.theirs.months_of_fees = 1 months" in text
    assert "words “the fees paid in the one (1) month" in text and "model cap_on_liability 0.97" in text
    assert [step["depth"] for step in first["proof"]["steps"]] == [0, 1]


def test_what_is_uncertain_is_said():
    found = findings(services_review(), "item-1", "a.docx")
    assert found["checks_decided"] == {"decided": 9, "applicable": 10}
    assert found["verdict"] == "high (9 of 10 checks decided)"
    sentences = " ".join(found["uncertainty"])
    assert "1 part of the source could not be read" in sentences
    assert "1 check of 10 could not be decided" in sentences
    assert "2 findings beyond the playbook's budget" in sentences
    assert "replaces none" in found["disclaimer"]


def test_a_deadline_says_why_it_is_not_in_the_calendar():
    deadlines = {deadline["title"]: deadline for deadline in findings(services_review(), "i", "a")["deadlines"]}
    assert deadlines["Last day to stop renewal"]["in_calendar"]
    assert deadlines["Return or destroy information"]["status"] == "blocked: date of the end"
    assert "below 0.90" in deadlines["Review service levels"]["status"]


def test_long_quotes_are_cut_and_infinite_numbers_become_null():
    review = services_review()
    long = "x" * (MAX_QUOTE_CHARS + 1)
    proof = Proof("r", "s", (Fact("f", float("inf"), evidence=(Evidence("model", "m", probability=float("nan")),)),))
    first = replace(review.judgement.findings[0], quotes=(Words(0, len(long), long),), proof=proof)
    judgement = replace(review.judgement, findings=(first,), score=float("nan"))
    found = findings(replace(review, judgement=judgement), "i", "a")
    assert found["findings"][0]["quotes"][0]["shortened"] is True
    assert found["score"] is None
    json.dumps(found, allow_nan=False)
