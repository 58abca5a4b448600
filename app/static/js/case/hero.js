/* The time limit, large: what an operator must see from across the desk. */
import {dayTime, now, secondsUntil} from "../lib/clock.js";
import {html} from "../lib/html.js";
import {t} from "../lib/i18n.js";
import {Icon} from "../lib/ui-basic.js";
import {lampNow} from "./lamps.js";
import {crowdTags} from "./reporters.js";
import {remaining} from "./time.js";

const TICKING = new Set(["dispatched", "handling"]);

/** children: what else belongs beside the time (urges, reworks). */
export function Hero({one, children}) {
  const ticking = TICKING.has(one.state) && one.due_at, lamp = lampNow(one, now.value);
  return html`<section class=${`hero ${ticking ? lamp : "grey"}`} aria-label=${t("case.hero.label")}>
    <${Icon} name=${ticking ? "alarm-clock" : one.state === "suspended" ? "pause" : "circle-check"} size="l" />
    <div>${ticking ? html`<${Ticking} one=${one} />` : html`<${Still} one=${one} />`}</div><span class="grow"></span>
    <div class="hero-side s13">${children}</div></section>`;
}

function Ticking({one}) {
  const late = secondsUntil(one.due_at) < 0;
  return html`<div class="s12">${t(late ? "case.hero.late" : "case.hero.left", {due: dayTime(one.due_at), limit: one.limit_text})}</div>
    <b class="num">${remaining(one.due_at, now.value, t)}</b>`;
}

/* The unit's clock stands still once it has reported; whether it was in time stays to be seen. */
function Still({one}) {
  if (one.state === "suspended") return html`<div class="s12">${t("case.hero.suspended", {at: dayTime(one.suspended_until)})}</div><b class="hero-word">${one.state_label}</b>`;
  if (!one.due_at) return html`<div class="s12">${t("case.hero.none")}</div><b>${one.state_label}</b>`;
  const late = one.lamp === "red";
  return html`<div class="s12">${t("case.hero.due_was", {due: dayTime(one.due_at), limit: one.limit_text})}</div>
    <b class=${`hero-word${late ? " late" : ""}`}>${one.state_label} · ${t(late ? "case.hero.was_late" : "case.hero.in_time")}</b>`;
}

export const Marks = ({one}) => html`${one.urges > 0 && html`<b>${t("case.marks.urged", {n: one.urges})}</b>`}
  ${one.reworks > 0 && html`<b>${t("case.marks.reworked", {n: one.reworks})}</b>`}
  ${crowdTags(one).map(({text}) => html`<b>${text}</b>`)}
  ${one.urgency !== "normal" && html`<b>${t(`case.urgency.${one.urgency}`)}</b>`}`;
