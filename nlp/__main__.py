"""`python -m nlp classify|train|evaluate FILE|explain TEXT`"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TextIO

from nlp.data import data_path
from nlp.evaluate import as_text, evaluate, read_labelled
from nlp.explain import explain
from nlp.lexicon import read_rows
from nlp.types import Candidate, Classifier, Place, Term, Understanding
from nlp.understand import build_model, load


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    done: int = options.run(options)
    return done


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m nlp", description="Understand citizens' complaints.")
    parser.add_argument("--cache", type=Path, help="directory of a model trained here")
    commands = parser.add_subparsers(required=True)
    classify = commands.add_parser("classify", help='JSON lines {"id","text"} on standard input → JSON lines')
    classify.set_defaults(run=_classify)
    train = commands.add_parser("train", help="train from the shipped facts and write the model")
    train.add_argument("--to", type=Path, default=data_path("model.npz"))
    train.set_defaults(run=_train)
    measure = commands.add_parser("evaluate", help="score a CSV of text,label_codes")
    measure.add_argument("file", type=Path)
    measure.add_argument("--json", action="store_true")
    measure.set_defaults(run=_evaluate)
    why = commands.add_parser("explain", help="show what decided about one text")
    why.add_argument("text")
    why.set_defaults(run=_explain)
    return parser


def _classify(options: argparse.Namespace) -> int:
    """Malformed lines are told on standard error and answered with an error object; the others go on."""
    sys.stdin.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    classifier = load(options.cache)
    failures = sum(not _answer(line, classifier, sys.stdout) for line in sys.stdin if line.strip())
    return 1 if failures else 0


def _answer(line: str, classifier: Classifier, out: TextIO) -> bool:
    try:
        asked = json.loads(line)
        text = asked["text"]
        if not isinstance(text, str):
            raise TypeError("text must be a string")
    except (ValueError, KeyError, TypeError) as error:
        _write({"error": f'not a line of {{"id","text"}}: {error}'}, out)
        return False
    _write({"id": asked.get("id"), **as_json(classifier.understand(text))}, out)
    return True


def _write(value: dict[str, Any], out: TextIO) -> None:
    out.write(json.dumps(value, ensure_ascii=True) + "\n")
    out.flush()


def as_json(known: Understanding) -> dict[str, Any]:
    return {
        "candidates": _candidates(known.candidates),
        "in_scope": known.in_scope,
        "intent": known.intent.value,
        "urgency": known.urgency.value,
        "urgency_reason": known.urgency_reason,
        "mood": known.mood.value,
        "mood_reason": known.mood_reason,
        "places": [_place(place) for place in known.places],
        "slots": [
            {"name": slot.name.value, "text": slot.text, "start": slot.start, "end": slot.end} for slot in known.slots
        ],
        "matters": [{**_span(matter), "candidates": _candidates(matter.candidates)} for matter in known.matters],
        "question": known.question,
        "model_version": known.model_version,
        "latency_us": known.latency_us,
    }


def _candidates(candidates: Sequence[Candidate]) -> list[dict[str, Any]]:
    return [
        {"code": c.code, "confidence": c.confidence, "terms": [_span(term) for term in c.terms]} for c in candidates
    ]


def _span(term: Term) -> dict[str, Any]:
    return {"text": term.text, "start": term.start, "end": term.end}


def _place(place: Place) -> dict[str, Any]:
    areas = {"district": place.district, "street": place.street, "community": place.community}
    return {
        "level": place.level,
        "kind": place.kind.value,
        "code": place.code,
        "name": place.name,
        "text": place.text,
        "start": place.start,
        "end": place.end,
        "confidence": place.confidence,
        "address": place.address,
        "note": place.note,
        **{level: {"code": area.code, "name": area.name} if area else None for level, area in areas.items()},
    }


def _train(options: argparse.Namespace) -> int:
    model = build_model(options.to)
    sys.stdout.write(f"{model.version}: {len(model.labels)} labels, {len(model.scales)} features → {options.to}\n")
    return 0


def _evaluate(options: argparse.Namespace) -> int:
    figures = evaluate(load(options.cache), read_labelled(options.file))
    sys.stdout.write((json.dumps(figures.as_json()) if options.json else as_text(figures)) + "\n")
    return 0


def _explain(options: argparse.Namespace) -> int:
    names = {row["code"]: row["name"] for row in read_rows("catalogue.csv")}
    sys.stdout.write(explain(load(options.cache).understand(options.text), names) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
