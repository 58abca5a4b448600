/* One case to be checked: what was reported, what was done, what must be true before it may be closed. */
import {boot} from "../lib/boot.js";
import {dayTime, durationText, now} from "../lib/clock.js";
import {html, signal, useEffect} from "../lib/html.js";
import {t} from "../lib/i18n.js";
import {bind} from "../lib/keys.js";
import {Button, Icon, Tag} from "../lib/ui-basic.js";
import {Complaint, Grounds, PlaceMap, Timeline} from "../case/blocks.js";
import {ChangesNote} from "../case/changes.js";
import {titleOf, where} from "../case/fields.js";
import {DetailHead, NoCase} from "../case/frame.js";
import {Marks} from "../case/hero.js";
import {opened} from "../case/opened.js";
import {Gallery} from "../case/photos.js";
import {ReasonDialog} from "../case/reason.js";
import {isPhone, select} from "../case/route.js";
import {busyWith, run, stateOf} from "../case/work.js";
import {after} from "./state.js";
import {checkLamp, waitedSeconds} from "./waiting.js";

/* The case whose failure is being explained. */
const failing = signal(null);

const offered = (detail, action) => detail.actions.find((one) => one.action === action);
const goOn = (next) => select(isPhone.value ? null : next);

function pass(detail) {
  const next = after(detail.id);
  run(detail, "pass_check", {words: t("inspect.done.pass", {number: detail.number}), then: () => goOn(next)});
}

function Waiting({one}) {
  if (one.state !== "checking") return html`<section class="hero grey"><${Icon} name="circle-check" size="l" /><b class="hero-word">${one.state_label}</b></section>`;
  const late = one.lamp === "red";
  return html`<section class=${`hero ${checkLamp(one, now.value)}`} aria-label=${t("inspect.waiting")}><${Icon} name="timer" size="l" />
    <div><div class="s12">${t("inspect.waiting.since", {at: dayTime(one.fed_back_at)})}</div><b class="hero-word num">${durationText(waitedSeconds(one, now.value))}</b></div><span class="grow"></span>
    <div class="hero-side s13"><${Tag} kind=${late ? "red" : "line"}>${t(late ? "case.hero.was_late" : "case.hero.in_time")}<//><${Marks} one=${one} /></div></section>`;
}

const photosOf = (detail, purpose) => detail.attachments.filter((one) => one.purpose === purpose);
const ofRound = (detail) => photosOf(detail, "result").filter((one) => (one.round ?? 0) === detail.reworks);
const ofEarlierRounds = (detail) => detail.attachments.filter((one) => one.purpose === "check" || (one.purpose === "result" && (one.round ?? 0) !== detail.reworks));

function Compare({detail}) {
  const before = photosOf(detail, "report"), afterwards = ofRound(detail);
  // Most callers send no picture: then what was done has the whole width.
  return html`<div class=${`compare${before.length ? "" : " alone"}`}>
    ${before.length > 0 && html`<${Photos} title=${t("inspect.before")} photos=${before} />`}
    <${Photos} title=${t(before.length ? "inspect.after" : "inspect.after.alone")} photos=${afterwards} none=${t("inspect.after.none")} /></div>`;
}

const Photos = ({title, photos, none}) => html`<section><h3 class="lab">${title}</h3><${Gallery} photos=${photos} label=${title} none=${none} /></section>`;

const Earlier = ({detail}) => ofEarlierRounds(detail).length > 0 && html`<section><h3 class="lab">${t("inspect.earlier")}</h3><${Gallery} photos=${ofEarlierRounds(detail)} label=${t("inspect.earlier")} /></section>`;

const Closing = ({condition}) => condition && html`<section class="closing"><span class="s12">${t("case.condition.closing")}</span><b>${condition.closing || "–"}</b>
  <span class="s12 t2">${t("inspect.filed_as", {text: condition.text})}</span></section>`;

export function Detail() {
  const {detail, phase} = opened.value;
  if (!detail || phase !== "ready") return html`<${NoCase} hint=${t("inspect.none.hint")} />`;
  return html`<section class="card detail" aria-label=${titleOf(detail)}><${DetailHead} one=${detail} lamp=${detail.state === "checking" ? checkLamp(detail, now.value) : detail.lamp} /><${ChangesNote} />
    <div class="detail-body"><${Waiting} one=${detail} /><div class="detail-columns"><div class="detail-main">
      <p class="phone-only s13 t2"><span class="num">${detail.number}</span> · ${where(detail, {district: true})}</p>
      <${Compare} detail=${detail} /><section><h3 class="lab">${t("inspect.said", {unit: detail.unit?.name ?? ""})}</h3><p class="said">${detail.result || "–"}</p></section>
      <${Closing} condition=${detail.condition} /><${Complaint} one=${detail} /><${Earlier} detail=${detail} /><${Grounds} one=${detail} /></div>
      <div class="detail-aside"><${Timeline} history=${detail.history} /><${PlaceMap} one=${detail} tiles=${boot.tiles} /></div></div></div><${Verdict} detail=${detail} /></section>`;
}

function Verdict({detail}) {
  useEffect(() => bind({id: "inspect.pass", combo: "Ctrl+Enter", label: t("inspect.key.pass"), run: () => { if (opened.value.detail && offered(opened.value.detail, "pass_check")) pass(opened.value.detail); }}), []);
  const busy = busyWith(detail.id), {failure} = stateOf(detail.id), yes = offered(detail, "pass_check"), no = offered(detail, "fail_check");
  if (!yes && !no && !failure) return null;
  return html`<footer class="act"><div class="act-error" role="alert">${failure && failing.value !== detail.id && html`<span class="err">${failure}</span>`}</div>
    ${yes && html`<${Button} size="lg" kind="ok" icon="shield-check" keyOf="inspect.pass" pending=${busy === "pass_check"} disabled=${Boolean(busy)} onClick=${() => pass(detail)}>${yes.label}<//>`}
    ${no && html`<${Button} size="lg" icon="undo-2" disabled=${Boolean(busy)} onClick=${() => { failing.value = detail.id; }}>${no.label}<//>`}
    ${failing.value === detail.id && html`<${Fail} detail=${detail} />`}</footer>`;
}

function Fail({detail}) {
  const next = after(detail.id);
  const texts = {title: t("inspect.fail.title"), lead: t("inspect.fail.lead", {unit: detail.unit?.name ?? ""}), label: t("inspect.fail.reason"), example: t("inspect.fail.example"), send: t("inspect.fail.send"), words: t("inspect.done.fail", {number: detail.number})};
  return html`<${ReasonDialog} detail=${detail} action="fail_check" icon="undo-2" kind="danger" texts=${texts} photos="check" onClose=${() => { failing.value = null; }} onDone=${() => goOn(next)} />`;
}
