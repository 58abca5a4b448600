/* The bar under the form: file and dispatch, or end the call in another way. */
import {t} from "../lib/i18n.js";
import {Button, Menu, html} from "../lib/ui.js";
import {isPending} from "./actions.js";
import {overlay, subjectCall} from "./state.js";
import {createCase} from "./submit.js";

const OTHERS = [["status_query", "history"], ["urged", "megaphone"], ["prank", "ban"], ["emergency_transferred", "siren"]];
const ask = (kind) => { overlay.value = {name: "dispose", kind}; };
const items = () => OTHERS.map(([kind, icon]) => ({label: t(`disposition.${kind}`), icon, run: () => ask(kind)}));

const Others = () => html`<div class="up"><${Menu} label=${t("agent.bar.others")} items=${items()} button=${(open, toggle) =>
  html`<${Button} size="lg" icon="ellipsis" aria-haspopup="menu" aria-expanded=${open ? "true" : "false"} onClick=${toggle}>${t("agent.bar.others")}</${Button}>`} /></div>`;

const ForCall = () => (subjectCall.value?.disposition ? null : html`<${Button} size="lg" keyOf="answered" pending=${isPending("dispose")} onClick=${() => ask("answered")}>${t("agent.bar.answered")}</${Button}><${Others} />`);
const ForMessage = ({f}) => html`<${Button} size="lg" icon="ban" onClick=${() => { overlay.value = {name: "void-draft", id: f.id}; }}>${t("agent.bar.void")}</${Button}>`;

export function ActionBar({f, onSave}) {
  const open = !f.created.value && !f.waiting.value;
  if (!open && (f.kind === "sms" || subjectCall.value?.disposition)) return null;
  return html`<div class="act">${open && html`<${Button} kind="primary" size="lg" icon="zap" keyOf="create" pending=${f.sending.value} onClick=${createCase}>${t("agent.bar.create")}</${Button}>`}
    ${open && f.kind === "sms" ? html`<${ForMessage} f=${f} />` : f.kind === "call" && html`<${ForCall} />`}
    <span class="grow"></span>${open && f.kind === "call" && html`<${Button} kind="ghost" keyOf="save" onClick=${onSave}>${t("agent.bar.save")}</${Button}>`}</div>`;
}
