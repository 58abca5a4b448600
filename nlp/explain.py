"""An understanding in words, for a person at a terminal."""

from nlp.types import Understanding


def explain(known: Understanding, names: dict[str, str]) -> str:
    urgency = f"{known.urgency} {known.urgency_reason}".rstrip()
    lines = [f"适用 {known.in_scope:.2f}  意图 {known.intent}  紧急程度 {urgency}"]
    for candidate in known.candidates:
        terms = "、".join(f"{t.text}[{t.start}:{t.end}]" for t in candidate.terms) or "—"
        lines.append(f"{candidate.confidence:6.1%}  {candidate.code} {names.get(candidate.code, '')}  ← {terms}")
    for place in known.places:
        areas = " ".join(area.name for area in (place.district, place.street, place.community) if area)
        lines.append(f"地点 {place.confidence:.2f}  {areas}  ← {place.text}[{place.start}:{place.end}]")
    lines += [f"事项 {matter.text}" for matter in known.matters if len(known.matters) > 1]
    if known.question:
        lines.append(f"追问 {known.question}")
    return "\n".join([*lines, f"模型 {known.model_version}  {known.latency_us} 微秒"])
