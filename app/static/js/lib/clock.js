/* One clock for the page: the server's time, ticking locally, so countdowns cost no traffic. */
import {signal} from "./html.js";
import {t} from "./i18n.js";

let offset = 0;
let precision = Infinity;

export const serverNow = () => Date.now() + offset;
/* Milliseconds of the server's clock; a component that reads `.value` repaints once a second. */
export const now = signal(Date.now());

const tick = () => { now.value = serverNow(); };

/* `roundTrip` in ms: the best measured answer decides; a later, slower one would only blur it. */
export function syncClock(serverTime, roundTrip = 0) {
  if (!serverTime || roundTrip > precision) return;
  precision = roundTrip;
  offset = Date.parse(serverTime) + roundTrip / 2 - Date.now();
  tick();
}
/* After a long sleep the old measurement says nothing any more. */
export const forgetClock = () => { precision = Infinity; };

export function startClock() {
  const next = () => { tick(); setTimeout(next, 1000 - (serverNow() % 1000) + 5); };
  next();
}

const pad = (n) => String(n).padStart(2, "0");
const whole = (seconds) => Math.floor(Math.abs(seconds));

export const mmss = (seconds) => `${pad(Math.floor(whole(seconds) / 60))}:${pad(whole(seconds) % 60)}`;
export const hms = (seconds) => {
  const s = whole(seconds);
  return `${seconds <= -1 ? "-" : ""}${pad(Math.floor(s / 3600))}:${pad(Math.floor((s % 3600) / 60))}:${pad(s % 60)}`;
};
/* Short while it is short: mm:ss below one hour, else hh:mm:ss; negative when overdue. */
export const countdownText = (seconds) => {
  if (whole(seconds) >= 3600) return hms(seconds);
  return (seconds <= -1 ? "-" : "") + mmss(seconds);
};

/* Past a day nobody reads hours: 4 天 22 小时. */
export const spanText = (seconds) => (whole(seconds) >= 86400 ? durationText(seconds) : countdownText(whole(seconds)));

export const secondsSince = (iso, at = now.value) => Math.max(0, (at - Date.parse(iso)) / 1000);
export const secondsUntil = (iso, at = now.value) => (Date.parse(iso) - at) / 1000;
export const elapsed = (iso) => (iso ? countdownText(secondsSince(iso)) : "--:--");

/* For people: 2 天 3 小时, 41 分, 12 秒. */
export function durationText(seconds) {
  const s = whole(seconds);
  const days = Math.floor(s / 86400), hours = Math.floor((s % 86400) / 3600), minutes = Math.floor((s % 3600) / 60);
  if (days) return t("time.days_hours", {days, hours});
  if (hours) return t("time.hours_minutes", {hours, minutes});
  return minutes ? t("time.minutes", {minutes}) : t("time.seconds", {seconds: s});
}

const parts = (iso, options) =>
  new Intl.DateTimeFormat("zh-CN", {timeZone: "Asia/Shanghai", hourCycle: "h23", ...options}).format(new Date(iso));
const TIME = {hour: "2-digit", minute: "2-digit"};
export const clockTime = (iso) => (iso ? parts(iso, TIME) : "");
export const clockTimeSeconds = (iso) => (iso ? parts(iso, {...TIME, second: "2-digit"}) : "");
export const dayText = (iso) => (iso ? parts(iso, {month: "2-digit", day: "2-digit"}).replace("/", "-") : "");
export const dayTime = (iso) => (iso ? `${dayText(iso)} ${clockTime(iso)}` : "");

const dayNumber = (ms) => Math.floor((ms + 8 * 3600e3) / 86400e3);
/* 今天 09:12, 昨天 …, 前天 …, else 11-21 09:12; never depends on the PC's own time zone. */
export function whenText(iso) {
  if (!iso) return "";
  const days = dayNumber(serverNow()) - dayNumber(Date.parse(iso));
  const word = ["time.today", "time.yesterday", "time.day_before"][days];
  return word ? `${t(word)} ${clockTime(iso)}` : dayTime(iso);
}
/* A deadline: the time alone when it is today, else with its date. */
export const dueText = (iso) => {
  if (!iso) return "";
  return dayNumber(serverNow()) === dayNumber(Date.parse(iso)) ? clockTime(iso) : dayTime(iso);
};
