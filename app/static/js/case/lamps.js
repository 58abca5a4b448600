/* Pure: the lamp of a case as the clock runs on between two pushes. A screen must not stay green while its countdown is negative. */
const SETTLED = new Set(["closed", "rejected", "void", "checking", "confirming", "suspended"]);

export function lampNow(one, now) {
  if (one.lamp === "grey" || SETTLED.has(one.state) || !one.due_at) return one.lamp;
  if (Date.parse(one.due_at) <= now) return "red";
  // The server names the moment of yellow: it alone knows working hours and holidays.
  return one.yellow_at && Date.parse(one.yellow_at) <= now ? "yellow" : one.lamp;
}

const ENDED = new Set(["closed", "rejected", "void"]);
/** The lamp of what the citizen was told; null where nothing was promised or all is done. */
export function promiseLamp(one, at) {
  if (!one.promised_until || ENDED.has(one.state)) return null;
  if (Date.parse(one.promised_until) <= at) return "red";
  return Date.parse(one.promise_yellow_at) <= at ? "yellow" : "green";
}

/** Share of the time between dispatch and deadline that is gone, 0…1. */
export function spent(one, now) {
  const from = Date.parse(one.dispatched_at || one.filed_at), to = Date.parse(one.due_at);
  if (!Number.isFinite(from) || !Number.isFinite(to) || to <= from) return 0;
  return Math.min(1, Math.max(0, (now - from) / (to - from)));
}
