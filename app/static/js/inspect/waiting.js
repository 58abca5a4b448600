/* Pure: the clock of a check or a verification. The standard gives either task 30 running minutes; yellow at 80 % as for every lamp. */
const LIMIT = 30 * 60_000;
const YELLOW_FROM = .8;
const ENDED = new Set(["closed", "rejected", "void"]);

/** 核实: does the reported thing exist? Asked before the filing, or beside the dispatch of an urgent case. */
export const isVerification = (one) => one.state === "verifying" || (one.verification === "asked" && !ENDED.has(one.state) && one.state !== "checking");
/** 核查 or 核实: whatever waits for an inspector. */
export const isTask = (one) => one.state === "checking" || isVerification(one);

export const waitingSince = (one) => (isVerification(one) && one.verify_due_at ? Date.parse(one.verify_due_at) - LIMIT : Date.parse(one.fed_back_at ?? one.opened_at));
const waited = (one, now) => Math.max(0, now - waitingSince(one));
export const checkSpent = (one, now) => Math.min(1, waited(one, now) / LIMIT);
export const waitedSeconds = (one, now) => waited(one, now) / 1000;

export function checkLamp(one, now) {
  const share = waited(one, now) / LIMIT;
  return share >= 1 ? "red" : share >= YELLOW_FROM ? "yellow" : "green";
}
