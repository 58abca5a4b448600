/* One line under the head: what many citizens report at once. */
import {html} from "../lib/html.js";
import {t} from "../lib/i18n.js";
import {Icon} from "../lib/ui.js";
import {confirmed, proposed} from "../incident/store.js";
import {expected} from "../incident/words.js";

const SHOWN = 3;
const One = ({one}) => html`<span class="wall-incident wall-ellipsis"><b>${one.title}</b> ${[t("incident.joined", {n: one.joined}), expected(one)].filter(Boolean).join(" · ")}</span>`;

export function Incidents() {
  const running = confirmed.value, waiting = proposed.value.length;
  if (!running.length && !waiting) return null;
  return html`<section class="wall-incidents" aria-label=${t("incident.strip")}><${Icon} name="siren" /><span class="wall-strong">${t("incident.strip")}</span>
    ${running.slice(0, SHOWN).map((one) => html`<${One} key=${one.id} one=${one} />`)}${running.length > SHOWN && html`<span class="wall-muted">${t("incident.more", {n: running.length - SHOWN})}</span>`}
    <span class="wall-push"></span>${waiting > 0 && html`<span class="wall-muted">${t("incident.waiting", {n: waiting})}</span>`}</section>`;
}
