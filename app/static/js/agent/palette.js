/* Ctrl+K: one box for the 184 classes, for cases by number or words, and for everything that has a key. */
import {api} from "../lib/api.js";
import {t} from "../lib/i18n.js";
import {Dialog, EmptyState, Icon, Key, Tag, html, useEffect, useRef, useState} from "../lib/ui.js";
import {actions} from "../lib/keys.js";
import {findClasses} from "./catalogue.js";
import {chooseClass, form} from "./form-state.js";
import {openCaseId, overlay} from "./state.js";

const close = () => { overlay.value = null; };
const run = (work) => { close(); requestAnimationFrame(work); };

const classRows = (words) => (form.value && !form.value.created.value ? findClasses(words, 9) : []).map((c) => ({
  id: `class-${c.code}`, tag: t("agent.palette.class"), kind: "violet", title: c.name, hint: `${t(`kind.${c.kind}`)} › ${c.major} · ${c.code}`, run: () => chooseClass(c.code),
}));
const actionRows = (words) => actions.value.filter((a) => !a.scope && a.id !== "palette" && (!a.when || a.when()) && (!words || a.label.includes(words)))
  .map((a) => ({id: `do-${a.id}`, tag: t("agent.palette.action"), kind: "", title: a.label, keyOf: a.id, run: a.run}));
const caseRows = (found) => found.map((c) => ({
  id: `case-${c.id}`, tag: t("agent.palette.case"), kind: "blue", title: `${c.number} ${c.class_name} · ${c.address}`, hint: `${c.unit?.name ?? ""} · ${c.state_label}`, run: () => { openCaseId.value = c.id; },
}));

function useCases(words) {
  const [found, setFound] = useState([]);
  useEffect(() => {
    if (words.length < 2) { setFound([]); return undefined; }
    const stop = new AbortController();
    const timer = setTimeout(() => api.get("/cases", {q: words, limit: 5}, {signal: stop.signal}).then((page) => setFound(page.items ?? page)).catch(() => null), 250);
    return () => { clearTimeout(timer); stop.abort(); };
  }, [words]);
  return found;
}

const Row = ({row, n, at, onRun}) => html`<li id=${row.id} role="option" aria-selected=${n === at ? "true" : "false"} class="cmd" onClick=${onRun}>
  <${Tag} kind=${row.kind}>${row.tag}</${Tag}><b class="s13 ell">${row.title}</b><span class="t3 s12 grow ell">${row.hint ?? ""}</span>${row.keyOf ? html`<${Key} of=${row.keyOf} />` : n === at && html`<${Key}>Enter</${Key}>`}</li>`;

export function Palette() {
  const [words, setWords] = useState(""), [at, setAt] = useState(0);
  const list = useRef();
  const text = words.trim();
  const found = useCases(text);
  const rows = [...classRows(text), ...caseRows(found), ...actionRows(text)].slice(0, 14);
  const active = rows[Math.min(at, rows.length - 1)];
  const onKeyDown = (e) => {
    if (e.isComposing || e.keyCode === 229) return;
    const by = {ArrowDown: 1, ArrowUp: -1}[e.key];
    if (by && rows.length) { e.preventDefault(); setAt((Math.min(at, rows.length - 1) + by + rows.length) % rows.length); }
    if (e.key === "Enter" && active) { e.preventDefault(); run(active.run); }
  };
  useEffect(() => { list.current?.children[at]?.scrollIntoView({block: "nearest"}); }, [at]);
  return html`<${Dialog} kind="palette" scope="palette" title=${t("agent.palette.title")} onClose=${close}>
    <div class="ask"><${Icon} name="search" size="l" /><input role="combobox" aria-expanded="true" aria-controls="palette-list" aria-activedescendant=${active?.id} aria-label=${t("agent.palette.hint")} placeholder=${t("agent.palette.hint")}
      autofocus autocomplete="off" value=${words} onInput=${(e) => { setWords(e.target.value); setAt(0); }} onKeyDown=${onKeyDown} /></div>
    <ul id="palette-list" ref=${list} role="listbox" aria-label=${t("agent.palette.title")}>${rows.map((row, n) => html`<${Row} key=${row.id} row=${row} n=${n} at=${Math.min(at, rows.length - 1)} onRun=${() => run(row.run)} />`)}</ul>
    ${!rows.length && html`<${EmptyState} icon="search" title=${t("agent.palette.none", {words: text})} />`}</${Dialog}>`;
}
