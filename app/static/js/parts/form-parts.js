/* Things to fill in. */
import {t} from "../lib/i18n.js";
import {Field, Segmented, Tabs, TextArea, Toggle, html, useState} from "../lib/ui.js";

function Fields() {
  const [text, setText] = useState("");
  return html`<div class="stack two"><${Field} label=${t("agent.form.address")} required>${(id) => html`<input id=${id} class="in" placeholder=${t("agent.form.address_hint")} />`}</${Field}>
    <${Field} label=${t("agent.form.address")} required error=${t("agent.form.need_address")}>${(id) => html`<input id=${id} class="in" aria-invalid="true" />`}</${Field}>
    <${Field} label=${t("agent.form.phone")}>${(id) => html`<input id=${id} class="in num" value="138****6207" disabled />`}</${Field}>
    <${Field} label=${t("agent.form.description")} hint=${t("agent.form.length", {n: text.length})}>${(id) => html`<${TextArea} id=${id} rows=${3} value=${text} placeholder=${t("agent.form.description_hint")} onInput=${setText} />`}</${Field}></div>`;
}

function Toggles() {
  const [on, setOn] = useState(true);
  return html`<div class="row wrap"><${Toggle} on=${on} label=${t("agent.form.sms_long")} short=${t("agent.form.sms")} onChange=${setOn} /><${Toggle} on=${false} label=${t("agent.form.secret")} onChange=${() => null} /><${Toggle} on disabled label=${t("parts.disabled")} onChange=${() => null} /></div>`;
}

const options = (prefix, values) => values.map((value) => ({value, label: t(`${prefix}.${value}`)}));
function Choices() {
  const [intent, setIntent] = useState("complaint"), [urgency, setUrgency] = useState("normal");
  return html`<div class="row wrap"><${Segmented} label=${t("agent.form.intent")} options=${options("intent", ["complaint", "report", "help", "consult", "suggestion"])} value=${intent} onChange=${setIntent} />
    <${Segmented} label=${t("agent.form.urgency")} options=${options("urgency", ["normal", "urgent", "critical"])} value=${urgency} onChange=${setUrgency} /></div>`;
}

function TabRow() {
  const [tab, setTab] = useState("calls");
  const tabs = [{value: "calls", label: t("agent.nav.calls"), icon: "phone"}, {value: "messages", label: t("agent.nav.messages"), count: 3}, {value: "cases", label: t("agent.nav.cases"), count: 1, alarm: true}];
  return html`<div class="tab-row"><${Tabs} name="gallery" label="Tabs" tabs=${tabs} value=${tab} onChange=${setTab} /></div><div id="gallery-panel" role="tabpanel" aria-labelledby=${`gallery-${tab}`} class="t2 s13">${tabs.find((one) => one.value === tab).label}</div>`;
}

export const FORMS = [
  {title: "Field, TextArea", note: "34 px", draw: Fields},
  {title: "Toggle", note: "role=switch", draw: Toggles},
  {title: "Segmented", note: "role=radiogroup, ← →", draw: Choices},
  {title: "Tabs", note: "role=tablist, ← →", draw: TabRow},
];
