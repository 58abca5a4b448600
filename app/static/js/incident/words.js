/* Pure: an incident's figures and times in words. */
import {clockTime, dueText, durationText} from "../lib/clock.js";
import {t} from "../lib/i18n.js";

/* "7 人 / 12 分钟": how fast it grew, from the first report to the last. */
export const growth = (one) => t("incident.growth", {n: one.reports, time: durationText(Math.max(60, (Date.parse(one.last_at) - Date.parse(one.first_at)) / 1000))});
export const expected = (one) => (one.expected_until ? t("incident.expected", {at: dueText(one.expected_until)}) : "");
export const since = (one) => t("incident.since", {at: clockTime(one.first_at)});

/* The time field speaks the city's own time, whatever the PC's zone is. */
const EAST = 8 * 3600e3;
export const asField = (iso) => (iso ? new Date(Date.parse(iso) + EAST).toISOString().slice(0, 16) : "");
export const fromField = (text) => (text ? `${text}:00+08:00` : null);
