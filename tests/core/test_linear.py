"""The linear backend serves exactly what scikit-learn's vectorizer fitted, and opens without loading it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsapp.core.backends.linear import LinearScorer, Tfidf
from dsapp.core.errors import BundleFormatError
from dsapp.core.train import linear

TEXTS = (
    "The Supplier shall pay a penalty of 5 % of the fees.",
    "The Customer may terminate this Agreement for convenience.",
    "Either party may terminate for cause; § 5 applies.",
    "The Supplier's liability is limited to the fees paid.",
    "Kündigung durch den Käufer: 30 Tage, café à la carte, ﬁnal.",
)
TARGETS = np.array([[1, 0], [0, 1], [0, 1], [1, 0], [0, 0]], dtype=bool)


def fitted(folder: Path, ngrams: int = 2) -> LinearScorer:
    model = linear.fit(TEXTS, TARGETS, ("fees", "ending"), ngram_range=(1, ngrams), min_count=1, max_features=500)
    return LinearScorer(folder, linear.save(model, folder))


def test_a_saved_part_tells_its_classes_apart(tmp_path):
    scores = fitted(tmp_path)(TEXTS)["scores"]
    assert scores.shape == (5, 2) and scores.dtype == np.float32
    assert ((scores > 0) == TARGETS).all()


def test_many_texts_score_as_each_alone_and_unknown_words_give_the_bias(tmp_path):
    scorer = fitted(tmp_path)
    together = scorer(TEXTS)["scores"]
    alone = np.concatenate([scorer([text])["scores"] for text in TEXTS])
    assert np.array_equal(together, alone)
    nothing = scorer(["", "!!! ???", "zzz qqq"])["scores"]
    assert np.array_equal(nothing[0], nothing[1]) and np.array_equal(nothing[0], nothing[2])
    assert scorer([])["scores"].shape == (0, 2)


@given(
    st.lists(
        st.text(alphabet=st.one_of(st.sampled_from("thefspay %§$é\u0301İßﬁ\n"), st.characters()), max_size=80),
        min_size=1,
        max_size=4,
    ),
    st.integers(1, 3),
)
def test_rows_are_those_of_scikit_learn(texts, ngrams):
    words = linear.vectorizer((1, ngrams)).fit([*TEXTS, "the fees % ss fi e"])
    own = Tfidf(list(words.get_feature_names_out()), words.idf_, (1, ngrams))
    assert np.allclose(own.rows(texts).toarray(), words.transform(texts).toarray(), atol=1e-12)


def test_sizes_that_do_not_fit_are_refused(tmp_path):
    fitted(tmp_path)
    (tmp_path / "vocabulary.json").write_text('["fees"]', encoding="utf-8")
    with pytest.raises(BundleFormatError, match="sizes"):
        LinearScorer(tmp_path, {"labels": ["a", "b"], "ngram_range": [1, 2], "max_chars": 100})


def test_serving_loads_neither_scikit_learn_nor_pandas(tmp_path):
    fitted(tmp_path)
    code = (
        "import sys; from pathlib import Path; from dsapp.core.backends.linear import LinearScorer; "
        f"scorer = LinearScorer(Path({str(tmp_path)!r}), "
        "{'labels': ['a', 'b'], 'ngram_range': [1, 2], 'max_chars': 100}); scorer(['the fees']); "
        "print(sorted({'sklearn', 'pandas', 'torch'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
