/* 回访: whom to call, why, and what they say. */
import {dayTime, dueText, now, whenText} from "../lib/clock.js";
import {t} from "../lib/i18n.js";
import {bind} from "../lib/keys.js";
import {phoneText} from "../lib/phone.js";
import {Button, Count, EmptyState, Field, Icon, Lamp, Segmented, Tag, TextArea, Toggle, VirtualList, html, signal, useEffect} from "../lib/ui.js";
import {api} from "../lib/api.js";
import {fromField} from "../case/city-time.js";
import {lampNow} from "../case/lamps.js";
import {Thread} from "../case/thread.js";
import {busy, claim, complete, dial, dueTasks, isMine, openTask, openTaskId, release} from "./follow-up.js";
import {call, isOnCall, openCaseId, view} from "./state.js";

const ROW = 66;
const REASONS = {missed: "red", bad_rating: "red", reopened: "yellow", supervised: "yellow", sample: ""};
const NOTHING = {contacted: true, solved: null, satisfied: null, remark: "", reopen: true, until: ""};
const answers = signal(NOTHING);
const set = (change) => { answers.value = {...answers.value, ...change}; };
/* The case of the open task in full: who to ask for, and what was done. */
const detail = signal(null);

const late = (task) => Date.parse(task.due_at) < now.value;
const Row = ({task}) => html`<button type="button" class="sms-row task-row" aria-current=${task.id === openTaskId.value ? "true" : undefined} onClick=${() => { openTaskId.value = task.id; }}>
  <span class="row"><${Tag} kind=${REASONS[task.reason]}>${t(`callback.reason.${task.reason}`)}<//><b class="ell grow">${task.case.class_name} · ${task.case.address}</b>
    ${task.claimed_by && html`<${Tag} kind=${isMine(task) ? "blue" : "yellow"} icon="user-check">${isMine(task) ? t("callback.mine") : task.claimed_by.name}<//>`}</span>
  <span class="row s12 t2"><span class="num">${task.case.number}</span><span class="ell grow">${task.kind === "promise" ? task.promised : t("callback.closed", {at: whenText(task.case.closed_at)})}</span>
    ${task.attempts > 0 && html`<span>${t("callback.tried", {n: task.attempts})}</span>`}<span class=${`num ${late(task) ? "red-text b" : "t3"}`}>${t("callback.until", {at: dueText(task.due_at)})}</span></span></button>`;

export function CallBacks() {
  const tasks = dueTasks.value;
  return html`<section class="card fill" aria-label=${t("callback.title")}><header><${Icon} name="phone-outgoing" /><h2>${t("callback.title")}</h2><${Count} n=${tasks.length} kind=${tasks.length ? "blue" : ""} /></header>
    ${tasks.length ? html`<${VirtualList} rows=${tasks} rowHeight=${ROW} label=${t("callback.title")} role="group" render=${(task) => html`<${Row} key=${task.id} task=${task} />`} />`
      : html`<${EmptyState} icon="circle-check" title=${t("callback.none")} hint=${t("callback.none_hint")} />`}</section>`;
}

const Fact = ({label, children}) => html`<div class="fact"><span class="t3 s12">${label}</span><div>${children}</div></div>`;

function Facts({task}) {
  const c = task.case, full = detail.value?.id === c.id ? detail.value : null, who = full?.reporter;
  return html`<div class="facts"><${Fact} label=${t("callback.whom")}>${full ? html`<b>${who?.name || t("agent.caller.unknown")}</b> <span class="num t2">${phoneText(who?.phone) || t("callback.no_phone")}</span>` : "…"}
      ${c.confidential && html` <${Tag} kind="violet" icon="lock">${t("agent.form.secret")}<//>`}<//>
    <${Fact} label=${t("callback.why")}>${t(`callback.why.${task.reason}`)}${task.promised ? html`<div class="t2 s13">${task.promised}</div>` : null}<//>
    <${Fact} label=${t("agent.form.description")}><p class="words">${full?.description ?? "…"}</p><//>
    <${Fact} label=${t("agent.created.unit")}>${c.unit?.name ?? "—"} <${Tag}>${c.state_label}<//><//>
    ${full?.result && html`<${Fact} label=${t("agent.case.result")}><p class="words">${full.result}</p><//>`}
    ${c.rating && html`<${Fact} label=${t("agent.case.rating")}>${t("agent.caller.rated", {n: c.rating})} ${full?.rating_comment ?? ""}<//>`}</div>`;
}

const YES_NO = (yes, no) => [{value: true, label: t(yes)}, {value: false, label: t(no)}];
const STARS = () => [1, 2, 3, 4, 5].map((n) => ({value: n, label: `${n} ${t(`callback.star.${n}`)}`}));
const mayReopen = () => (detail.value?.actions ?? []).some((each) => each.action === "reopen");

function resultOf(task) {
  const {contacted, solved, satisfied, remark, reopen, until} = answers.value;
  if (!contacted) return {contacted, remark};
  const asked = task.kind === "survey" ? {solved, satisfied, reopen: solved === false && reopen && mayReopen()} : {};
  return {contacted, remark, ...asked, ...(task.kind === "promise" && until ? {promised_until: fromField(until)} : {})};
}
function isComplete(task) {
  const {contacted, solved, remark, until} = answers.value;
  if (!contacted) return true;
  return task.kind === "survey" ? solved !== null : Boolean(until) || remark.trim().length > 1;
}
const save = async (task) => {
  if (!isComplete(task)) return;
  const after = await complete(task, resultOf(task));
  if (after) { answers.value = NOTHING; openTaskId.value = dueTasks.value.find((each) => each.id !== task.id)?.id ?? null; }
};

function Questions({task}) {
  const a = answers.value;
  const isSurvey = task.kind === "survey";
  return html`<div class="questions"><${Field} label=${t("callback.contacted")}><${Segmented} label=${t("callback.contacted")} options=${YES_NO("callback.reached", "callback.not_reached")} value=${a.contacted} onChange=${(contacted) => set({contacted})} /><//>
    ${a.contacted && isSurvey && html`<${Field} label=${t("callback.solved")} required><${Segmented} label=${t("callback.solved")} options=${YES_NO("callback.yes_solved", "callback.not_solved")} value=${a.solved} onChange=${(solved) => set({solved})} /><//>
      <${Field} label=${t("callback.satisfied")}><${Segmented} label=${t("callback.satisfied")} options=${STARS()} value=${a.satisfied} onChange=${(satisfied) => set({satisfied})} /><//>`}
    ${a.contacted && a.solved === false && isSurvey && (mayReopen() ? html`<${Toggle} on=${a.reopen} label=${t("callback.reopen")} onChange=${(reopen) => set({reopen})} />` : html`<p class="s13 amber-text">${t("callback.too_late")}</p>`)}
    ${a.contacted && !isSurvey && html`<${Field} label=${t("callback.new_time")}>${(id) => html`<input id=${id} class="in num" type="datetime-local" value=${a.until} onInput=${(e) => set({until: e.target.value})} />`}<//>`}
    <${Field} label=${t("callback.remark")}>${(id) => html`<${TextArea} id=${id} rows=${2} maxlength="500" value=${a.remark} placeholder=${t(isSurvey ? "callback.remark_hint" : "callback.sorry_hint")} onInput=${(remark) => set({remark})} />`}<//></div>`;
}

/* Keys in this view while a task is mine: Alt+Y solved, Alt+N not solved, Alt+X not reached, Alt+1…5 how satisfied. */
const isHere = () => view.value === "callbacks" && Boolean(openTask.value);
const canAnswer = () => isHere() && isMine(openTask.value);
const KEYS = [
  {id: "task-dial", combo: "Alt+D", when: () => isHere() && !isOnCall.value, run: () => dial(openTask.value)},
  {id: "task-yes", combo: "Alt+Y", when: canAnswer, run: () => set({contacted: true, solved: true})},
  {id: "task-no", combo: "Alt+N", when: canAnswer, run: () => set({contacted: true, solved: false})},
  {id: "task-missed", combo: "Alt+X", when: canAnswer, run: () => set({contacted: false})},
  ...[1, 2, 3, 4, 5].map((n) => ({id: `task-star-${n}`, combo: `Alt+${n}`, n, when: canAnswer, run: () => set({contacted: true, satisfied: n})})),
  {id: "task-save", combo: "Ctrl+Enter", when: canAnswer, run: () => save(openTask.value)},
];

export const bindTaskKeys = () => KEYS.forEach((key) => bind({...key, label: t(`key.${key.id.replace(/-\d$/, "")}`, {n: key.n})}));

function Foot({task}) {
  if (!isMine(task)) return html`<${Button} kind="primary" icon="user-check" pending=${busy.value === "claim"} disabled=${Boolean(task.claimed_by)} onClick=${() => claim(task)}>${t("callback.claim")}<//>
    <${Button} kind="ok" icon="phone-outgoing" keyOf="task-dial" pending=${busy.value === "dial"} disabled=${Boolean(task.claimed_by) || isOnCall.value} onClick=${() => dial(task)}>${t("callback.dial")}<//>`;
  return html`<${Button} kind="ok" icon="phone-outgoing" keyOf="task-dial" pending=${busy.value === "dial"} disabled=${isOnCall.value} onClick=${() => dial(task)}>${t("callback.dial")}<//>
    <${Button} kind="ghost" pending=${busy.value === "release"} onClick=${() => release(task)}>${t("callback.release")}<//><span class="grow"></span>
    <${Button} kind="primary" icon="check" keyOf="task-save" disabled=${!isComplete(task)} pending=${busy.value === "complete"} onClick=${() => save(task)}>${t("callback.save")}<//>`;
}

function followDetail() {
  const id = openTask.value?.case.id, version = openTask.value?.case.version;
  useEffect(() => {
    if (!id) return undefined;
    let gone = false;
    api.get(`/cases/${id}`).then((found) => { if (!gone) detail.value = found; }, () => {});
    return () => { gone = true; };
  }, [id, version]);
}

export function CallBackPanel() {
  const task = openTask.value;
  followDetail();
  useEffect(() => { answers.value = {...NOTHING, until: ""}; }, [task?.id]);
  useEffect(() => { if (!openTaskId.value && dueTasks.value.length) openTaskId.value = dueTasks.value[0].id; }, [dueTasks.value.length]);
  if (!task) return html`<section class="card fill" aria-label=${t("callback.panel")}><${EmptyState} icon="phone-outgoing" title=${t("callback.choose")} /></section>`;
  const talking = isOnCall.value && call.value?.id === task.call_id;
  return html`<section class="card fill call-back" aria-label=${t("callback.panel")}><header><${Lamp} color=${lampNow(task.case, now.value)} /><h2 class="ell">${task.case.class_name} · ${task.case.address}</h2>
      <${Tag} kind=${REASONS[task.reason]}>${t(`callback.reason.${task.reason}`)}<//>${talking && html`<${Tag} kind="green" icon="phone-call">${t("callback.talking")}<//>`}<span class="grow"></span>
      <span class="t3 num s12">${t("callback.attempt", {n: Math.min(task.attempts + 1, task.most_attempts), most: task.most_attempts})}</span>
      <${Button} size="sm" kind="ghost" icon="file-text" onClick=${() => { openCaseId.value = task.case.id; }}>${task.case.number}<//></header>
    <div class="body grow call-back-body"><div class="stack"><p class="script"><${Icon} name="message-square" size="s" /><span>${t(`callback.script.${task.kind}`, {what: task.case.class_name, at: dayTime(task.case.promised_until)})}</span></p><${Facts} task=${task} /></div>
      <div class="stack">${isMine(task) ? html`<${Questions} task=${task} />` : html`<p class="t3 s13">${task.claimed_by ? t("callback.taken", {who: task.claimed_by.name}) : t("callback.claim_first")}</p>`}<${Thread} one=${task.case} key=${task.case.id} /></div></div>
    <div class="act"><${Foot} task=${task} /></div></section>`;
}
