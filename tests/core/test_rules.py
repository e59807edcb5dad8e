"""Facts, thresholds and rules: what holds, what fails, what nobody knows, and who overrules whom."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsapp.core.errors import ConfigError
from dsapp.core.rules import Conclusion, Evidence, Fact, Facts, Proof, Rule, Threshold, conclude


@pytest.mark.parametrize(
    ("op", "value", "found", "truth"),
    [
        ("<=", 60, 60, "holds"),
        ("<=", 60, 61, "fails"),
        ("<", 60, 60, "fails"),
        (">=", 12, 12.0, "holds"),
        (">", 12, 12, "fails"),
        ("==", "Delaware", "Delaware", "holds"),
        ("!=", "Delaware", "Delaware", "fails"),
        ("in", ["England", "Wales"], "Wales", "holds"),
        ("not in", ["England", "Wales"], "Wales", "fails"),
        ("<=", 60, None, "undecided"),
        ("<=", 60, "sixty", "undecided"),
        ("in", 5, "x", "undecided"),
    ],
)
def test_a_threshold_holds_fails_or_is_undecided(op: str, value: object, found: object, truth: str) -> None:
    assert Threshold("x", op, value).test(Fact("x", found)) == truth


def test_other_units_are_never_compared() -> None:
    limit = Threshold("notice", "<=", 60, "days")
    assert limit.test(Fact("notice", 2, "months")) == "undecided"
    assert limit.test(Fact("notice", 30, "days")) == "holds"
    assert limit.test(Fact("notice", 30)) == "holds"


def test_an_unknown_comparison_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ConfigError, match=r"'=<'.*<="):
        Threshold("x", "=<", 1)
    assert str(Threshold("notice", "<=", 60, "days")) == "notice <= 60 days"


@given(st.sampled_from(["<", "<=", "==", "!=", ">=", ">"]), st.integers(), st.integers())
def test_a_comparison_and_its_opposite_never_agree(op: str, limit: int, value: int) -> None:
    opposite = {"<": ">=", "<=": ">", "==": "!=", "!=": "==", ">=": "<", ">": "<="}[op]
    fact = Fact("x", value)
    assert {Threshold("x", op, limit).test(fact), Threshold("x", opposite, limit).test(fact)} == {"holds", "fails"}


def test_facts_keep_all_of_a_name_in_order() -> None:
    facts = Facts([Fact("law", "NY"), Fact("cap", 5), Fact("law", "DE")])
    assert [fact.value for fact in facts.all("law")] == ["NY", "DE"]
    assert facts.all("nothing") == ()
    assert list(facts.names()) == ["law", "cap"]
    assert len(list(facts)) == 3


def saying(rule: str, subject: str, value: str, *, overrules: tuple[str, ...] = ()) -> Rule:
    def apply(facts: Facts) -> Iterator[Conclusion]:
        yield Conclusion(subject, value, Proof(rule, f"{rule} says so", facts.all("x"), overrules=overrules))

    return Rule(rule, rule, apply)


def test_a_later_rule_sets_aside_what_it_names_and_nothing_else() -> None:
    rules = [
        saying("model", "clause 1", "capped"),
        saying("model", "clause 2", "capped"),
        saying("other", "clause 1", "long"),
        saying("words", "clause 1", "uncapped", overrules=("model",)),
    ]
    verdicts = conclude(rules, Facts())
    assert [(x.subject, x.value) for x in verdicts.standing] == [
        ("clause 2", "capped"), ("clause 1", "long"), ("clause 1", "uncapped"),
    ]  # fmt: skip
    ((aside, by),) = verdicts.overruled
    assert (aside.subject, aside.value, by.rule) == ("clause 1", "capped", "words")


def test_an_earlier_rule_cannot_overrule_a_later_one() -> None:
    rules = [saying("words", "a", "no", overrules=("model",)), saying("model", "a", "yes")]
    assert len(conclude(rules, Facts()).standing) == 2


def test_a_proof_gives_all_evidence_below_it() -> None:
    words, model = Evidence("words", "thirty days", 4, 15), Evidence("model", "notice", probability=0.9)
    inner = Proof("r1", "a period", (Fact("days", 30, evidence=(words,)),))
    outer = Proof("r2", "too short", (Fact("label", "notice", evidence=(model,)),), premises=(inner,))
    assert list(outer.evidence()) == [model, words]
