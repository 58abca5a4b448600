/* Pure: the check's own clock. The standard gives a verification task 30 running minutes; yellow at 80 % as for every lamp. */
const LIMIT = 30 * 60_000;
const YELLOW_FROM = .8;

const waited = (one, now) => Math.max(0, now - Date.parse(one.fed_back_at ?? one.opened_at));
export const checkSpent = (one, now) => Math.min(1, waited(one, now) / LIMIT);
export const waitedSeconds = (one, now) => waited(one, now) / 1000;

export function checkLamp(one, now) {
  const share = waited(one, now) / LIMIT;
  return share >= 1 ? "red" : share >= YELLOW_FROM ? "yellow" : "green";
}
