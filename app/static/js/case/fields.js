/* Pure: the words of a case card. */
export const placeName = (area) => area?.name ?? "";

/** "江厦街道 · 大沙泥街…": the district is the same for nearly every row of a desk, so it is left out there. */
export const where = (one, {district = false} = {}) =>
  [district && placeName(one.district), placeName(one.street), one.address].filter(Boolean).join(" · ");

export const titleOf = (one) => [one.class_name, one.address].filter(Boolean).join(" · ");

/** Does a case answer to what was typed: number, class, address, street? */
export function matches(one, query) {
  const wanted = query.trim().toLowerCase();
  if (!wanted) return true;
  return [one.number, one.class_name, one.address, placeName(one.street), placeName(one.community)]
    .some((text) => String(text ?? "").toLowerCase().includes(wanted));
}

/* What a second person's change means for somebody at work on the case. Photographs of one's own are not among it. */
const WATCHED = ["state", "class_code", "condition_no", "address", "description", "due_at", "urges", "reworks", "urgency"];
export const changesBetween = (before, after) => WATCHED.filter((field) => (before[field] ?? null) !== (after[field] ?? null));
