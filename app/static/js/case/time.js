/* Pure: times left as people at a desk and before a wall read them. */
const two = (n) => String(n).padStart(2, "0");
const DAY = 86_400;

/** "-02:18:13", "00:26:56", and with days "1天 03:20". */
export function remaining(dueAt, now, t) {
  if (!dueAt) return "–";
  const seconds = Math.trunc((Date.parse(dueAt) - now) / 1000), left = Math.abs(seconds);
  const sign = seconds < 0 ? "-" : "", hours = Math.floor(left % DAY / 3600), minutes = Math.floor(left % 3600 / 60);
  if (left >= DAY) return sign + t("case.time.days", {days: Math.floor(left / DAY), time: `${two(hours)}:${two(minutes)}`});
  return `${sign}${two(hours)}:${two(minutes)}:${two(left % 60)}`;
}
