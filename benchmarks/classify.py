"""How fast and how well complaints are understood: `python -m benchmarks.classify [FILE.csv]`.

Prints microseconds a text (one at a time), load seconds, memory, and the same for a baseline trained on the same
texts: term-frequency bag of words with L1 logistic regression, the method of the nearest open civic system, with jieba
in the stemmer's place. FILE has the columns text and label_codes; without it the gold sentences of the tests are used.
"""

import argparse
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from nlp.evaluate import Labelled, read_labelled
from nlp.generate import generate

GOLD = Path(__file__).parents[1] / "tests" / "nlp" / "gold.csv"
LOADING = """
import resource, time
begun = time.perf_counter()
from nlp.understand import load
load()
print(time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path, nargs="?", default=GOLD)
    parser.add_argument("--texts", type=int, default=1000, help="generated texts timed besides")
    parser.add_argument("--no-baseline", action="store_true", help="skip the minute the baseline needs to train")
    options = parser.parse_args()
    cases = read_labelled(options.file)
    texts = [case.text for case in cases]
    texts += [one.text for one in random.Random(5).sample(list(generate(seed=5)), options.texts)]
    tell_loading()
    ours = measure_ours(cases, texts)
    if not options.no_baseline:
        theirs = measure_baseline(cases, texts)
        print(f"ratio        baseline takes {theirs / ours:.1f} times as long a text")


def tell_loading() -> None:
    """In a process of its own, so that nothing of this one counts."""
    told = subprocess.run([sys.executable, "-c", LOADING], capture_output=True, text=True, check=True).stdout.split()
    print(f"load         {float(told[0]):.2f} s with imports, {float(told[1]):.0f} MB resident at most")


def measure_ours(cases: Sequence[Labelled], texts: Sequence[str]) -> float:
    from nlp.understand import load

    classifier = load()
    known = [classifier.understand(case.text).candidates for case in cases]
    tell_hits("understand", cases, [[candidate.code for candidate in candidates] for candidates in known])
    tell_times("places only", [time_one(classifier.find_places, text) for text in texts])
    tell_times("long text", [time_one(classifier.understand, (text * 400)[:10_000]) for text in texts[:50]])
    return tell_times("understand", [time_one(classifier.understand, text) for text in texts])


def measure_baseline(cases: Sequence[Labelled], texts: Sequence[str]) -> float:
    import numpy as np
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.multiclass import OneVsRestClassifier

    from nlp.lexicon import own_words, words_per_class
    from nlp.segment import Segmenter

    segmenter = Segmenter(own_words(words_per_class()))
    counts = CountVectorizer(analyzer=lambda text: [word for word, _, _ in segmenter.words(text)])
    examples = list(generate())
    begun = time.perf_counter()
    matrix = counts.fit_transform([one.text for one in examples])
    each = LogisticRegression(l1_ratio=1.0, C=10, solver="liblinear")
    model = OneVsRestClassifier(each).fit(matrix, [one.code for one in examples])
    print(f"baseline     trained in {time.perf_counter() - begun:.1f} s")

    # One matrix product, not 185 estimators in turn: the baseline is to lose by its method, not by its wrapping.
    weights = np.vstack([one.coef_[0] for one in model.estimators_]).T
    intercepts = np.array([one.intercept_[0] for one in model.estimators_])

    def rank(text: str) -> list[str]:
        scores = (counts.transform([text]) @ weights)[0] + intercepts
        return [str(model.classes_[column]) for column in (-scores).argsort() if model.classes_[column] != "OOS"][:5]

    tell_hits("baseline", cases, [rank(case.text) for case in cases])
    return tell_times("baseline", [time_one(rank, text) for text in texts])


def time_one(work: Callable[[str], object], text: str) -> float:
    """Microseconds of this thread's processor time: what a neighbour on the machine does is not counted."""
    begun = time.thread_time_ns()
    work(text)
    return (time.thread_time_ns() - begun) / 1000


def tell_times(name: str, micros: list[float]) -> float:
    median, late = statistics.median(micros), sorted(micros)[int(len(micros) * 0.95)]
    print(f"{name:12} median {median:.0f} µs CPU, p95 {late:.0f} µs ({len(micros)} texts)")
    return median


def tell_hits(name: str, cases: Sequence[Labelled], ranked: Sequence[Sequence[str]]) -> None:
    inside = [(case.accepted, codes) for case, codes in zip(cases, ranked, strict=True) if case.accepted]
    shares = [sum(bool(right & set(codes[:n])) for right, codes in inside) / len(inside) for n in (1, 3)]
    print(f"{name:12} top-1 {shares[0]:.3f}, top-3 {shares[1]:.3f} on {len(inside)} labelled texts")


if __name__ == "__main__":
    main()
