/* Asking for a reason, and where it helps a photograph, before a case goes back. What was typed survives closing the dialog. */
import {html, signal, useLayoutEffect} from "../lib/html.js";
import {t} from "../lib/i18n.js";
import {bind} from "../lib/keys.js";
import {Button} from "../lib/ui-basic.js";
import {Field, TextArea} from "../lib/ui-form.js";
import {Dialog} from "../lib/ui-overlay.js";
import {basketOf} from "./basket.js";
import {PhotoPicker} from "./photos.js";
import {busyWith, run, stateOf} from "./work.js";

const typed = new Map();
const textOf = (name) => { if (!typed.has(name)) typed.set(name, signal("")); return typed.get(name); };

/** texts: {title, lead, label, example, send, words}; photos: a purpose, or nothing. */
export function ReasonDialog({detail, action, icon, kind, texts, photos, onClose, onDone}) {
  const text = textOf(`${detail.id}/${action}`), basket = photos && basketOf(detail.id, photos);
  const pending = busyWith(detail.id) === action, {failure} = stateOf(detail.id);
  const send = () => {
    const reason = text.value.trim();
    if (!reason || pending) return;
    run(detail, action, {body: {reason}, prepare: basket?.sendAll, words: texts.words, then: () => { text.value = ""; onClose(); onDone?.(); }});
  };
  useLayoutEffect(() => bind({id: `reason.${action}`, combo: "Ctrl+Enter", scope: "reason", label: texts.send, run: send}), [detail.id]);
  const footer = html`<span class="grow err" role="alert">${failure}</span><${Button} onClick=${onClose}>${t("case.cancel")}<//>
    <${Button} kind=${kind} pending=${pending} disabled=${!text.value.trim()} keyOf=${`reason.${action}`} onClick=${send}>${texts.send}<//>`;
  return html`<${Dialog} title=${texts.title} icon=${icon} scope="reason" lead=${texts.lead} onClose=${onClose} footer=${footer}>
    <${Field} label=${texts.label} required>
      ${(id) => html`<${TextArea} id=${id} rows=${4} maxlength="500" required value=${text.value} placeholder=${texts.example}
        disabled=${pending} onInput=${(value) => { text.value = value; }} />`}<//>
    ${basket && html`<${PhotoPicker} basket=${basket} busy=${pending} title=${t(`case.photos.${photos}`)} />`}<//>`;
}
