/* The strip above the command desk: what many report at once, and what is announced to callers. */
import {html, signal} from "../lib/html.js";
import {t} from "../lib/i18n.js";
import {Button, Icon, Tag} from "../lib/ui-basic.js";
import {IncidentDialog} from "./dialog.js";
import {confirmed, incidents, proposed} from "./store.js";
import {expected, growth, since} from "./words.js";

const openId = signal(null);
export const openIncident = (id) => { openId.value = id; };

const Proposed = ({one}) => html`<li class="incident wants"><${Icon} name="siren" /><div class="grow">
    <div class="row"><b class="ell">${one.title}</b><${Tag} kind="yellow">${one.state_label}<//></div>
    <div class="s12 t2 num ell">${growth(one)} · ${since(one)}</div></div>
  <${Button} size="sm" kind="primary" onClick=${() => openIncident(one.id)}>${t("incident.look")}<//></li>`;

const Confirmed = ({one}) => html`<li class="incident runs"><${Icon} name="radio" /><div class="grow">
    <div class="row"><b class="ell">${one.title}</b><${Tag} kind="red">${one.state_label}<//></div>
    <div class="s12 t2 num ell">${[t("incident.joined", {n: one.joined}), expected(one), one.main_case?.unit].filter(Boolean).join(" · ")}</div></div>
  <${Button} size="sm" onClick=${() => openIncident(one.id)}>${t("incident.manage")}<//></li>`;

export function IncidentStrip() {
  const one = openId.value && incidents.get(openId.value);
  if (!proposed.value.length && !confirmed.value.length) return null;
  return html`<section class="incidents" aria-label=${t("incident.strip")}><ul>
    ${proposed.value.map((each) => html`<${Proposed} key=${each.id} one=${each} />`)}${confirmed.value.map((each) => html`<${Confirmed} key=${each.id} one=${each} />`)}</ul>
    ${one && html`<${IncidentDialog} key=${one.id} one=${one} onClose=${() => openIncident(null)} />`}</section>`;
}
