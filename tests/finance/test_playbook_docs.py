"""docs/playbooks.md names every key, fact, rule and type that a playbook may use, and no other."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest
from judged import CUSTOMER, SUPPLIER, document, found, two_parties

from dsapp.finance.categories import CONTRACT_TYPES
from dsapp.finance.facts.types import Cap, ContractFacts, Duration, Interest, Period, Renewal, Uncapped
from dsapp.finance.playbook import Line, Playbook, shipped
from dsapp.finance.playbook_check import parse
from dsapp.finance.standing import OVERRULING
from dsapp.finance.vocabulary import CARVE_OUTS, NAMES, RIGHTS, WHO, facts_for, sides_of

PAGE = (Path(__file__).parents[2] / "docs" / "playbooks.md").read_text(encoding="utf-8")
CODE = set(re.findall(r"`([^`\n]+)`", PAGE))


def documented_names() -> set[str]:
    names: set[str] = set()
    for pattern in (code for code in CODE if re.fullmatch(r"[a-z_]+(?:\.[a-z_<>]+)+", code)):
        fields = re.findall(r"<\w+>", pattern)
        values = {"<who>": WHO, "<right>": RIGHTS, "<loss>": CARVE_OUTS}
        for chosen in itertools.product(*(values[field] for field in fields)):
            name = pattern
            for field, value in zip(fields, chosen, strict=True):
                name = name.replace(field, value)
            names.add(name)
    return names


def test_the_page_names_each_fact_and_no_other():
    assert documented_names() - {"ours.toml"} == set(NAMES)


def test_the_page_names_each_key_type_right_loss_and_rule():
    keys = {key for key in (*Line.model_fields, *Playbook.model_fields) if key not in ("check", "op", "value", "unit")}
    wanted = {*keys, *CONTRACT_TYPES, *RIGHTS, *CARVE_OUTS, *(rule for rule, _, _ in OVERRULING)}
    said = CODE | {word for code in CODE for word in re.findall(r"[a-z_-]+", code)}
    assert wanted - said == set()


def test_the_page_names_the_playbooks_that_ship():
    assert {playbook.name for playbook in shipped()} <= CODE


def test_the_example_of_the_page_is_a_line():
    example = re.search(r"Example:\n\n((?:    .*\n)+)", PAGE)
    assert example is not None
    head = 'name = "x"\nversion = "1"\ntitle = "X"\nside = "customer"\ncontract_types = ["*"]\nlaw = "Ohio"\n'
    assert parse(head + re.sub(r"(?m)^    ", "", example[1])).checks[0].red_line


@pytest.mark.parametrize(
    ("holder", "ours", "theirs"),
    [(CUSTOMER, [True], []), (SUPPLIER, [], [True]), ("either", [True], [True]), ("", [True], [True])],
)
def test_a_fact_is_ours_or_theirs_by_its_holder(holder, ours, theirs):
    doc = document(f"{CUSTOMER} and {SUPPLIER}: 30 days")
    period = Period(**found(doc, "30 days"), right="cure", holder=holder, trigger="", length=Duration(30, "day"))
    facts = facts_for(ContractFacts(parties=two_parties(doc), periods=(period,)), CUSTOMER)
    assert [fact.value for fact in facts.all("period.cure.ours.present")] == ours
    assert [fact.value for fact in facts.all("period.cure.theirs.present")] == theirs
    assert [fact.value for fact in facts.all("period.cure.any.days")] == [30]
    if holder == "":
        assert facts.all("period.cure.ours.days")[0].confidence < period.confidence
    assert sides_of(holder, "") == ("any",)


def test_facts_carry_their_words_and_unknown_values():
    doc = document(
        "limited to USD 5; interest of 1.5% a month; renews on 2 months' notice; unlimited for fraud and death"
    )
    facts = facts_for(
        ContractFacts(
            caps=(
                Cap(
                    **found(doc, "USD 5"), whose="", amount=None, formula="USD 5", carve_outs=("breach of confidence",)
                ),
            ),
            uncapped=(Uncapped(**found(doc, "unlimited"), whose="", losses=("fraud", "death")),),
            interest=(Interest(**found(doc, "1.5% a month"), rate=1.5, per="month"),),
            renewal=Renewal(**found(doc, "renews"), automatic=True, length=None, notice=Duration(2, "month")),
        )
    )
    assert facts.all("cap.any.months_of_fees")[0].value is None
    assert facts.all("cap.any.present")[0].evidence[0].text == "USD 5"
    assert facts.all("interest.percent_per_year")[0].value == 18
    assert facts.all("interest.percent_per_month")[0].value == 1.5
    assert facts.all("renewal.notice_days")[0].value == 60
    assert {key for key in CARVE_OUTS if facts.all(f"cap.any.carve_out.{key}")} == {"confidentiality", "fraud", "death"}
    assert set(facts.names()) <= set(NAMES)
