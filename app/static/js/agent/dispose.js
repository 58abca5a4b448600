/* Ending a call without a new case: answered, status query, urged, prank, handed to 110/119/120. */
import {whenText} from "../lib/clock.js";
import {t} from "../lib/i18n.js";
import {Button, Dialog, EmptyState, Field, Icon, Lamp, Segmented, TextArea, html, signal, useEffect, useState} from "../lib/ui.js";
import {api} from "../lib/api.js";
import {bind} from "../lib/keys.js";
import {actOnCase, dispose, isPending} from "./actions.js";
import {form} from "./form-state.js";
import {drafts, isEnded, overlay, subjectCall} from "./state.js";
import {openNext} from "./messages.js";

const KINDS = ["answered", "status_query", "urged", "joined", "prank", "emergency_transferred"];
const ABOUT_CASE = new Set(["status_query", "urged", "joined"]);
/* Calls that say nothing about the city need no words; the others do, or the record is worthless. */
const NEEDS_NOTE = new Set(["answered", "emergency_transferred"]);
const close = () => { overlay.value = null; };

/* The caller's own cases first, then those nearby, then whatever the search finds; what has ended cannot be urged. */
function knownCases(found, kind) {
  const all = [...(subjectCall.value?.caller?.cases ?? []), ...(form.value?.nearby.value ?? []).map((each) => each.case), ...found];
  const once = [...new Map(all.map((c) => [c.id, c])).values()];
  return kind === "status_query" ? once : once.filter((c) => !isEnded(c));
}

function CasePicker({value, kind, onChange}) {
  const [words, setWords] = useState("");
  const [found, setFound] = useState([]);
  useEffect(() => {
    if (words.trim().length < 2) { setFound([]); return undefined; }
    const timer = setTimeout(() => api.get("/cases", {q: words.trim(), limit: 5}).then((page) => setFound(page.items ?? page)).catch(() => setFound([])), 300);
    return () => clearTimeout(timer);
  }, [words]);
  const cases = knownCases(found, kind);
  return html`<${Field} label=${t("agent.dispose.search")}>${(id) => html`<input id=${id} class="in" value=${words} placeholder=${t("agent.dispose.search_hint")} onInput=${(e) => setWords(e.target.value)} />`}</${Field}>
    <div class="pick-list" role="radiogroup" aria-label=${t("agent.dispose.which")}>${cases.map((c) => html`<button type="button" role="radio" class="pick" aria-checked=${c.id === value ? "true" : "false"} onClick=${() => onChange(c.id)}>
      <${Lamp} color=${c.lamp} /><span class="grow ell"><b>${c.class_name || t("agent.case.unclassified")}</b> · ${c.address}</span><span class="num s12 t2">${c.number}</span><span class="s12 t3">${c.state_label} · ${whenText(c.opened_at)}</span></button>`)}
      ${!cases.length && html`<${EmptyState} icon="search" title=${t("agent.dispose.no_cases")} />`}</div>`;
}

const problem = signal("");
function missing(kind, note, caseId) {
  if (ABOUT_CASE.has(kind) && !caseId) return t("agent.dispose.need_case");
  return NEEDS_NOTE.has(kind) && note.trim().length < 2 ? t("agent.dispose.need_note") : "";
}

export function DisposeDialog({kind: first, caseId: given = null, note: words = "", article = null}) {
  const [kind, setKind] = useState(first), [note, setNote] = useState(words), [caseId, setCaseId] = useState(given);
  const send = async () => {
    problem.value = missing(kind, note, caseId);
    if (problem.value) return;
    if (await dispose(kind, {note: note.trim(), caseId: ABOUT_CASE.has(kind) ? caseId : undefined, articleId: kind === "answered" ? article?.id : undefined})) close();
  };
  useEffect(() => bind({id: "dispose-send", combo: "Ctrl+Enter", scope: "dispose", label: t("agent.dispose.confirm"), run: send}));
  useEffect(() => { problem.value = ""; }, []);
  return html`<${Dialog} title=${t("agent.dispose.title")} icon="circle-check" kind="wide" scope="dispose" lead=${t(`agent.dispose.lead.${kind}`)} onClose=${close} footer=${html`
      ${problem.value && html`<span class="err grow" role="alert">${problem.value}</span>`}<${Button} onClick=${close}>${t("ui.cancel")}</${Button}>
      <${Button} kind="primary" keyOf="dispose-send" pending=${isPending("dispose")} onClick=${send}>${t("agent.dispose.confirm")}</${Button}>`}>
    <${Segmented} label=${t("agent.dispose.kind")} options=${KINDS.map((value) => ({value, label: t(`disposition.${value}`)}))} value=${kind} onChange=${setKind} />
    ${ABOUT_CASE.has(kind) && html`<${CasePicker} value=${caseId} kind=${kind} onChange=${setCaseId} />`}
    ${article && kind === "answered" && html`<p class="row s13 t2"><${Icon} name="book-open" size="s" />${t("agent.dispose.article", {title: article.title})}</p>`}
    <${Field} label=${t("agent.dispose.note")} required=${NEEDS_NOTE.has(kind)}>${(id) => html`<${TextArea} id=${id} rows=${3} maxlength="500" value=${note} placeholder=${t(`agent.dispose.hint.${kind}`)} onInput=${setNote} />`}</${Field}></${Dialog}>`;
}

/* An SMS that is no matter for the hotline: set aside with a reason that stays on the record. */
export function VoidDialog({id}) {
  const [reason, setReason] = useState("");
  const draft = drafts.get(id);
  const send = async () => {
    if (reason.trim().length < 2) { problem.value = t("agent.dispose.need_reason"); return; }
    const after = await actOnCase(draft, "void", {reason: reason.trim()});
    if (!after) return;
    drafts.remove(id);
    openNext();
    close();
  };
  useEffect(() => bind({id: "void-send", combo: "Ctrl+Enter", scope: "void", label: t("agent.bar.void"), run: send}));
  useEffect(() => { problem.value = ""; }, []);
  return html`<${Dialog} title=${t("agent.void.title")} icon="ban" scope="void" lead=${t("agent.void.lead")} onClose=${close} footer=${html`
      ${problem.value && html`<span class="err grow" role="alert">${problem.value}</span>`}<${Button} onClick=${close}>${t("ui.cancel")}</${Button}>
      <${Button} kind="danger" keyOf="void-send" pending=${isPending(`void-${id}`)} onClick=${send}>${t("agent.bar.void")}</${Button}>`}>
    <${Field} label=${t("agent.void.reason")} required>${(field) => html`<${TextArea} id=${field} rows=${3} maxlength="300" value=${reason} placeholder=${t("agent.void.hint")} onInput=${setReason} />`}</${Field}></${Dialog}>`;
}
