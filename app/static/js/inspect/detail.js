/* One case to be checked: what was reported, what was done, what must be true before it may be closed. */
import {dayTime, durationText, now} from "../lib/clock.js";
import {html} from "../lib/html.js";
import {t} from "../lib/i18n.js";
import {Icon, Tag} from "../lib/ui-basic.js";
import {Complaint, Condition, Grounds, PlaceMap, Timeline} from "../case/blocks.js";
import {ChangesNote} from "../case/changes.js";
import {titleOf} from "../case/fields.js";
import {DetailHead, NoCase, Where} from "../case/frame.js";
import {Marks} from "../case/hero.js";
import {opened} from "../case/opened.js";
import {Gallery} from "../case/photos.js";
import {Standing} from "../case/standing.js";
import {Unseen, VoiceNotes} from "../case/voice.js";
import {Verdict} from "./verdict.js";
import {checkLamp, isTask, isVerification, waitedSeconds, waitingSince} from "./waiting.js";

function Waiting({one}) {
  if (!isTask(one)) return html`<section class="hero grey"><${Icon} name="circle-check" size="l" /><b class="hero-word">${one.state_label}</b></section>`;
  const late = one.lamp === "red";
  return html`<section class=${`hero ${checkLamp(one, now.value)}`} aria-label=${t("inspect.waiting")}><${Icon} name="timer" size="l" />
    <div><div class="s12">${t(isVerification(one) ? "inspect.verify.since" : "inspect.waiting.since", {at: dayTime(new Date(waitingSince(one)).toISOString())})}</div>
      <b class="hero-word num">${durationText(waitedSeconds(one, now.value))}</b></div><span class="grow"></span>
    <div class="hero-side s13">${!isVerification(one) && html`<${Tag} kind=${late ? "red" : "line"}>${t(late ? "case.hero.was_late" : "case.hero.in_time")}<//>`}<${Marks} one=${one} /></div>
  </section>`;
}

const isOfThisRound = (photo, detail) => photo.purpose === "result" && (photo.round ?? 0) === (detail.round ?? detail.reworks);
const before = (detail) => detail.attachments.filter((one) => one.purpose === "report");
const afterwards = (detail) => detail.attachments.filter((one) => isOfThisRound(one, detail));
const earlier = (detail) => detail.attachments.filter((one) => one.purpose !== "report" && !isOfThisRound(one, detail));

const Photos = ({title, photos, none}) => html`<section><h3 class="lab">${title}</h3><${Gallery} photos=${photos} label=${title} none=${none} /></section>`;

function Compare({detail}) {
  const first = before(detail), last = afterwards(detail);
  // Most callers send no picture: then what was done has the whole width.
  return html`<div class=${`compare${first.length ? "" : " alone"}`}>
    ${first.length > 0 && html`<${Photos} title=${t("inspect.before")} photos=${first} />`}
    <${Photos} title=${t(first.length ? "inspect.after" : "inspect.after.alone")} photos=${last} none=${t("inspect.after.none")} /></div>`;
}

const Closing = ({condition}) => condition && html`<section class="closing"><span class="s12">${t("case.condition.closing")}</span>
  <b>${condition.closing || "–"}</b><span class="s12 t2">${t("inspect.filed_as", {text: condition.text})}</span></section>`;

const Said = ({detail}) => html`<section><h3 class="lab">${t("inspect.said", {unit: detail.unit?.name ?? ""})}</h3>
  <p class="said">${detail.result || "–"}</p></section>`;

const Main = ({detail}) => html`<div class="detail-main">
  <${Where} one=${detail} />
  ${isVerification(detail) ? html`<${Photos} title=${t("case.photos")} photos=${detail.attachments} none=${t("case.photos.none")} />` : html`<${Unseen} detail=${detail} /><${Compare} detail=${detail} /><${Said} detail=${detail} />`}<${VoiceNotes} detail=${detail} />${isVerification(detail) ? html`<${Condition} condition=${detail.condition} />` : html`<${Closing} condition=${detail.condition} />`}<${Standing} one=${detail} /><${Complaint} one=${detail} />
  ${earlier(detail).length > 0 && html`<${Photos} title=${t("inspect.earlier")} photos=${earlier(detail)} />`}<${Grounds} one=${detail} /></div>`;

export function Detail() {
  const {detail, phase} = opened.value;
  if (!detail || phase !== "ready") return html`<${NoCase} hint=${t("inspect.none.hint")} />`;
  const lamp = isTask(detail) ? checkLamp(detail, now.value) : detail.lamp;
  return html`<section class="card detail" aria-label=${titleOf(detail)}><${DetailHead} one=${detail} lamp=${lamp} /><${ChangesNote} />
    <div class="detail-body"><${Waiting} one=${detail} /><div class="detail-columns"><${Main} detail=${detail} />
      <div class="detail-aside"><${Timeline} history=${detail.history} number=${detail.number} /><${PlaceMap} one=${detail} /></div></div></div>
    <${Verdict} detail=${detail} /></section>`;
}
