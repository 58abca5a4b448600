/* The caller rings or writes again about what was closed: shown to the agent, who decides. */
import {api} from "../lib/api.js";
import {whenText} from "../lib/clock.js";
import {t} from "../lib/i18n.js";
import {Button, Icon, Tag, html, signal, toast} from "../lib/ui.js";
import {dispose} from "./actions.js";
import {callerWords, edit, forgetDraft, form} from "./form-state.js";
import {drafts, myCases, openCaseId} from "./state.js";

const busy = signal(0);

/* The old case goes back to its unit in the caller's words; an SMS needs no case of its own then. */
async function takeAgain(f, found) {
  const {case: c} = found, text = (f.fields.value.description.trim() || callerWords.value).slice(0, 1000);
  busy.value = c.id;
  try {
    const detail = await api.post(`/cases/${c.id}/repeat`, {text, [f.kind === "call" ? "call_id" : "draft_id"]: f.id}, {version: c.version});
    f.created.value = detail;
    forgetDraft(f);
    myCases.upsert(detail);
    if (f.kind === "sms") drafts.remove(f.id);
    else await dispose("case", {note: t("repeat.note", {number: c.number}), caseId: c.id});
  } catch (error) { toast(error.message, {kind: "bad"}); } finally { busy.value = 0; }
}

function Again({f, found}) {
  const {case: c, days, may_reopen: open, reasons} = found, linked = f.fields.value.repeat_of === c.id;
  return html`<div class="again"><button type="button" class="plain ell b s13" onClick=${() => { openCaseId.value = c.id; }}>${c.class_name} · ${c.address}</button>
    <div class="row s12 t2"><span class="num">${c.number}</span><span>${t("repeat.closed", {at: whenText(c.closed_at)})}</span>${c.rating && html`<${Tag}>${t("agent.caller.rated", {n: c.rating})}<//>`}<span class="t3 ell">${reasons.slice(0, 2).join(" · ")}</span></div>
    ${open ? html`<${Button} size="sm" kind="primary" icon="rotate-ccw" pending=${busy.value === c.id} onClick=${() => takeAgain(f, found)}>${t("repeat.again")}<//>`
      : html`<${Button} size="sm" icon="link" pressed=${linked ? "true" : "false"} onClick=${() => edit({repeat_of: linked ? null : c.id})}>${t(linked ? "repeat.linked" : "repeat.link", {n: days})}<//>`}</div>`;
}

export function Repeats() {
  const f = form.value, found = f && !f.created.value ? f.repeats.value : [];
  if (!found.length) return null;
  return html`<section class="card fixed repeats" role="status" aria-label=${t("repeat.title")}><header><${Icon} name="history" /><h2>${t(found[0].days ? "repeat.days" : "repeat.today", {n: found[0].days})}</h2></header>
    <div class="body">${found.map((each) => html`<${Again} key=${each.case.id} f=${f} found=${each} />`)}<p class="t3 s12">${t("repeat.hint")}</p></div></section>`;
}
