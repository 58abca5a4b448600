/* Several matters in one call: each becomes a case of its own; the agent says which one this form is about. */
import {t} from "../lib/i18n.js";
import {Button, Tag, html, signal} from "../lib/ui.js";
import {chooseClass, edit, form, startAnother, suggestion} from "./form-state.js";
import {inWords} from "./suggest.js";

/* Subject's name -> the texts of the matters that have been filed. */
const filed = signal(new Map());
/* Subject's name -> the matter this form is about. */
const current = signal(new Map());
const isFiled = (f, matter) => filed.value.get(f.name)?.includes(matter.text) ?? false;
export const matters = () => (suggestion.value?.matters?.length > 1 ? suggestion.value.matters : []);

export function takeMatter(matter) {
  const best = matter.candidates?.[0];
  current.value = new Map(current.value).set(form.value.name, matter.text);
  edit({description: matter.text});
  if (best) chooseClass(best.code, best.limit);
}

/** After filing: what was filed is done; without a choice it was the first. */
export function noteFiled(f) {
  const all = matters(), text = current.value.get(f.name) ?? all[0]?.text;
  if (all.length && text) filed.value = new Map(filed.value).set(f.name, [...(filed.value.get(f.name) ?? []), text]);
}
const nextMatter = (f) => matters().find((matter) => !isFiled(f, matter)) ?? null;
function fileNext(f, matter) {
  startAnother(f);
  takeMatter(matter);
}

function Matter({f, matter, n}) {
  const best = matter.candidates?.[0] && inWords(matter.candidates[0]), done = isFiled(f, matter), chosen = current.value.get(f.name) === matter.text;
  return html`<li><button type="button" class="matter" aria-pressed=${chosen ? "true" : "false"} disabled=${done} onClick=${() => takeMatter(matter)}>
    <b>${t("agent.matters.one", {n: n + 1})}</b><span class="ell grow">${matter.text}</span>${best && html`<${Tag} kind="violet">${best.name}</${Tag}>`}${done && html`<${Tag} kind="green">${t("agent.matters.filed")}</${Tag}>`}</button></li>`;
}

export function Matters({f}) {
  const all = matters();
  return all.length ? html`<div class="matters"><span class="s12 t2">${t("agent.matters.title", {n: all.length})}</span>
    <ul>${all.map((matter, n) => html`<${Matter} key=${matter.start} ...${{f, matter, n}} />`)}</ul></div>` : null;
}

/* An SMS is one draft: what else it holds is opened from the case by hand. */
export function NextMatter({f}) {
  const next = f.kind === "call" ? nextMatter(f) : null;
  return next ? html`<${Button} kind="primary" icon="plus" onClick=${() => fileNext(f, next)}>${t("agent.matters.next", {what: next.candidates?.[0] ? inWords(next.candidates[0]).name : next.text.slice(0, 12)})}</${Button}>` : null;
}
