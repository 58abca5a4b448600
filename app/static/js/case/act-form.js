/* Any offered action as one form: the server names the facts it takes, in which words and of which kind. */
import {html, signal, useLayoutEffect} from "../lib/html.js";
import {t, has} from "../lib/i18n.js";
import {bind} from "../lib/keys.js";
import {Button} from "../lib/ui-basic.js";
import {Field, TextArea} from "../lib/ui-form.js";
import {Dialog} from "../lib/ui-overlay.js";
import {basketOf} from "./basket.js";
import {PhotoPicker} from "./photos.js";
import {UnitPicker} from "./unit-picker.js";
import {busyWith, run, stateOf} from "./work.js";

/* What was typed survives closing the dialog: facts by case and action. */
const typed = new Map();
function factsOf(detail, one) {
  const name = `${detail.id}/${one.action}`;
  if (!typed.has(name)) typed.set(name, signal({}));
  return typed.get(name);
}

/* Facts that no dialog asks for: the case has them, or they have a page of their own. */
const ELSEWHERE = new Set(["class", "condition", "place", "rating"]);
/* Who, until when, and why last: that is how such a decision is thought. */
const ORDER = ["unit", "units", "date", "line", "photo", "text"];
export const fieldsOf = (one) => one.facts.filter(({kind}) => !ELSEWHERE.has(kind)).sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
export const asks = (one) => fieldsOf(one).length > 0;

const isFilled = (value) => (Array.isArray(value) ? value.length > 0 : Boolean(String(value ?? "").trim()));
/* Photographs may have been sent before: the server knows. */
const lacks = (one, facts) => fieldsOf(one).some(({name, kind, required}) => required && kind !== "photo" && !isFilled(facts[name]));

/* A date means the end of that day in the city's own time. */
const asSent = {date: (day) => `${day}T23:59:59+08:00`, text: (words) => words.trim(), line: (words) => words.trim()};
export const bodyOf = (one, facts) => Object.fromEntries(fieldsOf(one).filter(({name, kind}) => kind !== "photo" && isFilled(facts[name]))
  .map(({name, kind}) => [name, asSent[kind]?.(facts[name]) ?? facts[name]]));

const day = (ahead) => new Date(Date.now() + ahead * 86400e3).toISOString().slice(0, 10);

const INPUTS = {
  text: ({id, value, set, disabled}) => html`<${TextArea} id=${id} rows=${3} maxlength="2000" value=${value ?? ""} disabled=${disabled} onInput=${set} />`,
  line: ({id, value, set, disabled}) => html`<input id=${id} class="in" maxlength="80" value=${value ?? ""} disabled=${disabled} onInput=${(e) => set(e.target.value)} />`,
  date: ({id, value, set, disabled}) => html`<input id=${id} class="in num" type="date" min=${day(1)} max=${day(364)} value=${value ?? ""} disabled=${disabled}
    onInput=${(e) => set(e.target.value)} />`,
  unit: ({id, value, set}) => html`<${UnitPicker} id=${id} chosen=${value ? [value] : []} most=${1} onChange=${([unit]) => set(unit ?? null)} />`,
  units: ({id, value, set}) => html`<${UnitPicker} id=${id} chosen=${value ?? []} most=${5} onChange=${set} />`,
};

function Fact({detail, field: {name, label, kind, required}, facts, error, disabled}) {
  if (kind === "photo") return html`<${PhotoPicker} basket=${basketOf(detail.id, "result")} busy=${disabled} title=${label} />`;
  const Input = INPUTS[kind] ?? INPUTS.text;
  const set = (value) => { facts.value = {...facts.value, [name]: value}; };
  return html`<${Field} label=${label} required=${required} error=${error}>${(id) => html`<${Input} ...${{id, set, disabled}} value=${facts.value[name]} />`}<//>`;
}

const DANGER = new Set(["void", "reject", "force_close", "deny_exists", "dismiss_appeal"]);
const leadOf = ({action}) => (has(`act.lead.${action}`) ? t(`act.lead.${action}`) : "");

export function ActDialog({detail, one, onClose, onDone}) {
  const facts = factsOf(detail, one), {failure, missing} = stateOf(detail.id), pending = busyWith(detail.id) === one.action;
  const photos = fieldsOf(one).some(({kind}) => kind === "photo") ? basketOf(detail.id, "result") : null;
  const send = () => {
    if (pending || lacks(one, facts.value)) return;
    const done = () => { facts.value = {}; onClose(); onDone?.(); };
    run(detail, one.action, {body: bodyOf(one, facts.value), prepare: photos?.sendAll, words: t("act.done", {number: detail.number, action: one.label}), then: done});
  };
  useLayoutEffect(() => bind({id: `act.${one.action}`, combo: "Ctrl+Enter", scope: "act", label: one.label, run: send}), [detail.id, one.action]);
  const footer = html`<span class="grow err" role="alert">${failure}</span><${Button} onClick=${onClose}>${t("case.cancel")}<//>
    <${Button} kind=${DANGER.has(one.action) ? "danger" : "primary"} pending=${pending} disabled=${lacks(one, facts.value)} keyOf=${`act.${one.action}`} onClick=${send}>${one.label}<//>`;
  return html`<${Dialog} title=${one.label} scope="act" lead=${leadOf(one)} onClose=${onClose} footer=${footer}>
    ${fieldsOf(one).map((field) => html`<${Fact} key=${field.name} ...${{detail, field, facts}}
      error=${missing[field.name]} disabled=${pending} />`)}<//>`;
}
