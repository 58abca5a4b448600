/* What waits without a caller on the line: SMS and voicemails in one list, and the one that is open. */
import {countdownText, whenText} from "../lib/clock.js";
import {t} from "../lib/i18n.js";
import {phoneText} from "../lib/phone.js";
import {Count, EmptyState, Icon, Tag, VirtualList, html, signal, useEffect, useState} from "../lib/ui.js";
import {Thread} from "../case/thread.js";
import {callerWords, suggestion} from "./form-state.js";
import {Marked} from "./marks.js";
import {Ask, Slots} from "./dialogue.js";
import {inWords} from "./suggest.js";
import {drafts, isOpenMessage, me, openCaseId, openMessage, subjectCall, threads, waitingMessages} from "./state.js";

/* Answered, it leaves the list but stays open until another message is chosen. */
const lastThread = signal(null);
const ROW = 62;
const open = ({kind, id}) => { openMessage.value = {kind, id}; };
export const nextMessage = () => waitingMessages.value.find((each) => !isOpenMessage(each)) ?? null;
export const openNext = () => { openMessage.value = nextMessage(); };

const likely = ({suggestion: found}) => (found?.candidates?.[0] ? inWords(found.candidates[0]).name : t("agent.case.unclassified"));
const isOthers = ({agent}) => Boolean(agent) && agent.id !== me.id;
const LOOKS = {
  sms: {icon: "message-square", title: likely, text: (d) => d.description},
  call: {
    icon: "voicemail", title: (c) => `${t("agent.voicemail.title")} · ${c.phone || t("agent.phone.withheld")}`,
    text: (c) => (isOthers(c) ? t("agent.voicemail.taken", {who: c.agent.name}) : c.location || t("agent.voicemail.hint")),
  },
  thread: {icon: "message-circle", title: (th) => `${t("thread.row", {number: th.case.number})} · ${th.case.class_name}`, text: (th) => th.text},
};
function Row({message}) {
  const {icon, title, text} = LOOKS[message.kind];
  return html`<button type="button" class="sms-row" aria-current=${isOpenMessage(message) ? "true" : undefined} onClick=${() => open(message)}>
    <span class="row"><${Icon} name=${icon} size="s" /><b class="ell grow">${title(message.item)}</b><span class="t3 s12 num">${whenText(message.at)}</span></span>
    <span class="ell t2 s13">${text(message.item)}</span></button>`;
}

const Words = ({draft}) => html`<div class="tr sms" tabindex="0" role="region" aria-label=${t("agent.sms.text")}>
  <div class="u c"><div class="m"><span>${t("agent.sms.from")}</span><span class="num">${whenText(draft.opened_at)}</span></div><p><${Marked} text=${draft.description} suggestion=${suggestion.value} /></p></div></div>`;

/* What the recognition made of the message, the greeting's answer first. */
const said = (call) => [...new Set([call.heard, ...(call.transcript ?? []).filter((line) => line.track === "caller" && line.final).map((line) => line.text)])].filter(Boolean);

/* The recording is fetched when the agent presses play: nobody listens by accident. */
function Voicemail({call}) {
  const [isMissing, setMissing] = useState(false);
  return html`<div class="tr sms" role="region" aria-label=${t("agent.voicemail.title")}>
    <div class="row s13"><${Icon} name="voicemail" size="s" /><b class="num">${phoneText(call.caller?.phone || call.phone) || t("agent.phone.withheld")}</b><span class="t3 num">${whenText(call.started_at)}</span>
      ${call.recording_seconds ? html`<span class="t3 num">${countdownText(call.recording_seconds)}</span>` : null}
      <span class="grow"></span>${isOthers(call) && html`<${Tag} kind="yellow">${t("agent.voicemail.taken", {who: call.agent.name})}</${Tag}>`}</div>
    ${said(call).map((text) => html`<div class="u c" key=${text}><p><${Marked} text=${text} suggestion=${suggestion.value} /></p></div>`)}
    ${!call.has_recording || isMissing ? html`<p class="t3 s13" role="status">${t(isMissing ? "agent.voicemail.missing" : "agent.voicemail.coming")}</p>`
      : html`<audio class="player" controls preload="none" src=${`/api/v1/calls/${call.id}/recording`} aria-label=${t("agent.voicemail.play")} onError=${() => setMissing(true)}></audio>`}
    <p class="t3 s12">${t("agent.voicemail.lead")}</p></div>`;
}

/* What a citizen wrote about a known case: the case is a press away, the answer is written here. */
const Threaded = ({c}) => html`<div class="tr sms threaded"><div class="row"><button type="button" class="plain b ell grow" onClick=${() => { openCaseId.value = c.id; }}>${c.class_name} · ${c.address}</button><${Tag}>${c.state_label}</${Tag}></div><${Thread} key=${c.id} one=${c} /></div>`;

function Opened() {
  const message = openMessage.value;
  if (message?.kind === "thread") { const found = threads.value.find((th) => th.case.id === message.id) ?? lastThread.peek(); lastThread.value = found; return found?.case.id === message.id ? html`<${Threaded} c=${found.case} />` : null; }
  if (message?.kind === "call") return subjectCall.value && html`<${Voicemail} key=${message.id} call=${subjectCall.value} /><${Ask} /><${Slots} words=${callerWords.value} />`;
  const draft = message && drafts.get(message.id);
  return draft ? html`<${Words} draft=${draft} /><${Ask} /><${Slots} words="" />` : null;
}

export function Messages() {
  const waiting = waitingMessages.value;
  useEffect(() => { if (!openMessage.value && waiting.length) open(waiting[0]); }, [waiting.length]);
  return html`<section class="card fill" aria-label=${t("agent.nav.messages")}><header><${Icon} name="inbox" /><h2>${t("agent.nav.messages")}</h2><${Count} n=${waiting.length} kind=${waiting.length ? "blue" : ""} />
      <span class="grow"></span>${waiting.length ? html`<${Tag} kind="line">${t("agent.sms.oldest_first")}</${Tag}>` : null}</header>
    ${waiting.length ? html`<${VirtualList} rows=${waiting} rowHeight=${ROW} label=${t("agent.nav.messages")} role="group" render=${(m) => html`<${Row} key=${m.kind + m.id} message=${m} />`} />`
      : html`<${EmptyState} icon="inbox" title=${t("agent.sms.none")} hint=${t("agent.sms.none_hint")} />`}
    <${Opened} /></section>`;
}
