/* The drawer of one case: facts, where it stands, history, and what the agent may do. */
import {dayTime, now} from "../lib/clock.js";
import {t} from "../lib/i18n.js";
import {phoneText} from "../lib/phone.js";
import {Button, Countdown, Dialog, EmptyState, Field, Lamp, Segmented, Tag, TextArea, html, useEffect, useState} from "../lib/ui.js";
import {bind} from "../lib/keys.js";
import {actOnCase, isPending} from "./actions.js";
import {change, detail, editing, loadCase, saveEdit, saving, show, startEditing} from "./case-detail.js";
import {lampNow} from "../case/lamps.js";
import {Promised} from "../case/promise.js";
import {PromiseLine} from "../case/promise-form.js";
import {Thread} from "../case/thread.js";
import {Recordings} from "../case/recordings.js";
import {Reporters, crowdTags} from "../case/reporters.js";
import {VoiceNotes} from "../case/voice.js";
import {openCaseId, overlay} from "./state.js";

const HERE = new Set(["urge", "dispatch", "ask_verification", "reopen", "reject", "void"]);
const close = () => { openCaseId.value = null; };
const Fact = ({label, children}) => html`<div class="fact"><span class="t3 s12">${label}</span><div>${children}</div></div>`;

const Standing = ({c}) => html`<div class="standing"><div class="row wrap"><${Lamp} color=${lampNow(c, now.value)} word /><${Tag} kind="blue">${c.state_label}</${Tag}>
    ${c.urges > 0 && html`<${Tag} kind="yellow">${t("agent.case.urges", {n: c.urges})}</${Tag}>`}${c.reworks > 0 && html`<${Tag} kind="red">${t("agent.case.reworks", {n: c.reworks})}</${Tag}>`}
    ${crowdTags(c).map(({kind, text}) => html`<${Tag} kind=${kind}>${text}</${Tag}>`)}
    ${c.confidential && html`<${Tag} kind="violet" icon="lock">${t("agent.form.secret")}</${Tag}>`}</div>
  <${Promised} one=${c} /><div class="due">${c.closed_at ? html`<span class="t2 s12">${t("agent.case.closed", {at: dayTime(c.closed_at)})}</span>` : html`<span class="t3 s12">${c.limit_text}</span><br /><${Countdown} due=${c.due_at} lamp=${lampNow(c, now.value)} />`}</div></div>`;

function Facts({c}) {
  return html`<div class="facts"><${Fact} label=${t("agent.form.address")}>${c.address || "—"}<span class="t3 s12"> ${[c.district, c.street, c.community].filter(Boolean).map((a) => a.name).join(" · ")}</span></${Fact}>
    <${Fact} label=${t("agent.form.description")}><p class="words">${c.description}</p></${Fact}>
    <${Fact} label=${t("agent.form.condition")}>${c.condition ? html`${c.condition.text} <span class="t2">${c.condition.limit_text}</span>` : "—"}</${Fact}>
    <${Fact} label=${t("agent.created.unit")}><b>${c.unit?.name ?? "—"}</b>${c.routing?.explanation && html`<div class="t2 s12">${c.routing.explanation}</div>`}</${Fact}>
    ${c.deadline_steps?.length > 0 && html`<${Fact} label=${t("agent.dispatch.derivation")}><ol class="s12 t2">${c.deadline_steps.map((s) => html`<li>${s}</li>`)}</ol></${Fact}>`}
    <${Fact} label=${t("agent.created.told")}><${PromiseLine} one=${c} onChange=${show} /></${Fact}>
    ${c.repeat_of && html`<${Fact} label=${t("repeat.of")}><button type="button" class="plain num" onClick=${() => { openCaseId.value = c.repeat_of.id; }}>${c.repeat_of.number}</button></${Fact}>`}
    ${c.reporter && html`<${Fact} label=${t("agent.form.reporter")}>${c.reporter.name || t("agent.caller.unknown")} <span class="num t2">${phoneText(c.reporter.phone)}</span></${Fact}>`}
    ${c.result && html`<${Fact} label=${t("agent.case.result")}><p class="words">${c.result}</p></${Fact}>`}
    ${c.rating && html`<${Fact} label=${t("agent.case.rating")}>${t("agent.caller.rated", {n: c.rating})} ${c.rating_comment}</${Fact}>`}</div>`;
}

const Photos = ({c}) => (c.attachments?.length ? html`<div class="photos">${c.attachments.map((a) => html`<a href=${a.url} target="_blank" rel="noopener"><img src=${a.url} alt=${t(`agent.case.photo.${a.purpose}`)} loading="lazy" /><span class="s11">${t(`agent.case.photo.${a.purpose}`)}</span></a>`)}</div>` : null);

const History = ({c}) => html`<ul class="timeline" aria-label=${t("agent.case.history")}>${[...(c.history ?? [])].reverse().map((line) => html`<li><span><b>${line.label}</b> <span class="t2">${line.actor}</span></span>
  <span class="t3 s12 num" title=${line.at}>${dayTime(line.at)}</span>${line.text && html`<p class="note">${line.text}</p>`}</li>`)}</ul>`;

function Editor() {
  const {fields} = editing.value;
  return html`<${Field} label=${t("agent.form.address")}>${(id) => html`<input id=${id} class="in" maxlength="200" value=${fields.address} onInput=${(e) => change({address: e.target.value})} />`}</${Field}>
    <${Field} label=${t("agent.form.description")}>${(id) => html`<${TextArea} id=${id} rows=${6} maxlength="2000" value=${fields.description} onInput=${(description) => change({description})} />`}</${Field}>
    <${Field} label=${t("agent.form.urgency")}><${Segmented} label=${t("agent.form.urgency")} options=${["normal", "urgent", "critical"].map((value) => ({value, label: t(`urgency.${value}`)}))} value=${fields.urgency} onChange=${(urgency) => change({urgency})} /></${Field}>`;
}

/* An action that needs words asks for them on the spot. */
function Act({c, action}) {
  const [asking, setAsking] = useState(false), [reason, setReason] = useState("");
  const needs = action.requires.includes("reason") || action.action === "urge";
  const run = async () => { if (await actOnCase(c, action.action, reason.trim() ? {reason: reason.trim()} : {}, action.label)) { setAsking(false); loadCase(c.id); } };
  const ready = !action.requires.includes("reason") || reason.trim().length > 1;
  if (!asking) return html`<${Button} kind=${["void", "reject"].includes(action.action) ? "" : "primary"} onClick=${() => (needs ? setAsking(true) : run())}>${action.label}</${Button}>`;
  return html`<div class="row grow"><input class="in grow" value=${reason} maxlength="300" aria-label=${t("agent.case.words", {action: action.label})} placeholder=${t("agent.case.words", {action: action.label})} onInput=${(e) => setReason(e.target.value)} ref=${(el) => el?.focus()} />
    <${Button} kind="primary" disabled=${!ready} pending=${isPending(`${action.action}-${c.id}`)} onClick=${run}>${action.label}</${Button}><${Button} kind="ghost" onClick=${() => setAsking(false)}>${t("ui.cancel")}</${Button}></div>`;
}

function Foot({c}) {
  if (editing.value) return html`<${Button} onClick=${() => { editing.value = null; }}>${t("ui.cancel")}</${Button}><${Button} kind="primary" keyOf="case-save" pending=${saving.value} onClick=${saveEdit}>${t("agent.case.save")}</${Button}>`;
  const offered = c.actions ?? [];
  return html`${offered.filter((a) => HERE.has(a.action)).map((action) => html`<${Act} key=${action.action} c=${c} action=${action} />`)}
    ${offered.some((a) => a.action === "edit") && html`<${Button} icon="pencil" onClick=${startEditing}>${t("agent.case.edit")}</${Button}>`}`;
}

export function Drawer() {
  const c = detail.value;
  useEffect(() => bind({id: "case-save", combo: "Ctrl+Enter", scope: "drawer", label: t("agent.case.save"), when: () => Boolean(editing.value) && overlay.value?.name !== "conflict", run: saveEdit}), []);
  if (!openCaseId.value) return null;
  const title = c ? `${c.number} ${c.class_name || t("agent.case.unclassified")}` : t("agent.case.loading");
  return html`<${Dialog} key=${openCaseId.value} kind="drawer" scope="drawer" title=${title} lead=${c ? `${t(`source.${c.source}`)} · ${dayTime(c.opened_at)}` : ""} onClose=${close} footer=${c && html`<${Foot} c=${c} />`}>
    ${!c ? html`<${EmptyState} icon="clock" title=${t("agent.case.loading")} />` : html`<${Standing} c=${c} />${editing.value ? html`<${Editor} />` : html`<${Facts} c=${c} /><${Photos} c=${c} /><${Recordings} id=${c.id} /><${VoiceNotes} detail=${c} /><${Reporters} key=${`r${c.id}`} one=${c} /><${Thread} one=${c} /><h3 class="s13">${t("agent.case.history")}</h3><${History} c=${c} />`}`}</${Dialog}>`;
}
