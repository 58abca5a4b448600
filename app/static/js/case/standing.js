/* Where a case stands besides its state: co-units, requests and what became of them, returns, extensions, suspension. */
import {dayTime} from "../lib/clock.js";
import {html} from "../lib/html.js";
import {t} from "../lib/i18n.js";
import {Tag} from "../lib/ui-basic.js";

const counted = (one) => ["returns", "extensions", "supervisions", "reopens"].filter((name) => one[name] > 0).map((name) => t(`standing.${name}`, {n: one[name]}));
const flags = (one) => ["forced", "overdue_exempt"].filter((name) => one[name]).map((name) => t(`standing.${name}`));

const Unit = ({unit}) => html`<li><b>${unit.unit_name ?? unit.name}</b> <${Tag}>${unit.state_label ?? unit.state}<//>${unit.result && html`<div class="t2">${unit.result}</div>`}</li>`;
const Asked = ({request}) => html`<li><b>${request.label}</b> <${Tag} kind=${request.state === "pending" ? "yellow" : request.state === "granted" ? "green" : ""}>${request.state_label ?? request.state}<//>
  <span class="t3 num"> ${dayTime(request.asked_at)}</span><div class="t2">${[request.reason, request.decision].filter(Boolean).join(" → ")}</div></li>`;

export function Standing({one}) {
  const units = one.co_units ?? [], asked = one.requests ?? [], words = [...counted(one), ...flags(one)];
  if (!units.length && !asked.length && !words.length && !one.suspended_until && !one.crew) return null;
  return html`<section class="standing-block s13"><h3 class="lab">${t("standing.title")}</h3>
    ${words.length > 0 && html`<p class="row wrap">${words.map((word) => html`<${Tag} kind="line">${word}<//>`)}</p>`}
    ${one.unit && html`<p><span class="t3">${t("standing.main")}</span> ${one.unit.name}${one.crew ? ` · ${t("standing.crew", {name: one.crew})}` : ""}</p>`}
    ${one.suspended_until && html`<p>${t("standing.suspended", {at: dayTime(one.suspended_until)})}</p>`}
    ${units.length > 0 && html`<ul aria-label=${t("standing.co_units")}>${units.map((unit) => html`<${Unit} key=${unit.id} unit=${unit} />`)}</ul>`}
    ${asked.length > 0 && html`<ul aria-label=${t("standing.requests")}>${asked.map((request) => html`<${Asked} key=${request.id} request=${request} />`)}</ul>`}</section>`;
}
