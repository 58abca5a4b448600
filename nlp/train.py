"""Training: generated and corrected complaints → one linear model. Needs scikit-learn; nothing else here does.

Pure and repeatable: the same facts, examples and words give the same model, byte for byte. Nothing is written; keep
the result with `nlp.artefact.save(model, path, key)` and serve it with `nlp.understand.TextUnderstanding(model)`.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.svm import LinearSVC

from nlp.features import features
from nlp.generate import generate
from nlp.lexicon import WordLists, own_words, read_rows, words_per_class
from nlp.model import OUT_OF_SCOPE, Card, LinearModel, Vocabulary, fingerprint, quantise
from nlp.segment import Segmenter
from nlp.text import normalise
from nlp.types import Example

_MIN_TEXTS_WORD, _MIN_TEXTS_CHAR = 2, 3


def build_vocabulary(counted: list[Counter[str]], least: int) -> Vocabulary:
    in_texts = Counter(feature for counts in counted for feature in counts)
    kept = sorted(feature for feature, texts in in_texts.items() if texts >= least)
    idf = np.array([np.log((1 + len(counted)) / (1 + in_texts[f])) + 1 for f in kept], dtype=np.float32)
    return Vocabulary({feature: row for row, feature in enumerate(kept)}, idf)


def train(
    examples: Sequence[Example] = (),
    *,
    words: WordLists | None = None,
    trained_at: str = "",
    generated: Iterable[Example] | None = None,
) -> LinearModel:
    """A model of the shipped facts and of what people decided. About ten seconds on one core.

    `examples`: corrected texts, already redacted, each with its weight (1.0 counts like a generated one); those of
    classes the catalogue does not have are left out. `words`: a city's own words per class. `trained_at` goes into
    the card as it is. `generated`: instead of the texts made from the facts.
    """
    labels = {row["code"] for row in read_rows("catalogue.csv")} | {OUT_OF_SCOPE}
    corrected = [example for example in examples if example.code in labels]
    made = list(generate(words=words) if generated is None else generated)
    return _fit(made + corrected, words, Card(trained_at, len(made), len(corrected), _frozen(words)))


def _frozen(words: WordLists | None) -> dict[str, tuple[str, ...]]:
    return {code: tuple(listed) for code, listed in sorted((words or {}).items())}


def _fit(examples: list[Example], extra: WordLists | None, card: Card) -> LinearModel:
    segmenter = Segmenter(own_words(words_per_class(extra)))
    counted = [features(normalise(example.text), segmenter) for example in examples]
    words = build_vocabulary([word for word, _ in counted], _MIN_TEXTS_WORD)
    chars = build_vocabulary([char for _, char in counted], _MIN_TEXTS_CHAR)
    fitted = LinearSVC(C=0.6, random_state=7, max_iter=2000).fit(
        _matrix(counted, words, chars),
        [example.code for example in examples],
        sample_weight=[example.weight for example in examples],
    )
    weights, scales = quantise(fitted.coef_.T.astype(np.float32))
    facts = fingerprint()
    return LinearModel(
        version=f"{facts}-{hashlib.sha256(weights.tobytes()).hexdigest()[:6]}",
        facts=facts,
        labels=tuple(map(str, fitted.classes_)),
        words=words,
        chars=chars,
        weights=weights,
        scales=scales,
        intercept=fitted.intercept_.astype(np.float32),
        card=card,
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
