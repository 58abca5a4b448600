/* Two people changed the same field: both versions side by side, nothing is lost, a person decides. */
import {clockTimeSeconds} from "../lib/clock.js";
import {t} from "../lib/i18n.js";
import {Button, Dialog, html, useEffect, useState} from "../lib/ui.js";
import {bind} from "../lib/keys.js";
import {saveMerged, saving} from "./case-detail.js";
import {overlay} from "./state.js";

const shownValue = (field, value) => {
  if (value === null || value === "") return t("agent.conflict.empty");
  return field === "urgency" ? t(`urgency.${value}`) : String(value);
};
const NAMES = {address: "agent.form.address", description: "agent.form.description", urgency: "agent.form.urgency", lng: "agent.conflict.lng", lat: "agent.conflict.lat"};

const Side = ({field, value, picked, label, onPick}) => html`<td class=${picked ? "pick-side" : ""}><button type="button" role="radio" aria-checked=${picked ? "true" : "false"} aria-label=${`${label}：${shownValue(field, value)}`} onClick=${onPick}>
  ${picked ? html`<b>${shownValue(field, value)}</b>` : shownValue(field, value)}</button></td>`;

export function ConflictDialog({mine, theirs, merged, clashes, taken, hand, mineAt}) {
  const [choice, setChoice] = useState(Object.fromEntries(clashes.map((field) => [field, "mine"])));
  const [full, setFull] = useState(false);
  const other = hand?.actor || t("agent.conflict.somebody");
  const close = () => { overlay.value = null; };
  const result = (pick) => ({...merged, ...Object.fromEntries(clashes.map((field) => [field, pick(field) === "mine" ? mine[field] : theirs[field] ?? null]))});
  const save = () => saveMerged(theirs, result((field) => choice[field]));
  const takeTheirs = () => saveMerged(theirs, result(() => "theirs"));
  useEffect(() => bind({id: "conflict-save", combo: "Ctrl+Enter", scope: "conflict", label: t("agent.conflict.save"), run: save}));
  const side = (field, name, value, label) => html`<${Side} field=${field} value=${value} label=${label} picked=${choice[field] === name} onPick=${() => setChoice({...choice, [field]: name})} />`;
  return html`<${Dialog} title=${t("agent.conflict.title", {who: other})} icon="triangle-alert" kind="wide" scope="conflict" lead=${taken.length ? t("agent.conflict.lead", {n: taken.length}) : t("agent.conflict.lead_plain")} onClose=${close} footer=${html`
      <${Button} onClick=${takeTheirs}>${t("agent.conflict.theirs")}</${Button}><${Button} pressed=${full ? "true" : "false"} onClick=${() => setFull(!full)}>${t("agent.conflict.full")}</${Button}>
      <${Button} kind="primary" keyOf="conflict-save" pending=${saving.value} onClick=${save}>${t("agent.conflict.save")}</${Button}>`}>
    <table class="diff"><thead><tr><th scope="col">${t("agent.conflict.field")}</th><th scope="col">${t("agent.conflict.mine")} <span class="num">${clockTimeSeconds(mineAt)}</span></th><th scope="col">${other} <span class="num">${hand ? clockTimeSeconds(hand.at) : ""}</span></th></tr></thead>
      <tbody>${clashes.map((field) => html`<tr role="radiogroup" aria-label=${t(NAMES[field])} key=${field}><th scope="row">${t(NAMES[field])}</th>${side(field, "mine", mine[field], t("agent.conflict.mine"))}${side(field, "theirs", theirs[field], other)}</tr>`)}
      ${full && Object.keys(mine).filter((field) => !clashes.includes(field) && NAMES[field] && field !== "lng" && field !== "lat").map((field) => html`<tr class="t2" key=${field}><th scope="row">${t(NAMES[field])}</th><td>${shownValue(field, merged[field])}</td><td>${shownValue(field, theirs[field])}</td></tr>`)}</tbody></table></${Dialog}>`;
}
