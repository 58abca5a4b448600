/* What is being said: live transcript, the machine's reading of it, and what to ask next. */
import {countdownText} from "../lib/clock.js";
import {t} from "../lib/i18n.js";
import {Button, EmptyState, Icon, Tag, html, signal, useEffect, useRef, useState} from "../lib/ui.js";
import {callerWords, edit, form, suggestion} from "./form-state.js";
import {Marked} from "./marks.js";
import {canSpeak, leg, say} from "./softphone.js";
import {call, isOnCall, me, phase} from "./state.js";
import {choosePlace} from "./submit.js";

const following = signal(true);
const stamp = (line) => {
  const from = call.value?.answered_at;
  return from && line.at && Date.parse(line.at) >= Date.parse(from) ? countdownText((Date.parse(line.at) - Date.parse(from)) / 1000) : "";
};

/* Until somebody answers, our side of the line is the greeting. */
const isGreeting = (line) => line.track === "agent" && !(Date.parse(line.at) >= Date.parse(call.value?.answered_at));
function speaker(line) {
  if (line.track !== "agent") return t("agent.talk.caller");
  return isGreeting(line) ? t("agent.talk.greeting") : t("agent.talk.agent", {no: call.value?.agent?.work_no ?? me.work_no ?? ""});
}

function Line({line}) {
  const mine = line.track === "agent", who = speaker(line);
  return html`<div class=${`u ${mine ? "a" : "c"} ${isGreeting(line) ? "heard" : ""} ${line.final ? "" : "live"}`}>
    <div class="m"><span>${who}</span><span class="num">${line.final ? stamp(line) : t("agent.talk.recognising")}</span></div>
    <p>${mine || !line.final ? line.text : html`<${Marked} text=${line.text} suggestion=${suggestion.value} />`}</p></div>`;
}

/* Said to the greeting, before anyone answered. */
const Heard = ({text}) => html`<div class="u c heard"><div class="m"><span>${t("agent.talk.caller")}</span><span>${t("agent.talk.before")}</span></div><p><${Marked} text=${text} suggestion=${suggestion.value} /></p></div>`;

/* The transcript usually holds it already. */
const heardBefore = (lines) => Boolean(call.value?.heard) && !lines.some((line) => line.track === "caller" && line.text.includes(call.value.heard));

function Lines({lines}) {
  const box = useRef();
  const toEnd = () => { if (following.value && box.current) box.current.scrollTop = box.current.scrollHeight; };
  useEffect(toEnd);
  // What the machine understood appears below and takes room from the talk.
  useEffect(() => {
    const watcher = new ResizeObserver(toEnd);
    watcher.observe(box.current);
    return () => watcher.disconnect();
  }, []);
  // Whoever scrolls back wants to read; returning to the end follows again.
  const onScroll = () => { const el = box.current; following.value = el.scrollHeight - el.scrollTop - el.clientHeight < 40; };
  return html`<div class="tr" ref=${box} onScroll=${onScroll} role="log" aria-live="polite" aria-label=${t("agent.talk.title")} tabindex="0">
    ${heardBefore(lines) && html`<${Heard} text=${call.value.heard} />`}
    ${lines.length || call.value?.heard ? lines.map((line) => html`<${Line} key=${line.seq} line=${line} />`)
      : html`<${EmptyState} icon="ear" title=${t(isOnCall.value ? "agent.talk.silent" : `agent.talk.empty.${phase.value === "ringing" ? "ringing" : "idle"}`)} hint=${t("agent.talk.empty_hint")} />`}</div>`;
}

export const Ask = () => (suggestion.value?.question && !form.value?.created.value
  ? html`<div class="say" role="note"><${Icon} name="sparkles" /><div><b>${t("agent.talk.ask")}</b>　${suggestion.value.question}</div></div>` : null);

const Row = ({label, value, keyOf, onClick}) => html`<div class="r"><span>${label}</span>
  <b class="ell" title=${value}>${value}</b>${onClick ? html`<${Button} size="sm" keyOf=${keyOf} label=${t("agent.slots.take_of", {what: label})} onClick=${onClick}>${t("agent.slots.take")}</${Button}>` : null}</div>`;

const placeName = ({district, street, community}) => [district?.name, street?.name, community?.name].filter(Boolean).join(" · ");
const isTaken = (place) => JSON.stringify(form.value?.fields.value.place?.community ?? form.value?.fields.value.place?.street ?? null)
  === JSON.stringify(place.community ?? place.street ?? null);

export const takeWords = () => edit({description: callerWords.value.slice(0, 2000)});

/* Who, when and how it came about, as far as it was said; place and matter have rows of their own. */
const ELEMENTS = ["who", "when", "how"];
const elementsOf = ({slots = []}) => ELEMENTS.map((name) => [name, slots.filter((slot) => slot.name === name).map((slot) => slot.text).join("、")])
  .filter(([, words]) => words).map(([name, words]) => `${t(`agent.slots.${name}`)} ${words}`).join(" · ");

/* The machine's reading, violet until a person takes it. */
export function Slots({words}) {
  const s = suggestion.value, f = form.value;
  if (!f || !s || f.created.value) return null;
  const fields = f.fields.value;
  const place = s.places?.[0];
  const elements = elementsOf(s);
  const pressing = s.urgency && s.urgency !== "normal";
  return html`<div class="ext" aria-label=${t("agent.slots.title")} role="group">
    ${place && html`<${Row} label=${t("agent.slots.place")} value=${[placeName(place) || place.address, place.note].filter(Boolean).join(" · ")}
      onClick=${!place.district || (isTaken(place) && fields.place) ? null : () => choosePlace(place, fields.address || place.address)} />`}
    ${elements && html`<${Row} label=${t("agent.slots.title")} value=${elements} />`}
    ${words && html`<${Row} label=${t("agent.slots.words")} value=${words} keyOf="words" onClick=${takeWords} />`}
    ${pressing && html`<${Row} label=${t("agent.form.urgency")} value=${`${t(`urgency.${s.urgency}`)} · ${s.urgency_reason}`}
      onClick=${fields.urgency === s.urgency ? null : () => edit({urgency: s.urgency})} />`}
    <div class="r"><span>${t("agent.form.intent")}</span><span class="row"><${Tag} kind="violet">${t(`intent.${s.intent}`)}</${Tag}>
      ${s.mood && s.mood !== "calm" && html`<span title=${s.mood_reason}><${Tag} kind=${s.mood === "angry" ? "red" : s.mood === "pleased" ? "green" : "yellow"}>${t(`mood.${s.mood}`)}</${Tag}></span>`}
      ${s.in_scope !== undefined && s.in_scope < .5 && html`<${Tag} kind="yellow">${t("agent.slots.out_of_scope")}</${Tag}>`}</span></div></div>`;
}

/* With the emulator the agent's voice is typed; the caller's phone speaks it. */
function SayBox() {
  const [text, setText] = useState("");
  if (!canSpeak()) return null;
  const send = (e) => { e.preventDefault(); if (text.trim()) { say(text.trim()); setText(""); } };
  return html`<form class="quick" onSubmit=${send}><input class="in" id="say" value=${text} maxlength="300" autocomplete="off" placeholder=${t("agent.talk.say_hint")} aria-label=${t("agent.talk.say_hint")}
    onInput=${(e) => setText(e.target.value)} /><${Button} type="submit" icon="message-square-text" keyOf="say">${t("agent.talk.say")}</${Button}></form>`;
}

export function Dialogue() {
  const lines = call.value?.transcript ?? [];
  const words = callerWords.value;
  return html`<section class="card fill" aria-label=${t("agent.talk.label")}>
    <header><${Icon} name="ear" /><h2>${t("agent.talk.title")}</h2>${isOnCall.value && leg.value === "open" && html`<${Tag} kind="green">${t("agent.talk.live")}</${Tag}>`}<span class="grow"></span>
      ${lines.length && !following.value ? html`<${Button} size="sm" icon="arrow-down" onClick=${() => { following.value = true; }}>${t("agent.talk.follow")}</${Button}>` : null}</header>
    <${Lines} lines=${lines} /><${Ask} /><${Slots} words=${words} /><${SayBox} /></section>`;
}
