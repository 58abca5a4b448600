/* An offered call: who it is, what is open, how long until the next seat gets it. Title, favicon and sound follow. */
import {elapsed, now, secondsUntil} from "../lib/clock.js";
import {t} from "../lib/i18n.js";
import {Button, Icon, Tag, effect, html} from "../lib/ui.js";
import {answer, decline, isPending} from "./actions.js";
import {startRinging, stopRinging} from "./ring-sound.js";
import {callsLately, caseNote} from "./side.js";
import {call, me, phase, queue, seat} from "./state.js";

/* Into the top layer: an open dialog must not hide a ringing telephone. */
const raise = (el) => { if (el && !el.matches(":popover-open")) el.showPopover(); };
const offered = () => {
  const id = seat.value?.call_id;
  return call.value?.id === id ? call.value : queue.get(id) ?? null;
};

function Known({c}) {
  const {caller} = c;
  if (!caller) return html`<div class="t2 s13">${t("agent.ring.looking")}</div>`;
  const {stats = {}} = caller;
  const latest = caller.cases?.[0];
  return html`<div class="row wrap"><b>${caller.name || t("agent.caller.unknown")}</b>
      ${callsLately(c) > 1 && html`<${Tag} kind="red">${t("agent.caller.lately", {n: callsLately(c)})}</${Tag}>`}
      ${stats.open_overdue > 0 && html`<${Tag} kind="red">${t("agent.ring.overdue", {n: stats.open_overdue})}</${Tag}>`}
      <${Tag} kind=${stats.calls_year > 2 ? "yellow" : ""}>${t("agent.ring.calls", {n: stats.calls_year ?? 0})}</${Tag}>${c.note && html`<${Tag} kind="red">${c.note}</${Tag}>`}</div>
    <div class="t2 s13">${latest ? t("agent.ring.latest", {what: `${latest.class_name} · ${latest.address}`, number: latest.number, note: caseNote(latest)}) : t(stats.calls_year > 1 ? "agent.ring.no_cases" : "agent.ring.first")}</div>`;
}

export function Ring() {
  if (phase.value !== "ringing") return null;
  const c = offered() ?? {};
  const asked = c.party?.account_id === me.id ? c.party : null;
  const until = asked?.until ?? c.offered_until;
  const left = until ? Math.max(0, Math.round(secondsUntil(until, now.value))) : null;
  const waited = c.waiting_since ? t("agent.ring.waited", {time: elapsed(c.waiting_since)}) : "";
  return html`<div class="ring-pop" popover="manual" ref=${raise} role="alertdialog" aria-labelledby="ring-who" aria-describedby="ring-what">
    <div class="h"><span class="ico"><${Icon} name="phone-incoming" size="l" /></span><div class="grow"><div class="who-rings num" id="ring-who">${c.phone || t("agent.phone.withheld")}</div>
      <div class="s13" id="ring-what">${[c.location, waited].filter(Boolean).join(" · ")}</div></div>
      ${left !== null && html`<div class="left" aria-hidden="true"><div class="who-rings num">${left}</div><div class="s11">${t("agent.ring.left")}</div></div>`}</div>
    <div class="bd">${asked && html`<div class="row"><${Tag} kind="violet" icon="phone-forwarded">${t("agent.transfer.from", {name: c.agent?.name ?? ""})}</${Tag}></div>`}<${Known} c=${c} /><div class="row"><${Button} kind="ok" size="lg" icon="phone" keyOf="answer" grow pending=${isPending("answer")} onClick=${answer}>${t("agent.phone.answer")}</${Button}>
      <${Button} size="lg" keyOf="decline" pending=${isPending("status")} onClick=${decline}>${t("agent.phone.decline")}</${Button}></div></div></div>`;
}

/* Spoken once per ring; the countdown itself stays silent. */
export const RingVoice = () => html`<div class="vh" role="alert">${phase.value === "ringing" ? t("agent.ring.voice", {phone: offered()?.phone ?? ""}) : ""}</div>`;

const icon = () => document.querySelector('link[rel="icon"]');
let flash = 0;
function alarm(on, title) {
  clearInterval(flash);
  if (icon()) icon().href = on ? "/static/favicon-ring.svg" : "/static/favicon.svg";
  document.title = title;
  if (!on) { stopRinging(); return; }
  let lit = false;
  flash = setInterval(() => { lit = !lit; document.title = lit ? t("agent.ring.title") : title; }, 900);
  startRinging();
}
export function followRing() {
  const title = document.title;
  effect(() => alarm(phase.value === "ringing", title));
}
