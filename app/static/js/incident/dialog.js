/* One incident before the command centre: who reported what, and what callers are to hear. */
import {clockTime} from "../lib/clock.js";
import {html, useEffect, useState} from "../lib/html.js";
import {t} from "../lib/i18n.js";
import {bind} from "../lib/keys.js";
import {Button, EmptyState, Icon, Tag} from "../lib/ui-basic.js";
import {Field, TextArea} from "../lib/ui-form.js";
import {Dialog} from "../lib/ui-overlay.js";
import {decide, failure, isSending, readDetail} from "./work.js";
import {asField, expected, fromField, growth} from "./words.js";

const LONGEST = 120;

/* The lines are read when the dialog opens and again with every newer version. */
function useDetail(one) {
  const [detail, setDetail] = useState(null);
  useEffect(() => {
    let gone = false;
    readDetail(one.id).then((found) => { if (!gone) setDetail(found); }, () => { /* the card stands without its lines */ });
    return () => { gone = true; };
  }, [one.id, one.version]);
  return detail;
}

function Line({line, main, picked, onPick, onMain}) {
  const {case: c} = line;
  return html`<li class=${`incident-line${line.attached ? " attached" : ""}`}>
    ${onPick && c ? html`<input type="checkbox" checked=${picked} aria-label=${t("incident.belongs", {number: c.number})} onChange=${onPick} />` : html`<span></span>`}
    <span class="num t2">${clockTime(line.at)}</span><${Tag} kind=${c ? "" : "yellow"}>${line.source}<//>
    <span class="grow">${c ? html`<b class="ell">${c.class_name || t("incident.unfiled")} · ${c.address || "—"}</b><span class="t2 s12 ell">${line.text}</span>`
      : html`<span class="t2">${t("incident.caller", {phone: line.text || t("incident.withheld")})}</span>`}</span>
    ${c && html`<span class="num t3 s12">${c.number}</span>`}
    ${c && (main === c.id ? html`<${Tag} kind="blue">${t("incident.main")}<//>` : onMain && c.unit ? html`<${Button} size="sm" kind="ghost" onClick=${onMain}>${t("incident.make_main")}<//>` : line.attached && html`<${Tag} kind="green">${t("incident.attached")}<//>`)}</li>`;
}

function Words({text, until, onText, onUntil}) {
  return html`<div class="incident-words"><${Field} label=${t("incident.announcement")} required hint=${`${text.length}/${LONGEST}`}>
      ${(id) => html`<${TextArea} id=${id} rows=${2} maxlength=${LONGEST} value=${text} onInput=${onText} />`}<//>
    <${Field} label=${t("incident.until")} hint=${t("incident.until_hint")}>
      ${(id) => html`<input id=${id} class="in num" type="datetime-local" value=${until} onInput=${(e) => onUntil(e.target.value)} />`}<//></div>`;
}

/* `kind`: how to decide against it, or that it is over; the reason stays on the record. */
function Reason({label, hint, buttons, onCancel}) {
  const [reason, setReason] = useState("");
  const ready = reason.trim().length >= 2;
  return html`<div class="incident-reason"><${Field} label=${label} required>
      ${(id) => html`<input id=${id} class="in" maxlength="300" value=${reason} placeholder=${hint} onInput=${(e) => setReason(e.target.value)} />`}<//>
    <div class="row">${buttons.map(({what, text, kind, run}) => html`<${Button} key=${text} kind=${kind} disabled=${!ready} pending=${isSending(what)} onClick=${() => run(reason.trim())}>${text}<//>`)}
      <span class="grow"></span><${Button} kind="ghost" onClick=${onCancel}>${t("case.cancel")}<//></div></div>`;
}

export function IncidentDialog({one, onClose}) {
  const detail = useDetail(one), lines = detail?.lines ?? [], isNew = one.state === "proposed";
  const [text, setText] = useState(one.announcement), [until, setUntil] = useState(asField(one.expected_until));
  const [left, setLeft] = useState(new Set()), [main, setMain] = useState(null), [asks, setAsks] = useState(false);
  const ids = lines.filter((line) => line.case).map((line) => line.case.id), chosen = ids.filter((id) => !left.has(id));
  const beside = lines.filter((line) => line.case && !line.attached).map((line) => line.case.id);
  const words = {announcement: text.trim(), expected_until: fromField(until)};
  const send = async (what, body) => { if (await decide(one, what, body) && what !== "cases") onClose(); };
  const save = () => (isNew ? send("confirm", {...words, case_ids: chosen, ...(main ? {main_case_id: main} : {})}) : send("change", words));
  useEffect(() => { failure.value = ""; }, []);
  useEffect(() => bind({id: "incident.save", combo: "Ctrl+Enter", scope: "incident", label: t("incident.confirm"), run: save}));
  const toggle = (id) => () => { const next = new Set(left); if (!next.delete(id)) next.add(id); setLeft(next); };
  // The main case is one that a unit has; what was only written or said is none yet.
  const lacksMain = isNew && detail !== null && !lines.some(({case: c}) => c?.unit && !left.has(c.id));
  const ready = words.announcement.length >= 4 && !lacksMain && (!isNew || chosen.length > 0);
  return html`<${Dialog} title=${one.title} icon="siren" kind="wide incident-dialog" scope="incident" lead=${leadOf(one, isNew)} onClose=${onClose}
    footer=${html`<span class="grow err" role="alert">${failure.value}</span>
      <${Button} kind=${isNew ? "" : "danger"} disabled=${asks} onClick=${() => setAsks(true)}>${t(isNew ? "incident.dismiss" : "incident.end")}<//>
      ${!isNew && beside.length > 0 && html`<${Button} pending=${isSending("cases")} onClick=${() => send("cases", {case_ids: beside})}>${t("incident.attach_rest", {n: beside.length})}<//>`}
      <${Button} kind="primary" disabled=${!ready} pending=${isSending(isNew ? "confirm" : "change")} keyOf="incident.save" onClick=${save}>${t(isNew ? "incident.confirm" : "incident.save")}<//>`}>
    ${asks && html`<${Deciding} ...${{one, isNew, send}} onCancel=${() => setAsks(false)} />`}
    <${Words} text=${text} until=${until} onText=${setText} onUntil=${setUntil} />
    ${lacksMain && html`<p class="row s13 amber-text"><${Icon} name="triangle-alert" size="s" />${t("incident.need_main")}</p>`}
    <section><h3 class="lab">${t("incident.lines", {n: lines.length})}</h3>
      ${lines.length ? html`<ul class="incident-lines" tabindex="0" aria-label=${t("incident.lines", {n: lines.length})}>${lines.map((line) => html`<${Line} key=${`${line.case?.id}/${line.call_id}`} line=${line} main=${main ?? one.main_case?.id ?? null}
        picked=${line.case && !left.has(line.case.id)} onPick=${isNew && line.case ? toggle(line.case.id) : null} onMain=${isNew && line.case ? () => setMain(line.case.id) : null} />`)}</ul>`
        : html`<${EmptyState} icon="phone" title=${t("incident.no_lines")} />`}</section><//>`;
}

const leadOf = (one, isNew) => (isNew ? t("incident.lead.proposed", {growth: growth(one), n: one.people_needed, minutes: one.minutes})
  : [t("incident.lead.confirmed", {number: one.number, n: one.joined}), one.main_case && `${one.main_case.number} ${one.main_case.unit} ${one.main_case.state_label}`, expected(one)].filter(Boolean).join(" · "));

function Deciding({one, isNew, send, onCancel}) {
  const buttons = isNew ? [{what: "dismiss", kind: "danger", text: t("incident.dismiss_now"), run: (reason) => send("dismiss", {reason})}]
    : [{what: "end", kind: "ok", text: t("incident.fixed", {n: one.joined}), run: (reason) => send("end", {fixed: true, reason})},
      {what: "end", kind: "", text: t("incident.over"), run: (reason) => send("end", {fixed: false, reason})}];
  return html`<${Reason} label=${t(isNew ? "incident.why_not" : "incident.how_ended")} hint=${t(isNew ? "incident.why_not_hint" : "incident.how_ended_hint")} buttons=${buttons} onCancel=${onCancel} />`;
}
