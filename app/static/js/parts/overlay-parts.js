/* What lies over the page. */
import {t} from "../lib/i18n.js";
import {Button, Dialog, Menu, Toast, html, toast, useState} from "../lib/ui.js";

function Dialogs() {
  const [kind, setKind] = useState(null);
  const close = () => setKind(null);
  return html`<div class="row wrap">${["", "wide", "drawer"].map((one) => html`<${Button} onClick=${() => setKind(one)}>${one || "560 px"}</${Button}>`)}</div>
    ${kind !== null && html`<${Dialog} key=${kind} kind=${kind} title=${t("agent.dispose.title")} icon="circle-check" lead=${t("agent.dispose.lead.answered")} onClose=${close}
      footer=${html`<${Button} onClick=${close}>${t("ui.cancel")}</${Button}><${Button} kind="primary" onClick=${close}>${t("agent.dispose.confirm")}</${Button}>`}><p>${t("agent.dispose.hint.answered")}</p></${Dialog}>`}`;
}

const ITEMS = [{label: t("agent.phase.ready"), icon: "circle-check", checked: true, run: () => null}, {label: t("agent.phase.busy"), icon: "ban", run: () => null},
  {caption: t("agent.phase.break")}, {label: t("agent.reason.meal"), icon: "coffee", run: () => null}, null, {label: t("agent.phase.offline"), icon: "power", run: () => null}];
const Menus = () => html`<${Menu} label=${t("agent.status.label")} items=${ITEMS} button=${(open, toggle) => html`<${Button} icon="chevron-down" aria-haspopup="menu" aria-expanded=${open ? "true" : "false"} onClick=${toggle}>${t("agent.status.label")}</${Button}>`} />`;

const ROWS = [["", t("agent.outbox.sent", {number: "NB261124-00042"})], ["good", t("agent.case.saved")], ["bad", t("api.timeout")]];
const ToastRow = () => html`<div class="row wrap">${ROWS.map(([kind, text]) => html`<${Toast} kind=${kind} text=${text} onClose=${() => null} />`)}</div><div class="row wrap">${ROWS.map(([kind, text]) => html`<${Button} size="sm" onClick=${() => toast(text, {kind})}>toast ${kind}</${Button}>`)}</div>`;

export const OVERLAYS = [
  {title: "Dialog, drawer", note: "dialog, showModal", draw: Dialogs},
  {title: "Menu", note: "↑ ↓ Esc", draw: Menus},
  {title: "Toast", note: "role=status / alert", draw: ToastRow},
];
