/* Where the case will go and until when, with the rule's own words, before anything is filed. */
import {dueText} from "../lib/clock.js";
import {t} from "../lib/i18n.js";
import {Icon, Tag, html} from "../lib/ui.js";

const percent = (rate) => (rate === null || rate === undefined ? "—" : `${(rate * 100).toFixed(1)}%`);

const Unit = ({unit, explanation}) => html`<div class="stack to">
  <div class="row"><span class="t3 s12">${t("agent.dispatch.to")}</span><b class="ell unit">${unit.name}</b><${Tag} kind="violet" icon="sparkles">${t("agent.dispatch.by_rule")}</${Tag}></div>
  <div class="hint">${t("agent.dispatch.open", {n: unit.open})}<span class="t3">${t("agent.dispatch.on_time")}</span>${percent(unit.on_time)}
    ${unit.duty_phone && html`<span class="t3">${t("agent.dispatch.duty")}</span><span class="num">${unit.duty_phone}</span>`}</div>
  <div class="hint why"><${Icon} name="route" size="s" /><span>${explanation}</span></div></div>`;

const Due = ({p}) => html`<div class="due"><span class="t3 s12">${t("agent.dispatch.limit", {limit: p.limit_text})}</span><br /><b>${dueText(p.due_at)}</b></div>`;

/* A deadline can print its derivation. */
const Steps = ({p}) => html`<details class="steps-of"><summary>${t("agent.dispatch.derivation")}</summary>
  <ol>${p.steps.map((step) => html`<li>${step}</li>`)}</ol>${p.runner_up && html`<p class="t3">${t("agent.dispatch.runner_up", {unit: p.runner_up})}</p>`}</details>`;

export function Dispatch({f}) {
  const p = f.preview.value;
  if (f.previewError.value) return html`<div class="disp none amber-text s13" role="status"><span class="row"><${Icon} name="triangle-alert" />${f.previewError.value}</span></div>`;
  if (!p) return html`<div class="disp none t3 s13"><span class="row"><${Icon} name="route" />${t("agent.dispatch.need")}</span></div>`;
  return html`<div class="disp" role="group" aria-label=${t("agent.dispatch.label")}><${Unit} unit=${p.unit} explanation=${p.explanation} /><${Due} p=${p} /><${Steps} p=${p} /></div>`;
}
