"""Training: generated complaints → one linear model. Needs scikit-learn; nothing else in this package does."""

import hashlib
from collections import Counter
from collections.abc import Iterable

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.svm import LinearSVC

from nlp.features import features
from nlp.generate import Example, generate
from nlp.lexicon import own_words, words_per_class
from nlp.model import LinearModel, Vocabulary, fingerprint, quantise
from nlp.segment import Segmenter
from nlp.text import normalise

_MIN_TEXTS_WORD, _MIN_TEXTS_CHAR = 2, 3


def build_vocabulary(counted: list[Counter[str]], least: int) -> Vocabulary:
    in_texts = Counter(feature for counts in counted for feature in counts)
    kept = sorted(feature for feature, texts in in_texts.items() if texts >= least)
    idf = np.array([np.log((1 + len(counted)) / (1 + in_texts[f])) + 1 for f in kept], dtype=np.float32)
    return Vocabulary({feature: row for row, feature in enumerate(kept)}, idf)


def train(examples: Iterable[Example] | None = None) -> LinearModel:
    """A model of the shipped facts; the same facts give the same model. About ten seconds on one core."""
    texts = list(generate() if examples is None else examples)
    segmenter = Segmenter(own_words(words_per_class()))
    counted = [features(normalise(text), segmenter) for text, _ in texts]
    words = build_vocabulary([word for word, _ in counted], _MIN_TEXTS_WORD)
    chars = build_vocabulary([char for _, char in counted], _MIN_TEXTS_CHAR)
    matrix = _matrix(counted, words, chars)
    fitted = LinearSVC(C=0.6, random_state=7, max_iter=2000).fit(matrix, [label for _, label in texts])
    weights, scales = quantise(fitted.coef_.T.astype(np.float32))
    facts = fingerprint()
    digest = hashlib.sha256(weights.tobytes()).hexdigest()[:6]
    return LinearModel(
        version=f"{facts}-{digest}",
        facts=facts,
        labels=tuple(map(str, fitted.classes_)),
        words=words,
        chars=chars,
        weights=weights,
        scales=scales,
        intercept=fitted.intercept_.astype(np.float32),
    )


def _matrix(counted: list[tuple[Counter[str], Counter[str]]], words: Vocabulary, chars: Vocabulary) -> csr_matrix:
    rows: list[int] = []
    columns: list[int] = []
    values: list[float] = []
    for row, (word_counts, char_counts) in enumerate(counted):
        for vocabulary, counts, offset in ((words, word_counts, 0), (chars, char_counts, len(words.rows))):
            found, weighed = vocabulary.weigh(counts, offset)
            columns += found
            values += weighed
            rows += [row] * len(found)
    shape = (len(counted), len(words.rows) + len(chars.rows))
    return csr_matrix((values, (rows, columns)), shape=shape, dtype=np.float64)
