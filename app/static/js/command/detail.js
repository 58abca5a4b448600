/* One case before the command centre: what the unit asks, who has it, and every decision the server offers. */
import {dayTime, now} from "../lib/clock.js";
import {html, useEffect} from "../lib/html.js";
import {t} from "../lib/i18n.js";
import {bind} from "../lib/keys.js";
import {Button} from "../lib/ui-basic.js";
import {Complaint, Condition, Grounds, PlaceMap, Timeline} from "../case/blocks.js";
import {ChangesNote} from "../case/changes.js";
import {titleOf} from "../case/fields.js";
import {DetailHead, NoCase, Where} from "../case/frame.js";
import {Hero, Marks} from "../case/hero.js";
import {lampNow} from "../case/lamps.js";
import {Asking, More, ask} from "../case/more.js";
import {opened, reload} from "../case/opened.js";
import {Gallery} from "../case/photos.js";
import {Promised} from "../case/promise.js";
import {PromiseLine} from "../case/promise-form.js";
import {Recordings} from "../case/recordings.js";
import {Reporters} from "../case/reporters.js";
import {Standing} from "../case/standing.js";
import {Thread} from "../case/thread.js";
import {VoiceNotes} from "../case/voice.js";
import {busyWith, stateOf} from "../case/work.js";
import {requestsOf} from "./state.js";

/* What a dispatcher decides most, in the order of the buttons; everything else is behind "more". */
const FACES = {
  dispatch: {kind: "primary", icon: "send"}, grant_extension: {kind: "ok", icon: "check"}, refuse_extension: {kind: "", icon: "x"},
  grant_suspension: {kind: "ok", icon: "check"}, refuse_suspension: {kind: "", icon: "x"}, uphold_appeal: {kind: "ok", icon: "check"},
  dismiss_appeal: {kind: "", icon: "x"}, confirm_rejection: {kind: "ok", icon: "check"}, overrule_rejection: {kind: "", icon: "undo-2"},
  confirm_closing: {kind: "ok", icon: "check"}, overrule_closing: {kind: "", icon: "undo-2"},
};
const faced = (detail) => detail.actions.filter(({action}) => FACES[action]);
const runFirst = () => { const {detail} = opened.value, [one] = detail ? faced(detail) : []; if (one) ask(detail, one); };

function ActionBar({detail}) {
  useEffect(() => bind({id: "command.primary", combo: "Ctrl+Enter", label: t("command.key.primary"), run: runFirst}), []);
  const {failure} = stateOf(detail.id), busy = busyWith(detail.id), shown = faced(detail);
  if (!detail.actions.length && !failure) return null;
  return html`<footer class="act"><div class="act-error" role="alert">${failure && html`<span class="err">${failure}</span>`}</div>
    ${shown.map((one, i) => html`<${Button} key=${one.action} size="lg" kind=${FACES[one.action].kind} icon=${FACES[one.action].icon} pending=${busy === one.action}
      disabled=${Boolean(busy) && busy !== one.action} keyOf=${i ? "" : "command.primary"} onClick=${() => ask(detail, one)}>${one.label}<//>`)}
    <${More} detail=${detail} shown=${Object.keys(FACES)} disabled=${Boolean(busy)} /><${Asking} detail=${detail} /></footer>`;
}

const Request = ({one}) => html`<section class="asked" aria-label=${one.label}><b>${t(one.kind === "appeal" ? "command.asks.appeal" : "command.asks", {what: one.label})}</b>
  <p>${one.reason}</p><span class="t2 s12 num">${dayTime(one.asked_at)}${one.until ? ` · ${t("command.until", {at: dayTime(one.until)})}` : ""}${one.reviewed ? ` · ${t("command.reviewed")}` : ""}</span></section>`;

const Photos = ({detail}) => (detail.attachments.length ? html`<section><h3 class="lab">${t("case.photos")}</h3>
  <${Gallery} photos=${detail.attachments} label=${t("case.photos")} /></section>` : null);

export function Detail() {
  const {detail, phase} = opened.value;
  if (!detail || phase !== "ready") return html`<${NoCase} hint=${t("command.none.hint")} />`;
  return html`<section class="card detail" aria-label=${titleOf(detail)}><${DetailHead} one=${detail} lamp=${lampNow(detail, now.value)} /><${ChangesNote} />
    <div class="detail-body"><${Hero} one=${detail}><${Marks} one=${detail} /><${Promised} one=${detail} /><//>
      ${requestsOf(detail.id).map((one) => html`<${Request} key=${one.id} one=${one} />`)}
      <div class="detail-columns"><div class="detail-main"><${Where} one=${detail} />
        <${Standing} one=${detail} /><${Reporters} key=${`r${detail.id}`} one=${detail} /><${Complaint} one=${detail} /><p class="s13"><${PromiseLine} one=${detail} onChange=${reload} /></p><${Thread} key=${detail.id} one=${detail} /><${Condition} condition=${detail.condition} /><${Photos} detail=${detail} /><${VoiceNotes} detail=${detail} /><${Recordings} id=${detail.id} /><${Grounds} one=${detail} /></div>
        <div class="detail-aside"><${Timeline} history=${detail.history} number=${detail.number} /><${PlaceMap} one=${detail} /></div></div></div>
    <${ActionBar} detail=${detail} /></section>`;
}
