/* The three likeliest classes. Violet = the machine's word; it counts only when the agent takes it. */
import {t} from "../lib/i18n.js";
import {Icon, Key, Progress, Tag, html} from "../lib/ui.js";
import {classOf, conditionsOf} from "./catalogue.js";
import {chooseClass, form, suggestion} from "./form-state.js";
import {overlay} from "./state.js";

const WEAK = .5;
/* A stored suggestion names codes; the words are the catalogue's. */
export function inWords(c) {
  const entry = classOf(c.code);
  return {name: entry?.name ?? c.code, kind: entry?.kind ?? "event", major: entry?.major ?? "", limit: conditionsOf(c.code)[0]?.limit ?? "", ...c};
}
export const candidates = () => (suggestion.value?.candidates ?? []).slice(0, 3).map(inWords);
export const takeCandidate = (n) => {
  const one = candidates()[n];
  if (one && form.value) chooseClass(one.code, one.limit);
};
export const openClasses = () => { overlay.value = {name: "palette"}; };

function Candidate({c, n, taken}) {
  const percent = Math.round(c.confidence * 100);
  const words = [...new Set(c.terms.map((term) => term.text))].join(" · ");
  return html`<button type="button" class="sg" role="radio" aria-checked=${taken ? "true" : "false"} onClick=${() => takeCandidate(n)}>
    <${Key} of=${`take-${n + 1}`} />
    <span class="what"><span class="row"><span class="n ell">${c.name}</span><span class="p ell">${t(`kind.${c.kind}`)} › ${c.major}</span>
      ${taken && html`<${Tag} kind="blue" icon="check">${t("agent.suggest.taken")}</${Tag}>`}</span>
      <span class="p ell">${t("agent.suggest.terms", {words: words || "—"})}</span></span>
    <span class="cf"><${Progress} value=${c.confidence} kind=${c.confidence < WEAK ? "violet weak" : "violet"} label=${t("agent.suggest.confidence")} />${percent}%</span>
    <span class="s12 t2 limit">${c.limit}</span></button>`;
}

/* A class found by hand stands above, so that it is never in doubt which one counts. */
function Chosen({code}) {
  const entry = classOf(code);
  if (!entry || candidates().some((c) => c.code === code)) return null;
  return html`<div class="sg chosen"><${Icon} name="tag" /><span class="what"><span class="row"><span class="n ell">${entry.name}</span>
    <span class="p ell">${t(`kind.${entry.kind}`)} › ${entry.major}</span><${Tag} kind="blue" icon="check">${t("agent.suggest.by_hand")}</${Tag}></span></span></div>`;
}

export function Suggestions() {
  const f = form.value;
  const code = f.fields.value.class_code;
  const found = candidates();
  return html`<div class=${`sug ${f.errors.value.class_code ? "bad" : ""}`}>
    <div class="h"><${Icon} name="sparkles" size="s" /><span id="sug-title">${t("agent.suggest.title")}</span><span class="t3 plain ell">${t("agent.suggest.note")}</span>
      <span class="grow"></span><button type="button" class="btn ghost sm" data-field="class_code" onClick=${openClasses}>${t("agent.suggest.all")}<${Key} of="palette" /></button></div>
    <${Chosen} code=${code} />
    <div role="radiogroup" aria-labelledby="sug-title">${found.map((c, n) => html`<${Candidate} key=${c.code} c=${c} n=${n} taken=${c.code === code} />`)}</div>
    ${!found.length && !code && html`<p class="none t3 s13">${t("agent.suggest.none")}</p>`}
    ${f.errors.value.class_code && html`<p class="err none" role="alert"><${Icon} name="circle-alert" size="s" />${f.errors.value.class_code}</p>`}</div>`;
}
