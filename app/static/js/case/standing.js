/* Where a case stands besides its state: who works on it, what was asked and decided, and the clocks of its stages. */
import {dayTime} from "../lib/clock.js";
import {html} from "../lib/html.js";
import {t} from "../lib/i18n.js";
import {Lamp, Tag} from "../lib/ui-basic.js";

const COUNTED = ["returns", "extensions", "supervisions", "reopens"];
const FLAGS = ["forced", "overdue_exempt", "ping_pong"];
const REQUEST_KINDS = {pending: "yellow", granted: "green", refused: "red"};

const wordsOf = (one) => [
  ...COUNTED.filter((name) => one[name] > 0).map((name) => t(`standing.${name}`, {n: one[name]})),
  ...FLAGS.filter((name) => one[name]).map((name) => t(`standing.${name}`)),
];

const Part = ({part}) => html`<li><span class="row wrap"><b>${part.unit.name}</b><${Tag} kind=${part.overdue ? "red" : part.fed_back_at ? "green" : ""}>${t(`standing.part.${part.state}`)}<//>
  <span class="t3 num">${dayTime(part.left_at ?? part.fed_back_at ?? part.dispatched_at)}</span></span>${part.result && html`<div class="t2">${part.result}</div>`}</li>`;

const Asked = ({request}) => html`<li><span class="row wrap"><b>${request.label}</b><${Tag} kind=${REQUEST_KINDS[request.state]}>${t(`standing.request.${request.state}`)}<//>
  <span class="t3 num">${dayTime(request.decided_at ?? request.asked_at)}</span></span><div class="t2">${[request.reason, request.first_review, request.decision].filter(Boolean).join(" → ")}</div></li>`;

const Stage = ({stage}) => html`<li><span class="row wrap"><${Lamp} color=${stage.late ? "red" : stage.running ? "green" : "grey"} /><b>${stage.label}</b>
  <span class="t3 num">${t(stage.done_at ? "standing.done_at" : "standing.due_at", {at: dayTime(stage.done_at ?? stage.due_at)})}</span></span></li>`;

const List = ({label, children}) => (children.length ? html`<div><h4 class="s12 t3">${label}</h4><ul aria-label=${label}>${children}</ul></div>` : null);

const factsOf = (one) => [
  one.crew && t("standing.crew", {name: one.crew}),
  one.state === "suspended" && one.suspended_until && t("standing.suspended", {at: dayTime(one.suspended_until)}),
].filter(Boolean);

export function Standing({one}) {
  const words = wordsOf(one), facts = factsOf(one), parts = [...(one.co_units ?? []), ...(one.former_units ?? [])];
  const {requests = [], stages = []} = one;
  if (![words, facts, parts, requests, stages].some((each) => each.length)) return null;
  return html`<details class="standing-block s13" open=${words.length + parts.length + requests.length > 0}><summary>${t("standing.title")}</summary>
    ${words.length > 0 && html`<p class="row wrap">${words.map((word) => html`<${Tag} kind="line">${word}<//>`)}</p>`}${facts.map((fact) => html`<p>${fact}</p>`)}
    <${List} label=${t("standing.units")}>${parts.map((part) => html`<${Part} key=${`${part.unit.id}/${part.state}/${part.left_at}`} part=${part} />`)}<//>
    <${List} label=${t("standing.requests")}>${requests.map((request) => html`<${Asked} key=${request.id} request=${request} />`)}<//>
    <${List} label=${t("standing.stages")}>${stages.map((stage) => html`<${Stage} key=${stage.stage} stage=${stage} />`)}<//></details>`;
}
