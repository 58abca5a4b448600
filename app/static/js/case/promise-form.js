/* "已告知市民：… 前办结": what was quoted, and the way to tell another time. */
import {api} from "../lib/api.js";
import {dayTime} from "../lib/clock.js";
import {html, useState} from "../lib/html.js";
import {t} from "../lib/i18n.js";
import {Button} from "../lib/ui-basic.js";
import {toast} from "../lib/ui-overlay.js";
import {fromField, toField} from "./city-time.js";

function Editor({one, onDone, onCancel}) {
  const [until, setUntil] = useState(toField(one.promised_until ?? one.due_at ?? new Date(Date.now() + 864e5).toISOString()));
  const [text, setText] = useState(""), [busy, setBusy] = useState(false);
  const send = async () => {
    setBusy(true);
    try { onDone(await api.post(`/cases/${one.id}/promise`, {until: fromField(until), text: text.trim()}, {version: one.version})); }
    catch (error) { toast(error.message, {kind: "bad"}); setBusy(false); }
  };
  return html`<div class="promise-form"><input class="in num" type="datetime-local" value=${until} aria-label=${t("case.promise.until")} onInput=${(e) => setUntil(e.target.value)} />
    <input class="in grow" value=${text} maxlength="120" aria-label=${t("case.promise.words")} placeholder=${t("case.promise.words")} onInput=${(e) => setText(e.target.value)} />
    <${Button} kind="primary" size="sm" pending=${busy} disabled=${!until} onClick=${send}>${t("case.promise.save")}<//><${Button} kind="ghost" size="sm" onClick=${onCancel}>${t("ui.cancel")}<//></div>`;
}

/** onChange(detail): the case as it is after another time was told. */
export function PromiseLine({one, onChange}) {
  const [editing, setEditing] = useState(false);
  const over = ["closed", "rejected", "void"].includes(one.state);
  if (editing) return html`<${Editor} one=${one} onCancel=${() => setEditing(false)} onDone=${(detail) => { setEditing(false); onChange(detail); }} />`;
  return html`<span class="row wrap"><span>${one.promised_until ? t("case.promise.told", {at: dayTime(one.promised_until)}) : t("case.promise.none")}</span>
    ${!over && html`<${Button} size="sm" kind="ghost" icon="pencil" onClick=${() => setEditing(true)}>${t("case.promise.change")}<//>`}</span>`;
}
