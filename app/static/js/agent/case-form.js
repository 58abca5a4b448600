/* The case form: what the agent confirms, edits and files. */
import {clockTimeSeconds} from "../lib/clock.js";
import {t} from "../lib/i18n.js";
import {Button, EmptyState, Field, Icon, Key, Segmented, Tag, TextArea, Toggle, html} from "../lib/ui.js";
import {squareCode} from "../lib/map.js";
import {conditionsOf} from "./catalogue.js";
import {edit, form, saveNow, subject} from "./form-state.js";
import {ActionBar} from "./action-bar.js";
import {Created, Waiting} from "./created.js";
import {Dispatch} from "./dispatch.js";
import {Matters} from "./matters.js";
import {Suggestions} from "./suggest.js";
import {call, drafts, isGuest, isMine, overlay, phase, subjectCall, view, waitingMessages} from "./state.js";
import {choosePlace, locate} from "./submit.js";
import {TalkHistory} from "./transfer.js";

const INTENTS = ["complaint", "report", "help", "consult", "suggestion"];
const URGENCIES = ["normal", "urgent", "critical"];
const choices = (prefix, values) => values.map((value) => ({value, label: t(`${prefix}.${value}`)}));

/* The handling limit hangs on the condition, so it is always seen and always a choice. */
function Conditions({fields, errors}) {
  const conditions = conditionsOf(fields.class_code);
  if (!conditions.length) return null;
  const label = t("agent.form.condition");
  return html`<${Field} label=${label} required error=${errors.condition_no}><div class="conds" role="radiogroup" aria-label=${label}>
    ${conditions.map((c, n) => html`<button type="button" role="radio" class="cond" key=${c.no} data-field=${n ? undefined : "condition_no"}
      aria-checked=${c.no === fields.condition_no ? "true" : "false"} title=${t("agent.form.closing", {text: c.closing})} onClick=${() => edit({condition_no: c.no})}>
      <i aria-hidden="true"></i><span class="grow">${c.text}</span>${n < 4 && conditions.length > 1 && html`<${Key} of=${`condition-${n + 1}`} />`}<b>${c.limit}</b></button>`)}</div></${Field}>`;
}

const nameOf = ({district, street, community}) => [district?.name, street?.name, community?.name].filter(Boolean).join(" · ");

function PlaceHint({f, fields}) {
  const {place, lat, lng} = fields;
  const others = f.places.value.filter((p) => nameOf(p) !== nameOf(place ?? {})).slice(0, 3);
  return html`<div class="hint" role="status">${place ? html`<${Tag} kind="green" icon="check">${t("agent.form.located")}</${Tag}><span>${nameOf(place)}</span>
    ${lat && html`<span class="t3">${t("agent.form.square")}</span><b class="num">${squareCode({lat, lng})}</b>`}`
    : html`<${Tag} kind="yellow">${t("agent.form.not_located")}</${Tag}><span class="t3">${t("agent.form.locate_hint")}</span>`}
    ${others.map((p) => html`<button type="button" class="btn ghost sm" onClick=${() => choosePlace(p)}><${Icon} name="map-pin" size="s" />${nameOf(p)}</button>`)}</div>`;
}

const Address = ({f, fields, errors}) => html`<${Field} label=${t("agent.form.address")} required error=${errors.address}>${(id) => html`
  <div class="addr"><input id=${id} class="in" data-field="address" value=${fields.address} maxlength="200" aria-invalid=${errors.address ? "true" : undefined} autocomplete="off"
    placeholder=${t("agent.form.address_hint")} onInput=${(e) => edit({address: e.target.value})} /><${Button} icon="locate" keyOf="locate" onClick=${locate}>${t("agent.form.locate")}</${Button}></div>
  <${PlaceHint} f=${f} fields=${fields} />`}</${Field}>`;

const Description = ({fields, errors}) => html`<${Field} label=${t("agent.form.description")} required error=${errors.description} hint=${t("agent.form.length", {n: fields.description.length})}>
  ${(id) => html`<${TextArea} id=${id} data-field="description" value=${fields.description} maxlength="2000" rows=${4} aria-invalid=${errors.description ? "true" : undefined}
    placeholder=${t("agent.form.description_hint")} onInput=${(text) => edit({description: text})} />`}</${Field}>`;

const Reporter = ({fields, phone}) => html`<div class="g3">
  <${Field} label=${t("agent.form.reporter")}>${(id) => html`<input id=${id} class="in" value=${fields.reporter_name} maxlength="40" autocomplete="off" onInput=${(e) => edit({reporter_name: e.target.value})} />`}</${Field}>
  <${Field} label=${t("agent.form.phone")}>${(id) => html`<input id=${id} class="in num" inputmode="tel" value=${fields.reporter_phone} maxlength="20" autocomplete="off"
    placeholder=${phone ?? ""} onInput=${(e) => edit({reporter_phone: e.target.value})} />`}</${Field}>
  <${Field} label=${t("agent.form.consent")}><div class="row tg">
    <${Toggle} on=${fields.sms_consent} short=${t("agent.form.sms")} label=${t("agent.form.sms_long")} onChange=${(on) => edit({sms_consent: on})} />
    <${Toggle} on=${fields.callback_consent} short=${t("agent.form.callback")} label=${t("agent.form.callback_long")} onChange=${(on) => edit({callback_consent: on})} />
    <${Toggle} on=${fields.confidential} short=${t("agent.form.secret")} label=${t("agent.form.secret_long")} onChange=${(on) => edit({confidential: on})} /></div></${Field}></div>`;

const STEPS = ["accept", "dispatch", "handle", "check", "close"];
const Steps = () => html`<ol class="steps h-opt" aria-label=${t("agent.steps.label")}>${STEPS.map((name, n) =>
  html`<li class=${n ? "" : "on"}><i aria-hidden="true">${n + 1}</i>${t(`agent.steps.${name}`)}</li>`)}</ol>`;

function Standard({fields}) {
  const condition = conditionsOf(fields.class_code).find((c) => c.no === fields.condition_no);
  return condition ? html`<div class="know h-opt"><div class="row s12"><${Icon} name="book-open" size="s" /><b>${t("agent.form.standard")}</b></div>
    <div class="s13 t2">${t("agent.form.standard_text", {filing: condition.text, closing: condition.closing})}</div></div>` : null;
}

function Fields({f}) {
  const fields = f.fields.value, errors = f.errors.value;
  const phone = f.kind === "call" ? subjectCall.value?.phone : drafts.get(f.id)?.phone;
  return html`<div class="body grow form-body">
    <${Matters} f=${f} /><${Suggestions} /><${Conditions} fields=${fields} errors=${errors} />
    <div class="row wrap choices"><${Field} label=${t("agent.form.intent")}><${Segmented} label=${t("agent.form.intent")} options=${choices("intent", INTENTS)} value=${fields.intent} onChange=${(intent) => edit({intent})} /></${Field}>
      <${Field} label=${t("agent.form.urgency")}><${Segmented} label=${t("agent.form.urgency")} options=${choices("urgency", URGENCIES)} value=${fields.urgency} onChange=${(urgency) => edit({urgency})} /></${Field}></div>
    <${Address} f=${f} fields=${fields} errors=${errors} /><${Description} fields=${fields} errors=${errors} /><${Reporter} fields=${fields} phone=${phone} />
    <${Dispatch} f=${f} /><${Steps} /><${Standard} fields=${fields} /></div>`;
}

function Saved({f}) {
  if (f.created.value || f.waiting.value || !f.savedAt.value) return null;
  return html`<span class="t3 s12 ell">${f.savePending.value ? t("agent.form.saving") : t("agent.form.saved", {time: clockTimeSeconds(f.savedAt.value)})}</span>`;
}

function Head({f}) {
  const disposed = f.kind === "call" ? subjectCall.value?.disposition : null;
  return html`<header><${Icon} name="file-text" /><h2>${t(f.kind === "sms" ? "agent.form.from_sms" : "agent.form.title")}</h2>
    ${f.created.value ? html`<${Tag} kind="green" icon="check">${t("agent.form.filed")}</${Tag}>` : html`<${Tag} kind="line">${t("agent.form.draft")}</${Tag}>`}<${Saved} f=${f} />
    <span class="grow"></span>${disposed && html`<${Tag} kind="green">${t("agent.form.disposed", {kind: t(`disposition.${disposed}`)})}</${Tag}>`}</header>`;
}

const Elsewhere = () => html`<section class="card fill" aria-label=${t("agent.form.title")}><header><${Icon} name="file-text" /><h2>${t("agent.form.title")}</h2></header>
  <${EmptyState} icon="users" title=${t(isGuest.value ? "agent.transfer.helping" : "agent.transfer.gone", {name: call.value.agent?.name ?? ""})} hint=${t("agent.transfer.elsewhere")}><${TalkHistory} /><//></section>`;

const Idle = () => html`<section class="card fill" aria-label=${t("agent.form.title")}><header><${Icon} name="file-text" /><h2>${t("agent.form.title")}</h2></header>
  <${EmptyState} icon="file-text" title=${t(phase.value === "ready" ? "agent.form.idle" : "agent.form.idle_off")} hint=${t("agent.form.idle_hint")}>
    ${waitingMessages.value.length > 0 && html`<${Button} icon="message-square" keyOf="view-messages" onClick=${() => { view.value = "messages"; }}>${t("agent.form.to_sms", {n: waitingMessages.value.length})}</${Button}>`}
    <${Button} size="sm" kind="ghost" icon="keyboard" keyOf="help" onClick=${() => { overlay.value = {name: "help"}; }}>${t("agent.help.title")}</${Button}></${EmptyState}></section>`;

export function CaseForm() {
  const f = form.value;
  if (!f || !subject.value) return view.value === "calls" && call.value && !isMine(call.value) && phase.value !== "ringing" ? html`<${Elsewhere} />` : html`<${Idle} />`;
  const body = f.created.value ? html`<${Created} f=${f} detail=${f.created.value} />` : f.waiting.value ? html`<${Waiting} />` : html`<${Fields} f=${f} />`;
  return html`<section class="card fill" aria-label=${t("agent.form.label")}><${Head} f=${f} />${body}<${ActionBar} f=${f} onSave=${() => saveNow(f)} /></section>`;
}
