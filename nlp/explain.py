"""An understanding in words, for a person at a terminal."""

from nlp.types import SlotName, Understanding

_ELEMENTS = {
    SlotName.WHO: "何人",
    SlotName.WHEN: "何时",
    SlotName.WHERE: "何地",
    SlotName.WHAT: "何事",
    SlotName.HOW: "经过",
}


def explain(known: Understanding, names: dict[str, str]) -> str:
    urgency = f"{known.urgency} {known.urgency_reason}".rstrip()
    mood = f"{known.mood} {known.mood_reason}".rstrip()
    lines = [f"适用 {known.in_scope:.2f}  意图 {known.intent}  紧急程度 {urgency}  情绪 {mood}"]
    for candidate in known.candidates:
        terms = "、".join(f"{t.text}[{t.start}:{t.end}]" for t in candidate.terms) or "—"
        lines.append(f"{candidate.confidence:6.1%}  {candidate.code} {names.get(candidate.code, '')}  ← {terms}")
    for place in known.places:
        areas = " ".join(area.name for area in (place.district, place.street, place.community) if area)
        told = f"{place.kind} {areas}".rstrip() + (f"（{place.note}）" if place.note else "")
        lines.append(f"地点 {place.confidence:.2f}  {told}  ← {place.text}[{place.start}:{place.end}]")
    lines += [f"{_ELEMENTS[slot.name]} {slot.text}[{slot.start}:{slot.end}]" for slot in known.slots]
    for matter in known.matters if len(known.matters) > 1 else ():
        best = matter.candidates[0].code if matter.candidates else ""
        lines.append(f"事项 {matter.text}  → {best} {names.get(best, '')}".rstrip())
    if known.question:
        lines.append(f"追问 {known.question}")
    return "\n".join([*lines, f"模型 {known.model_version}  {known.latency_us} 微秒"])
