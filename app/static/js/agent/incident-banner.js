/* Confirmed incidents above the agent's work: what to tell the caller, and one click to attach them. */
import {t} from "../lib/i18n.js";
import {Banner, Button, Tag, html, toast} from "../lib/ui.js";
import {api} from "../lib/api.js";
import {confirmed} from "../incident/store.js";
import {expected} from "../incident/words.js";
import {dispose, during, isPending} from "./actions.js";
import {form, subject, suggestion} from "./form-state.js";
import {openNext} from "./messages.js";
import {drafts, subjectCall} from "./state.js";

const SHOWN = 2;

/* What the form or the machine says of the matter and of its place. */
function about() {
  const fields = form.value?.fields.value, heard = suggestion.value?.places?.[0];
  const place = fields?.place ?? heard ?? {};
  return {code: fields?.class_code || suggestion.value?.candidates?.[0]?.code || "", areas: ["district", "street", "community"].map((level) => place[level]?.code).filter(Boolean)};
}
const fits = (one, {code, areas}) => Boolean(code) && one.classes.some((each) => code.startsWith(each)) && areas.includes(one.area.code);
/* The one this caller speaks of first. */
export const ranked = () => { const known = about(); return [...confirmed.value].sort((a, b) => fits(b, known) - fits(a, known)); };

const canAttach = () => {
  if (!subject.value || form.value?.created.value) return false;
  return subject.value.kind === "sms" ? Boolean(drafts.get(subject.value.id)) : Boolean(subjectCall.value) && !subjectCall.value.disposition;
};
export const firstIncident = () => (canAttach() ? ranked()[0] ?? null : null);

export async function joinIncident(one = firstIncident()) {
  if (!one?.main_case || !canAttach()) return;
  if (subject.value.kind === "sms") await joinDraft(drafts.get(subject.value.id), one);
  else if (await dispose("joined", {caseId: one.main_case.id})) toast(one.told, {kind: "good", seconds: 12});
}

const joinDraft = (draft, one) => during("dispose", async () => {
  const {told} = await api.post(`/cases/${draft.id}/join`, {case_id: one.main_case.id}, {version: draft.version});
  drafts.remove(draft.id);
  openNext();
  toast(told, {kind: "good", seconds: 12});
});

function One({one, isFirst, isLikely}) {
  return html`<${Banner} kind=${isLikely ? "red" : ""} icon="siren"><b class="ell">${one.title}</b><${Tag} kind="red">${t("incident.joined", {n: one.joined})}</${Tag}>
    ${one.expected_until && html`<${Tag} kind="line">${expected(one)}</${Tag}>`}<span class="ell t2">${one.told}</span><span class="grow"></span>
    ${canAttach() && html`<${Button} size="sm" kind=${isLikely ? "primary" : ""} icon="git-merge" keyOf=${isFirst ? "join" : undefined} pending=${isPending("dispose")} onClick=${() => joinIncident(one)}>${t("incident.attach")}</${Button}>`}</${Banner}>`;
}

export function IncidentBanner() {
  const all = ranked(), known = about();
  if (!all.length) return null;
  return html`<section class="incident-banners" aria-label=${t("incident.strip")}>${all.slice(0, SHOWN).map((one, n) => html`<${One} key=${one.id} one=${one} isFirst=${n === 0} isLikely=${fits(one, known)} />`)}
    ${all.length > SHOWN && html`<p class="s12 t2 more-incidents">${t("incident.more", {n: all.length - SHOWN})}</p>`}</section>`;
}
