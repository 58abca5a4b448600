/* The telephone: one card whose buttons follow the seat's state. */
import {countdownText, durationText, secondsSince, secondsUntil, now} from "../lib/clock.js";
import {t} from "../lib/i18n.js";
import {Button, Figures, Icon, Key, Pulse, Tag, html} from "../lib/ui.js";
import {answer, decline, extendWrapUp, finishWrapUp, guestMuted, hangUp, isPending, setStatus, toggleHold, toggleMute} from "./actions.js";
import {phaseTime, phaseWord} from "./top.js";
import {leg} from "./softphone.js";
import {Helping, Third, canTransfer, transferOrFinish} from "./transfer.js";
import {call, isGuest, isMine, isOnCall, phase, seat, shift} from "./state.js";

const LOOKS = {ringing: "ring", talking: "talk", hold: "hold", wrap_up: "acw", ready: "idle"};

const talkTime = ({answered_at: from, ended_at: to}) =>
  (from ? countdownText(secondsSince(from, to ? Date.parse(to) : now.value)) : "");

function Corner() {
  const c = call.value;
  if (phase.value === "wrap_up" && c?.answered_at) return html`<${Tag} kind="yellow">${t("agent.phone.talked", {time: talkTime(c)})}</${Tag}>`;
  if (!isOnCall.value) return null;
  return html`<span class="row">${c?.muted && html`<${Tag} kind="red" icon="mic-off">${t("agent.phone.muted")}</${Tag}>`}</span>`;
}

function Leg() {
  const open = leg.value === "open";
  const word = t(`agent.leg.${leg.value}`);
  const kind = leg.value === "failed" ? "red-text" : open ? "green-text" : "t3";
  return html`<span class=${`row s12 ${kind} leg`}><${Icon} name=${leg.value === "failed" ? "phone-missed" : "headphones"} size="s" />${word}</span>`;
}

const waited = (c) => (c.waiting_since ? t("agent.phone.waited", {time: durationText(secondsSince(c.waiting_since, c.answered_at ? Date.parse(c.answered_at) : now.value))}) : "");
const Caller = ({c}) => html`<div class="no num">${c.phone || t("agent.phone.withheld")}</div>
  <div class="t2 s12 ell">${[c.location, waited(c)].filter(Boolean).join(" · ")}</div>`;

function Head() {
  const c = call.value;
  const note = {wrap_up: "agent.phone.until_ready", ready: "agent.phone.since_ready"}[phase.value];
  return html`<div class="hd">
    <div class="row spread"><span class="st"><${Pulse} live=${isOnCall.value || phase.value === "ready"} />${phaseWord()}</span><${Corner} /></div>
    <div class="row spread timer"><div class="tm" aria-hidden="true">${phaseTime()}</div><span class="t3 s12">${note ? t(note) : ""}</span></div>
    ${c && phase.value !== "ready" ? html`<${Caller} c=${c} />` : html`<div class="t2 s12">${seat.value?.reason || t(`agent.phone.hint.${phase.value}`)}</div>`}
    ${seat.value && seat.value.status !== "offline" && html`<${Leg} />`}</div>`;
}

const BigKey = ({icon, label, keyOf, pressed, pending, onClick}) =>
  html`<button type="button" class="key" aria-pressed=${pressed ? "true" : "false"} aria-busy=${pending ? "true" : undefined} onClick=${onClick}>
    <${Icon} name=${icon} />${label}<${Key} of=${keyOf} /></button>`;

const Helped = () => html`<div class="keys one"><${BigKey} icon=${guestMuted.value ? "mic-off" : "mic"} label=${t("agent.phone.mute")} keyOf="mute" pressed=${guestMuted.value} onClick=${toggleMute} /></div>
  <div class="under"><${Helping} /><${Button} kind="danger" icon="phone-off" keyOf="hang-up" grow pending=${isPending("hang-up")} onClick=${hangUp}>${t("agent.transfer.leave")}</${Button}></div>`;

const Talking = () => (isGuest.value ? html`<${Helped} />` : html`<div class="keys three">
    <${BigKey} icon=${call.value?.muted ? "mic-off" : "mic"} label=${t("agent.phone.mute")} keyOf="mute" pressed=${call.value?.muted} pending=${isPending("mute")} onClick=${toggleMute} />
    <${BigKey} icon=${call.value?.hold ? "play" : "pause"} label=${call.value?.hold ? t("agent.phone.resume") : t("agent.phone.hold")} keyOf="hold" pressed=${call.value?.hold} pending=${isPending("hold")} onClick=${toggleHold} />
    <${BigKey} icon="phone-forwarded" label=${t("agent.transfer.key")} keyOf="transfer" pressed=${Boolean(call.value?.party)} pending=${isPending("transfer")} onClick=${() => canTransfer() && transferOrFinish()} /></div>
  <div class="under"><${Third} /><${Button} kind="danger" icon="phone-off" keyOf="hang-up" grow pending=${isPending("hang-up")} onClick=${hangUp}>${t("agent.phone.hang_up")}</${Button}></div>`);

const Ringing = () => html`<div class="under first"><${Button} kind="ok" size="lg" icon="phone" keyOf="answer" pending=${isPending("answer")} onClick=${answer}>${t("agent.phone.answer")}</${Button}>
  <${Button} keyOf="decline" pending=${isPending("status")} onClick=${decline}>${t("agent.phone.decline")}</${Button}></div>`;

function WrapUp() {
  const left = seat.value?.wrap_up_until ? secondsUntil(seat.value.wrap_up_until) : 0;
  return html`<div class="under first">
    <${Button} kind="ok" size="lg" keyOf="finish" pending=${isPending("finish")} onClick=${finishWrapUp}>${t("agent.phone.finish")}</${Button}>
    ${call.value?.state === "outside" || (call.value && !isMine(call.value)) ? html`<p class="s12 t2 row"><${Icon} name="phone-forwarded" size="s" />${t("agent.transfer.gone", {name: call.value.party?.label ?? call.value.agent?.name ?? ""})}</p>` : null}
    ${call.value && isMine(call.value) && !call.value.disposition && html`<p class="s12 amber-text row"><${Icon} name="triangle-alert" size="s" />${t("agent.phone.need_disposition")}</p>`}
    <div class="row"><${Button} size="sm" grow disabled=${seat.value?.extended || left <= 0} pending=${isPending("extend")} onClick=${extendWrapUp}>
      ${seat.value?.extended ? t("agent.phone.extended") : t("agent.phone.extend")}</${Button}>
      <${Button} size="sm" grow icon="coffee" pending=${isPending("status")} onClick=${() => setStatus("break", t("agent.reason.rest"))}>${t("agent.phone.to_break")}</${Button}></div></div>`;
}

const Ready = () => html`<div class="under first"><div class="row">
  <${Button} size="sm" grow icon="ban" pending=${isPending("status")} onClick=${() => setStatus("busy")}>${t("agent.phase.busy")}</${Button}>
  <${Button} size="sm" grow icon="coffee" onClick=${() => setStatus("break", t("agent.reason.rest"))}>${t("agent.phase.break")}</${Button}></div></div>`;

const Away = () => html`<div class="under first"><${Button} kind="ok" size="lg" icon=${phase.value === "offline" ? "power" : "circle-check"} pending=${isPending("status")}
  onClick=${() => setStatus("ready")}>${t(phase.value === "offline" ? "agent.phone.go_online" : "agent.phone.back_to_ready")}</${Button}></div>`;

const BODIES = {ringing: Ringing, talking: Talking, hold: Talking, wrap_up: WrapUp, ready: Ready};

export function Phone() {
  const Body = BODIES[phase.value] ?? Away;
  return html`<section class=${`card fixed phone ${LOOKS[phase.value] ?? "away"}`} aria-label=${t("agent.phone.label")}><${Head} /><${Body} /></section>`;
}

const spoken = (seconds) => (seconds ? countdownText(seconds) : "—");
const percent = (rate) => (rate === null || rate === undefined ? "—" : `${rate === 1 ? 100 : (rate * 100).toFixed(1)}%`);
export const Shift = () => html`<section class="card fixed shift" aria-label=${t("agent.shift.label")}><${Figures} figures=${[
  {value: shift.value.calls ?? 0, label: t("agent.shift.calls")},
  {value: shift.value.cases ?? 0, label: t("agent.shift.cases")},
  {value: spoken(shift.value.avg_talk), label: t("agent.shift.avg_talk")},
  {value: percent(shift.value.satisfaction), label: t("agent.shift.satisfaction")},
]} /></section>`;
