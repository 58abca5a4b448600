/* The header: where I am, how the queue stands, whether the line is live, and my status. */
import {elapsed, mmss, now, secondsUntil} from "../lib/clock.js";
import {t} from "../lib/i18n.js";
import {link} from "../lib/live.js";
import {changePassword} from "../lib/own-password.js";
import {Count, Icon, Menu, Pulse, html, signal} from "../lib/ui.js";
import {finishWrapUp, setStatus} from "./actions.js";
import {dueTasks} from "./follow-up.js";
import {alarmingCases, call, figures, longestWait, me, phase, seat, view, waitingCalls, waitingMessages} from "./state.js";

const REASONS = ["meal", "rest", "errand"];
const LINES = {online: "", connecting: "off", lost: "off", refused: "bad"};
const LOUD = {ringing: "ring", wrap_up: "acw", hold: "paused", busy: "paused", break: "paused", training: "paused", offline: "away", lagged: "paused", ready: "idle"};

export const phaseWord = () => t(`agent.phase.${phase.value}`);

/* What the timer counts: the rest of after-call work, else the time since the state began. */
export function phaseTime() {
  const s = seat.value;
  if (!s) return "--:--";
  if (phase.value === "wrap_up" && s.wrap_up_until) return mmss(Math.max(0, secondsUntil(s.wrap_up_until, now.value)));
  if (["talking", "hold"].includes(phase.value) && call.value?.answered_at) return elapsed(call.value.answered_at);
  return s.since ? elapsed(s.since) : "--:--";
}

const LINKS = [
  {value: "calls", key: "agent.nav.calls", count: () => 0},
  {value: "messages", key: "agent.nav.messages", count: () => waitingMessages.value.length},
  {value: "callbacks", key: "agent.nav.callbacks", count: () => dueTasks.value.length},
  {value: "cases", key: "agent.nav.cases", count: () => alarmingCases.value},
];
const Nav = () => html`<nav class="nav" aria-label=${t("agent.nav.label")}>${LINKS.map(({value, key, count}) =>
  html`<button type="button" aria-current=${view.value === value ? "page" : undefined} onClick=${() => { view.value = value; }}>
    ${t(key)}${count() ? html`<${Count} n=${count()} kind="red" />` : null}</button>`)}</nav>`;

function Strip() {
  const rate = figures.value.service_level;
  const longest = longestWait.value;
  return html`<div class="strip" aria-label=${t("agent.strip.label")} role="group">
    <div class=${waitingCalls.value.length ? "warn" : ""}>${t("agent.strip.waiting")}<b>${waitingCalls.value.length}</b></div>
    <div class=${longest ? "warn" : ""}>${t("agent.strip.longest")}<b>${longest ? elapsed(longest) : "–"}</b></div>
    <div>${t("agent.strip.service_level")}<b>${rate === null || rate === undefined ? "—" : `${(rate * 100).toFixed(1)}%`}</b></div>
    <div class="opt">${t("agent.strip.online")}<b>${figures.value.online ?? 0}</b>/ ${figures.value.seats ?? 0}</div></div>`;
}

function Line() {
  const {state, latency} = link.value;
  const word = state === "online" ? t("agent.line.online") : t(`agent.line.${state}`);
  return html`<div class=${`conn ${LINES[state]}`} title=${word}><i></i><span>${word}${state === "online" && latency !== null ? ` ${latency} ms` : ""}</span></div>`;
}

const statusItems = () => {
  const s = seat.value ?? {};
  const item = (status, icon) => ({label: t(`agent.phase.${status}`), icon, checked: s.status === status, run: () => setStatus(status)});
  const pause = (reason) => ({
    label: t(`agent.reason.${reason}`), icon: "coffee", checked: s.status === "break" && s.reason === t(`agent.reason.${reason}`),
    run: () => setStatus("break", t(`agent.reason.${reason}`)),
  });
  return [
    phase.value === "wrap_up" ? {label: t("agent.phone.finish"), icon: "circle-check", run: finishWrapUp} : item("ready", "circle-check"),
    item("busy", "ban"), {caption: t("agent.phase.break")}, ...REASONS.map(pause), null, item("training", "graduation-cap"), item("offline", "power"),
  ];
};
const Status = () => html`<${Menu} label=${t("agent.status.label")} items=${statusItems()} button=${(open, toggle) =>
  html`<button type="button" class=${`state ${LOUD[phase.value] ?? ""}`} aria-haspopup="menu" aria-expanded=${open ? "true" : "false"} onClick=${toggle}>
    <${Pulse} live=${["talking", "ready"].includes(phase.value)} /><span>${phaseWord()}</span><span class="num">${phaseTime()}</span><${Icon} name="chevron-down" size="s" /></button>`} />`;

const leaving = signal(false);
/* Leaving is a form post of the shell, with the token every write carries. */
const signOut = async () => {
  leaving.value = true;
  const token = document.querySelector('meta[name="csrf-token"]')?.content ?? "";
  await fetch("/logout", {method: "POST", headers: {"X-CSRF-Token": token}}).catch(() => null);
  location.assign("/");
};
const Me = () => html`<${Menu} label=${me.name} items=${[changePassword(), {label: t("agent.sign_out"), icon: "log-out", run: signOut}]} button=${(open, toggle) =>
  html`<button type="button" class="me" aria-haspopup="menu" aria-expanded=${open ? "true" : "false"} disabled=${leaving.value} onClick=${toggle}>
    <span class="av" aria-hidden="true">${(me.name || "?").slice(0, 1)}</span><span class="who-am-i"><b>${me.name}</b><small>${t("agent.work_no", {no: me.work_no ?? ""})}</small></span></button>`} />`;

export const Top = () => html`<header class="top">
  <div class="brand"><span class="mark"><${Icon} name="headphones" /></span>${t("app.name")}<small>${t("agent.brand")}</small></div>
  <${Nav} /><${Strip} /><${Line} /><${Status} /><${Me} /></header>`;
