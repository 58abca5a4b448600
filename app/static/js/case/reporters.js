/* Who else reported a known case; read when it is opened, for the centre only. */
import {api} from "../lib/api.js";
import {dayTime} from "../lib/clock.js";
import {html, useState} from "../lib/html.js";
import {t} from "../lib/i18n.js";
import {Tag} from "../lib/ui-basic.js";

/** A case that many report says so wherever it is listed. */
export const crowdTags = (one) => [
  ...(one.incident_id ? [{kind: "red", text: t("case.tag.incident")}] : []),
  ...(one.reporters > 0 ? [{kind: "yellow", text: t("case.tag.reporters", {n: one.reporters + 1})}] : []),
];

const Row = ({row}) => html`<li><span class="row wrap"><span class="num t2">${dayTime(row.at)}</span><${Tag}>${t(`reporters.via.${row.via}`)}<//>
  <b class="num">${row.phone ?? t("reporters.withheld")}</b>${row.confidential && html`<${Tag} kind="violet" icon="lock">${t("case.confidential")}<//>`}
  ${row.told_at && html`<${Tag} kind="green">${t("reporters.told", {at: dayTime(row.told_at)})}<//>`}</span>${row.words && html`<div class="t2">${row.words}</div>`}</li>`;

export function Reporters({one}) {
  const [found, setFound] = useState(null), [failed, setFailed] = useState("");
  if (!one.incident_id && !one.reporters) return null;
  const read = (event) => { if (event.target.open) api.get(`/cases/${one.id}/reporters`).then(({items}) => setFound(items), (error) => setFailed(error.message)); };
  return html`<details class="standing-block s13" key=${one.id} onToggle=${read}><summary>${t("reporters.title")}</summary>
    ${failed && html`<p class="err">${failed}</p>`}${found && (found.length ? html`<ul>${found.map((row) => html`<${Row} key=${`${row.at}${row.phone}`} row=${row} />`)}</ul>` : html`<p class="t3">${t("reporters.none")}</p>`)}</details>`;
}
