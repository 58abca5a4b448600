/* Pure: the eight figures at the top. A figure nobody has yet is "–", never 0 and never NaN. */
export const NONE = "–";
const TARGETS = {connection: .95, service: .85, dispatch: .95, satisfaction: .9};
const LONG_WAIT_SECONDS = 60;

const known = (value) => typeof value === "number" && Number.isFinite(value);
export const count = (value) => (known(value) ? value.toLocaleString("en-US") : NONE);
/** Ratios travel as 0…1. */
export const percent = (ratio, digits = 1) => (known(ratio) ? `${(ratio * 100).toFixed(digits)}%` : NONE);
export const against = (ratio, target) => (!known(ratio) ? "" : ratio >= target ? "green" : ratio >= target - .05 ? "yellow" : "red");
export const grade = (ratio) => ({green: "good", yellow: "fair", red: "poor"})[against(ratio, TARGETS.service)] || "";

/** Change against last week's same day, as a signed percentage. */
export function change(today, before) {
  if (!known(today) || !known(before) || before === 0) return {text: NONE, direction: ""};
  const ratio = today / before - 1;
  return {text: `${ratio > 0 ? "+" : ""}${(ratio * 100).toFixed(1)}%`, direction: ratio > 0 ? "up" : ratio < 0 ? "down" : ""};
}

export const secondsSince = (iso, now) => (iso ? Math.max(0, Math.floor((now - Date.parse(iso)) / 1000)) : null);
const two = (n) => String(n).padStart(2, "0");
/** 04:39, or 1:04:39 beyond an hour. */
export function clockOf(seconds) {
  if (seconds === null || !Number.isFinite(seconds)) return NONE;
  const hours = Math.floor(seconds / 3600), rest = `${two(Math.floor(seconds % 3600 / 60))}:${two(Math.floor(seconds % 60))}`;
  return hours ? `${hours}:${rest}` : rest;
}

/** The eight tiles: {key, figure, side, tone, direction?, lamp?}. `t` translates, `now` is the server's time in ms. */
export function tilesOf(tiles, now, t) {
  const versus = change(tiles.calls_today, tiles.calls_last_week_same_day);
  const wait = secondsSince(tiles.longest_wait_since, now);
  const goal = (target) => t("wall.tile.target", {value: percent(target, 0)});
  return [
    {key: "calls", figure: count(tiles.calls_today), side: t("wall.tile.versus", {value: versus.text}), direction: versus.direction},
    {key: "connection", figure: percent(tiles.connection_rate), side: goal(TARGETS.connection), tone: against(tiles.connection_rate, TARGETS.connection)},
    {key: "service", figure: percent(tiles.service_level), side: goal(TARGETS.service), tone: against(tiles.service_level, TARGETS.service)},
    {key: "waiting", figure: count(tiles.waiting), side: t("wall.tile.longest", {value: clockOf(wait)}), tone: waitTone(tiles.waiting, wait)},
    {key: "cases", figure: count(tiles.cases_today), side: t("wall.tile.dispatched", {value: percent(tiles.dispatch_rate)})},
    {key: "open", figure: count(tiles.open_cases), side: t("wall.tile.closed", {value: count(tiles.closed_today)})},
    {key: "overdue", figure: count(tiles.overdue), side: t("wall.tile.soon", {value: count(tiles.due_soon)}), ...alarm(tiles.overdue > 0)},
    {key: "satisfaction", figure: percent(tiles.satisfaction), side: t("wall.tile.surveys", {value: count(tiles.surveys)}),
      tone: against(tiles.satisfaction, TARGETS.satisfaction)},
  ];
}

const alarm = (on) => ({tone: on ? "red" : "", lamp: on});
const waitTone = (waiting, wait) => (!waiting ? "" : wait >= LONG_WAIT_SECONDS ? "red" : "yellow");
