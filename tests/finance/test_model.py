"""The bundle that ships, at work on texts of our own: it finds what they say, and gives the same answer whole, in parts, again and at int8."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsapp.core.errors import BundleError, UsageError
from dsapp.finance.categories import CONTRACT_TYPES, CUAD, POSITIONS, UNFAIR
from dsapp.finance.combination import Combination, presence_features, sigmoid
from dsapp.finance.model import ContractModel, Scores, best_stretch
from dsapp.finance.windows import PLACE_BUCKETS, WINDOW, overlapping, place_bucket, places

COLUMN = {category.key: column for column, category in enumerate(CUAD)}
LAW = "This Agreement is governed by the laws of the State of Oregon, without regard to its conflict of laws rules."
CLAUSES = {
    "governing_law": LAW,
    "termination_for_convenience": "Either party may terminate this Agreement at any time, without cause, on forty (40) days' prior written notice.",
    "anti_assignment": "Neither party may assign this Agreement without the prior written consent of the other party.",
    "cap_on_liability": "In no event shall the aggregate liability of either party under this Agreement exceed the fees paid "
    "in the twelve months before the claim arose.",
    "insurance": "Supplier shall maintain commercial general liability insurance of at least $2,000,000 per occurrence and name "
    "Customer as an additional insured.",
    "audit_rights": "Customer may, on reasonable notice and not more than once a year, audit Supplier's books and records to "
    "verify the amounts invoiced.",
}
CONTRACT = "\n\n".join(
    [
        "SUPPLY AGREEMENT",
        'This Supply Agreement is made as of 4 May 2022 between Larkspur Mills Inc. ("Supplier") and Tamarack Foods LLC ("Customer").',
        "1. Supply. Supplier shall deliver the goods that Customer orders, packed as the order says.",
        *(f"{number}. {words}" for number, words in enumerate(CLAUSES.values(), 2)),
        "IN WITNESS WHEREOF the parties have signed.",
    ]
)
NDA = "\n\n".join(
    [
        "MUTUAL NON-DISCLOSURE AGREEMENT",
        "The parties wish to discuss a possible business relationship and will exchange confidential information for that purpose only.",
        "The Recipient shall use the Confidential Information solely for the purpose stated above.",
        "The Recipient may disclose Confidential Information to those of its employees who need to know it and are bound by like duties.",
        "If the Recipient is required by law or court order to disclose Confidential Information, it shall promptly notify the Discloser in writing.",
        "The Recipient shall not reverse engineer, decompile or disassemble any sample or software that it receives.",
        "On the Discloser's request the Recipient shall return or destroy all Confidential Information.",
        "Nothing in this Agreement grants the Recipient any licence or other right in the Confidential Information.",
        "The obligations of confidentiality survive for five years after the end of this Agreement.",
    ]
)


@pytest.fixture(scope="module")
def model() -> ContractModel:
    return ContractModel.open(variant="int8")


@pytest.fixture(scope="module")
def reference() -> ContractModel:
    return ContractModel.open(variant="torch-fp32")


def same(left: Scores, right: Scores) -> bool:
    return all(
        np.array_equal(getattr(left, name), getattr(right, name))
        for name in ("probabilities", "presence", "probabilities_linear", "presence_linear", "spans")
    )


def test_it_finds_what_a_contract_says_and_not_what_it_does_not(model):
    scores = model.score(CONTRACT)
    threshold = model.ensemble.presence_threshold
    for key, words in CLAUSES.items():
        column = COLUMN[key]
        assert scores.presence[column] > max(threshold, 0.5), key
        best = scores.passages[int(scores.probabilities[:, column].argmax())]
        assert words in CONTRACT[best.start : best.end], key
    for absent in ("source_code_escrow", "non_disparagement", "joint_ip_ownership", "most_favored_nation"):
        assert scores.presence[COLUMN[absent]] < threshold, absent


def test_shapes_ranges_and_spans_inside_their_passages(model):
    scores = model.score(CONTRACT)
    count = len(scores.passages)
    assert scores.probabilities.shape == scores.probabilities_linear.shape == (count, len(CUAD))
    assert scores.presence.shape == scores.presence_linear.shape == (len(CUAD),)
    assert scores.spans.shape == (count, len(CUAD), 2)
    for values in (scores.probabilities, scores.presence, scores.probabilities_linear, scores.presence_linear):
        assert np.isfinite(values).all() and (values >= 0).all() and (values <= 1).all()
    for passage, spans in zip(scores.passages, scores.spans, strict=True):
        assert (spans[:, 0] >= passage.start).all() and (spans[:, 1] <= passage.end).all()
        assert (spans[:, 0] < spans[:, 1]).all()


def test_a_span_holds_the_words_that_matter(model):
    text = "Notices are sent by post. " + LAW + " Headings do not matter."
    scores = model.score(text)
    start, end = scores.spans[int(scores.probabilities[:, COLUMN["governing_law"]].argmax()), COLUMN["governing_law"]]
    assert "laws of the State of Oregon" in text[start:end]


def test_int8_answers_as_plain_fp32_does(model, reference):
    if model.runtime.variant == reference.runtime.variant:
        pytest.skip("no backend for int8 here")
    for text in (CONTRACT, NDA, LAW, "Notices."):
        fast, plain = model.score(text), reference.score(text)
        assert np.abs(fast.presence - plain.presence).max() < 0.1
        assert np.abs(fast.probabilities - plain.probabilities).max() < 0.15
        assert np.abs(fast.probabilities - plain.probabilities).mean() < 0.002
        sides = [scores.probabilities >= model.ensemble.passage_thresholds for scores in (fast, plain)]
        assert (sides[0] == sides[1]).mean() > 0.995
        assert np.allclose(fast.probabilities_linear, plain.probabilities_linear, atol=1e-9)


def test_many_passages_give_what_each_gives_in_a_batch_of_one(reference):
    from dsapp.finance.model import _length_of_ids

    tokenizer = reference._open_tokenizer()
    texts = CONTRACT.split("\n\n")
    items = [{"input_ids": np.asarray(entry.ids, dtype=np.int64)} for entry in tokenizer.encode_batch(texts)]
    together = list(reference.runtime.run("encoder", items, cost=_length_of_ids, budget=4096))
    alone = [out for item in items for out in reference.runtime.run("encoder", [item], cost=_length_of_ids)]
    assert len(together) == len(alone) == len(texts)
    for whole, single in zip(together, alone, strict=True):
        for name in ("vectors", "tags"):
            assert np.allclose(whole[name], single[name], atol=2e-4)


@pytest.mark.parametrize("text", ["", " \n\n \t ", "\x0c\n\n"])
def test_a_text_without_passages_has_nothing_in_it(model, text):
    scores = model.score(text)
    assert scores.passages == () and scores.probabilities.shape == (0, len(CUAD))
    assert (scores.presence < model.ensemble.presence_threshold).all()
    assert model.positions(scores) == ()


@pytest.mark.parametrize(
    "text",
    [
        "1.2.3 (4) - 5,000.00 % $$$",
        "\u200b\u200b\u2060",
        "\U0001f600 \U0001f4dc",
        "合同双方同意",
        "\x00\x01\x02",
        "______",
    ],
)
def test_text_without_letters_that_it_knows_is_scored_and_finds_little(model, text):
    scores = model.score(text)
    assert len(scores.passages) == 1 and np.isfinite(scores.probabilities).all()
    assert scores.spans.min() >= 0 and scores.spans.max() <= len(text)
    assert (scores.presence >= 0.9).sum() == 0


def test_one_huge_passage_is_cut_and_one_huge_word_is_not_refused(model):
    words = "the supplier shall deliver goods and " * 3000
    scores = model.score(words + LAW.replace(".", ""))
    assert len(scores.passages) > 50
    assert max(passage.end - passage.start for passage in scores.passages) <= 1200
    word = model.score("x" * 50_000)
    assert word.passages[0].start == 0 and word.passages[-1].end == 50_000


def test_three_thousand_passages_stream_through_and_the_last_is_found(model):
    import psutil

    filler = "The Supplier shall keep the premises clean and report defects to the site office without delay."
    before = psutil.Process().memory_info().rss
    scores = model.score("\n\n".join([*(f"{n}. {filler}" for n in range(1, 3000)), LAW]))
    assert len(scores.passages) == 3000
    column = COLUMN["governing_law"]
    assert int(scores.probabilities[:, column].argmax()) == 2999 and scores.presence[column] > 0.5
    assert psutil.Process().memory_info().rss - before < 400 << 20


def test_the_same_text_gives_the_same_numbers_again_and_after_reopening(model):
    first = model.score(CONTRACT)
    assert same(first, model.score(CONTRACT))
    again = ContractModel.open(variant="int8")
    assert same(first, again.score(CONTRACT))
    assert again.bundle.hash == model.bundle.hash and again.name == model.name


def test_positions_of_an_nda(model):
    scores = model.score(NDA)
    positions = {position.hypothesis: position for position in model.positions(scores)}
    assert list(positions) == list(POSITIONS)
    for position in positions.values():
        assert sum(position.probabilities.values()) == pytest.approx(1)
        assert position.choice == max(position.probabilities, key=lambda name: position.probabilities[name])
        assert all(0 <= start < end <= len(NDA) for start, end in position.spans)
        assert bool(position.spans) == (position.choice != "not_mentioned")
    said = {
        "nda-4": "solely for the purpose",
        "nda-5": "its employees",
        "nda-8": "notify the Discloser",
        "nda-11": "reverse engineer",
        "nda-15": "Nothing in this Agreement grants",
        "nda-16": "return or destroy",
        "nda-19": "survive for five years",
    }
    right = [
        key
        for key, words in said.items()
        if positions[key].choice == "entailment" and any(words in NDA[start:end] for start, end in positions[key].spans)
    ]
    assert len(right) >= 6, right
    assert positions["nda-18"].choice == "not_mentioned"


def test_unfair_terms_by_sentence(model):
    sentences = [
        "We may terminate or suspend your account at any time, for any reason or no reason, without notice to you.",
        "We reserve the right to change these terms at any time, and your continued use means that you accept the changes.",
        "You can reach our support by e-mail from Monday to Friday.",
    ]
    probabilities, clearly = model.unfair(sentences)
    assert probabilities.shape == clearly.shape == (3, len(UNFAIR))
    found = probabilities >= np.array(model.config["unfair"]["thresholds"])
    keys = [category.key for category in UNFAIR]
    assert found[0, keys.index("unfair_unilateral_termination")] and found[1, keys.index("unfair_unilateral_change")]
    assert not found[2].any()
    assert np.allclose(model.unfair(sentences[:1])[0][0], probabilities[0])
    assert model.unfair([])[0].shape == (0, len(UNFAIR))


def test_the_kind_of_a_contract(model):
    kinds = list(CONTRACT_TYPES)
    assert kinds[int(model.kind_scores(NDA).argmax())] == "nda"
    assert np.isfinite(model.kind_scores("")).all()


def test_without_the_network_only_the_linear_parts_answer(model):
    linear = ContractModel.open(with_network=False)
    whole, plain = model.score(CONTRACT), linear.score(CONTRACT)
    assert linear.name == "contracts:linear"
    assert np.array_equal(plain.probabilities, whole.probabilities_linear)
    assert np.array_equal(plain.presence, whole.presence_linear)
    passages = np.array([[passage.start, passage.end] for passage in plain.passages])
    assert (plain.spans == passages[:, None, :]).all()
    assert linear.positions(plain) == ()


def test_what_is_not_there_is_refused(tmp_path):
    with pytest.raises(BundleError, match="nowhere"):
        ContractModel.open(tmp_path / "nowhere")
    with pytest.raises(UsageError, match="int3"):
        ContractModel.open(variant="int3")


def test_a_cached_build_opens_without_torch_transformers_pandas_or_plots(model):
    code = (
        "import sys; from dsapp.finance.model import ContractModel; "
        "ContractModel.open(variant='int8').score('Governed by the laws of Oregon.'); "
        "heavy = {'torch', 'transformers', 'pandas', 'matplotlib', 'sklearn', 'onnx', 'monai'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    if model.runtime.variant == "torch-fp32":
        pytest.skip("no backend for int8 here")
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=dict(os.environ)
    )
    assert done.stdout.strip() == "[]"


def test_the_bundle_holds_no_more_than_it_may():
    folder = Path(sys.modules[ContractModel.__module__].__file__ or "").parent / "bundles"
    sizes = {path: path.stat().st_size for path in folder.rglob("*") if path.is_file()}
    assert sum(sizes.values()) <= 48 << 20


# What joins and places the scores


@given(st.lists(st.lists(st.integers(-4, 4), min_size=3, max_size=3), min_size=0, max_size=12))
def test_the_best_stretch_is_the_one_of_largest_sum(rows):
    logits = np.array(rows, dtype=np.float64).reshape(-1, 3)
    first, last = best_stretch(logits)
    for column in range(3):
        sums = {(a, b): logits[a : b + 1, column].sum() for a in range(len(logits)) for b in range(a, len(logits))}
        largest = max(sums.values(), default=0)
        if largest <= 0:
            assert first[column] == last[column] == -1
        else:
            assert sums[int(first[column]), int(last[column])] == largest


@given(st.integers(0, 1000))
def test_windows_keep_each_passage_once_with_neighbours_on_both_sides(total):
    windows = overlapping(total)
    kept = [number for _, _, keep_from, keep_to in windows for number in range(keep_from, keep_to)]
    assert kept == list(range(total))
    for first, last, keep_from, keep_to in windows:
        assert 0 <= first <= keep_from <= keep_to <= last <= total and last - first <= WINDOW
        assert first == 0 or keep_from - first >= WINDOW // 4
        assert last == total or last - keep_to >= WINDOW // 4


@given(st.integers(1, 5000))
def test_places_tell_near_from_far_at_both_ends(total):
    table = places(total, 0, total)
    assert table.min() >= 1 and table.max() < PLACE_BUCKETS
    assert (np.diff(table[:, 0]) >= 0).all() and (np.diff(table[:, 1]) <= 0).all()
    assert place_bucket(0) == 1 and len({place_bucket(n) for n in range(8)}) == 8


numbers = st.floats(-20, 20).map(lambda value: round(value, 4))


@st.composite
def combinations(draw):
    categories, parts = draw(st.integers(1, 4)), draw(st.integers(1, 2))

    def array(*shape: int) -> np.ndarray:
        size = int(np.prod(shape))
        return np.array(draw(st.lists(numbers, min_size=size, max_size=size))).reshape(shape)

    return Combination(
        means=array(parts, categories),
        scales=np.abs(array(parts, categories)) + 0.1,
        weights=array(parts, categories),
        bias=array(categories),
        pool=array(4),
        slope=array(categories),
        offset=array(categories),
        presence_threshold=draw(st.floats(0, 1)),
        passage_thresholds=sigmoid(array(categories)),
    )


@given(combinations(), st.integers(0, 6), st.integers(0, 99))
def test_a_combination_written_and_read_back_gives_the_same_probabilities(combination, num_passages, seed):
    import json

    back = Combination.from_dict(json.loads(json.dumps(combination.as_dict())))
    assert back.as_dict() == combination.as_dict()
    num_parts, num_categories = combination.means.shape
    scores = np.random.default_rng(seed).normal(size=(num_parts, num_passages, num_categories))
    left, right = combination.log_odds(*scores), back.log_odds(*scores)
    assert left.shape == (num_passages, num_categories)
    assert np.allclose(sigmoid(left), sigmoid(right), atol=0.02)
    presence = back.presence(right)
    assert presence.shape == (num_categories,) and ((presence >= 0) & (presence <= 1)).all()


@given(st.lists(st.floats(-30, 30), min_size=1, max_size=8), st.floats(0, 10))
def test_more_evidence_never_lowers_what_presence_looks_at(odds, more):
    before = presence_features(np.array(odds)[:, None])
    after = presence_features(np.array([*odds, max(odds) + more])[:, None])
    assert (after >= before - 1e-9).all()


def test_sigmoid_survives_any_number():
    assert sigmoid(np.array([-1e9, -5.0, 0.0, 5.0, 1e9])).tolist() == pytest.approx(
        [0, 0.006692851, 0.5, 0.993307149, 1], rel=1e-6
    )
