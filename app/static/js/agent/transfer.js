/* Handing a talk on: whom it may go to, and what becomes of a third who is in it. */
import {api} from "../lib/api.js";
import {computed, signal} from "../lib/html.js";
import {t} from "../lib/i18n.js";
import {Button, Dialog, EmptyState, Icon, Key, Tag, html, useEffect, useState} from "../lib/ui.js";
import {bind} from "../lib/keys.js";
import {clockTimeSeconds, elapsed, now, secondsUntil} from "../lib/clock.js";
import {askOfCall, isPending} from "./actions.js";
import {form, saveNow} from "./form-state.js";
import {call, isGuest, isOnCall, overlay} from "./state.js";

const close = () => { overlay.value = null; };
export const party = computed(() => (isOnCall.value ? call.value?.party ?? null : null));
export const canTransfer = () => isOnCall.value && !isGuest.value && (!party.value || party.value.state === "joined");

/* Whoever takes over reads what has been written so far. */
const finish = async () => { await saveNow(form.value ?? undefined); return askOfCall("transfer", "transfer/complete"); };
export const letGo = () => askOfCall("transfer", "transfer/cancel");
/* One key: whom to, or, once the third is in the talk, away. */
export const transferOrFinish = () => (party.value?.state === "joined" ? finish() : (overlay.value = {name: "transfer"}));

const targets = signal(null);
const load = () => api.get("/transfer-targets").then((found) => { targets.value = found; }).catch(() => { targets.value = {colleagues: [], outside: []}; });

const colleagueRow = (c) => ({
  id: `to-${c.account_id}`, wish: {account_id: c.account_id}, title: c.name, hint: `${c.work_no} · ${t(`agent.phase.${c.state === "idle" ? c.status : c.state}`)}`,
  tag: t(c.is_supervisor ? "agent.transfer.supervisor" : "agent.transfer.colleague"), kind: c.is_supervisor ? "violet" : "blue", icon: c.is_supervisor ? "hand" : "headphones", off: !c.is_reachable,
});
const outsideRow = (o) => ({
  id: `to-${o.number}`, wish: {number: o.number}, title: o.name, hint: "", tag: t(o.is_emergency ? "agent.transfer.emergency" : "agent.transfer.outside"),
  kind: o.is_emergency ? "red" : "", icon: o.is_emergency ? "siren" : "phone-outgoing",
});
const typedRow = (number) => ({id: "to-typed", wish: {number}, title: number, hint: t("agent.transfer.dial"), tag: t("agent.transfer.outside"), kind: "", icon: "phone-outgoing"});

function rowsFor(words) {
  const {colleagues, outside} = targets.value;
  const fits = (row) => !words || `${row.title} ${row.hint}`.includes(words);
  const known = [...outside.map(outsideRow), ...colleagues.map(colleagueRow)].filter(fits);
  const sorted = words ? known : [...known.filter((r) => r.kind === "violet"), ...known.filter((r) => r.kind === "red"), ...known.filter((r) => !["violet", "red"].includes(r.kind))];
  const digits = words.replace(/[\s-]/g, "");
  const isNumber = /^\+?\d{3,16}$/.test(digits) && !outside.some((o) => o.number === digits);
  return isNumber ? [...sorted, typedRow(digits)] : sorted;
}

const Row = ({row, chosen, onChoose}) => html`<li id=${row.id} role="option" aria-selected=${chosen ? "true" : "false"} aria-disabled=${row.off ? "true" : undefined} class=${`cmd ${row.off ? "off" : ""}`} onClick=${onChoose}>
  <${Icon} name=${row.icon} /><b class="s13 ell">${row.title}</b><span class="t3 s12 grow ell">${row.hint}</span><${Tag} kind=${row.kind}>${row.tag}</${Tag}></li>`;

export function TransferDialog() {
  const [words, setWords] = useState(""), [at, setAt] = useState(0);
  const may = canTransfer();
  useEffect(() => { targets.value = null; load(); }, []);
  useEffect(() => { if (!may) close(); }, [may]);
  const rows = targets.value ? rowsFor(words.trim()) : [];
  const row = rows[Math.min(at, rows.length - 1)];
  const send = async (mode) => {
    if (!row || row.off) return;
    await saveNow(form.value ?? undefined);
    if (await askOfCall("transfer", "transfer", {...row.wish, mode})) close(); else load();
  };
  useEffect(() => bind({id: "transfer-cold", combo: "Ctrl+Enter", scope: "transfer", label: t("agent.transfer.cold"), run: () => send("cold")}));
  const onKeyDown = (e) => {
    if (e.isComposing || e.keyCode === 229) return;
    const by = {ArrowDown: 1, ArrowUp: -1}[e.key];
    if (by && rows.length) { e.preventDefault(); setAt((Math.min(at, rows.length - 1) + by + rows.length) % rows.length); }
    if (e.key === "Enter" && !e.ctrlKey) { e.preventDefault(); send("warm"); }
  };
  return html`<${Dialog} title=${t("agent.transfer.title")} icon="phone-forwarded" scope="transfer" lead=${t("agent.transfer.lead")} onClose=${close} footer=${html`
      <${Button} onClick=${close}>${t("ui.cancel")}</${Button}><span class="grow"></span>
      <${Button} keyOf="transfer-cold" disabled=${!row || row.off} pending=${isPending("transfer")} onClick=${() => send("cold")}>${t("agent.transfer.cold")}</${Button}>
      <${Button} kind="primary" icon="users" disabled=${!row || row.off} pending=${isPending("transfer")} onClick=${() => send("warm")}>${t("agent.transfer.warm")}<${Key}>Enter</${Key}></${Button}>`}>
    <input class="in" role="combobox" aria-expanded="true" aria-controls="transfer-list" aria-activedescendant=${row?.id} aria-label=${t("agent.transfer.search")} placeholder=${t("agent.transfer.search")}
      autocomplete="off" maxlength="40" value=${words} onInput=${(e) => { setWords(e.target.value); setAt(0); }} onKeyDown=${onKeyDown} />
    <ul id="transfer-list" class="targets" role="listbox" aria-label=${t("agent.transfer.title")}>${rows.map((each, n) => html`<${Row} key=${each.id} row=${each} chosen=${each === row} onChoose=${() => setAt(n)} />`)}</ul>
    ${targets.value && !rows.length && html`<${EmptyState} icon="search" title=${t("agent.transfer.none")} />`}</${Dialog}>`;
}

const left = (p) => (p.until ? Math.max(0, Math.round(secondsUntil(p.until, now.value))) : null);

/* Under the telephone's keys: who rings or takes part, and how it goes on. */
export function Third() {
  const p = party.value;
  if (!p || isGuest.value) return null;
  const joined = p.state === "joined";
  return html`<div class=${`third ${joined ? "joined" : ""}`} role="status"><div class="row"><${Icon} name=${joined ? "users" : "phone-outgoing"} size="s" /><b class="ell grow">${t(joined ? "agent.transfer.three" : `agent.transfer.state.${p.state}`, {name: p.label})}</b>
      <span class="num s12 t2">${joined ? elapsed(p.joined_at) : left(p)}</span></div>
    <div class="row">${joined && html`<${Button} size="sm" kind="primary" grow keyOf="transfer" pending=${isPending("transfer")} onClick=${finish}>${t("agent.transfer.finish")}</${Button}>`}
      <${Button} size="sm" grow=${!joined} pending=${isPending("transfer")} onClick=${letGo}>${t(joined ? "agent.transfer.let_go" : "agent.transfer.stop")}</${Button}></div></div>`;
}

/* For the one who was asked in: whose talk it is. */
export const Helping = () => html`<div class="third joined" role="status"><div class="row"><${Icon} name="users" size="s" /><b class="ell">${t("agent.transfer.helping", {name: call.value?.agent?.name ?? ""})}</b></div>
  <p class="s12 t2">${t("agent.transfer.helping_hint")}</p></div>`;

/* Who had the call when: for everyone who is not, or no longer, the one who writes its case. */
export const TalkHistory = () => html`<ul class="timeline talks" aria-label=${t("agent.transfer.history")}>${(call.value?.history ?? []).map((one) => html`<li key=${one.at + one.kind}><span><b>${t(`agent.moment.${one.kind}`)}</b> <span class="t2">${one.actor}</span></span>
  <span class="t3 s12 num">${clockTimeSeconds(one.at)}</span>${one.text && html`<p class="note">${one.text}</p>`}</li>`)}</ul>`;
