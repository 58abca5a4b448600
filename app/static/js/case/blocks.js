/* What is known of a case: complaint, filing and closing condition, history, place. Read only. */
import {dayTime} from "../lib/clock.js";
import {html, useEffect, useRef, useState} from "../lib/html.js";
import {t} from "../lib/i18n.js";
import {mountCaseMap, squareCode} from "../lib/map.js";
import {Icon} from "../lib/ui-basic.js";
import {placeName} from "./fields.js";

export function Complaint({one}) {
  const source = t(`case.source.${one.source}`);
  return html`<section class="complaint" aria-label=${t("case.complaint")}><div class="t2 s12">
    ${t("case.complaint.from", {source, at: dayTime(one.opened_at)})}${reporterOf(one)}</div>
    <p>${one.description}</p></section>`;
}

function reporterOf({reporter, confidential}) {
  if (confidential && !reporter) return html` · <span class="amber-text"><${Icon} name="lock" size="s" /> ${t("case.confidential")}</span>`;
  const words = [reporter?.name, reporter?.phone].filter(Boolean).join(" ");
  return words ? ` · ${words}` : "";
}

export const Condition = ({condition}) => condition && html`<dl class="condition s13">
  <dt>${t("case.condition.filing")}</dt><dd>${condition.text}</dd><dt>${t("case.condition.limit")}</dt><dd>${condition.limit_text}</dd>
  <dt>${t("case.condition.closing")}</dt><dd class="b">${condition.closing || "–"}</dd></dl>`;

/** How the deadline came about and why this unit: folded, for the day somebody disputes it. */
export const Grounds = ({one}) => {
  const steps = one.deadline_steps ?? one.deadline?.steps ?? [];
  if (!steps.length && !one.routing?.explanation) return null;
  return html`<details class="grounds s13"><summary>${t("case.grounds")}</summary>
    ${one.routing?.explanation && html`<p>${one.routing.explanation}</p>`}
    ${steps.length > 0 && html`<ol>${steps.map((step) => html`<li>${step}</li>`)}</ol>`}</details>`;
};

const BAD = new Set(["case.check_failed", "case.urged", "case.voided", "case.returned", "case.supervised", "case.reopened", "case.rejected", "case.closing_overruled", "case.extension_refused", "case.suspension_refused", "case.forced_closed", "case.phone_unanswered", "case.ticket_undelivered"]);
const toneOf = (kind) => (BAD.has(kind) ? "bad" : "on");

/* Five photographs in a row are one line with a number. */
const sameAs = (a, b) => a?.kind === b.kind && a.actor === b.actor && a.text === b.text && b.kind === "case.photographed";
const folded = (history) => history.reduce((lines, line) => {
  const last = lines.at(-1);
  return sameAs(last, line) ? [...lines.slice(0, -1), {...line, times: last.times + 1}] : [...lines, {...line, times: 1}];
}, []);

/** The latest first. */
export const Timeline = ({history, number}) => html`<section><h3 class="lab">${t("case.timeline")}
  ${number && html` <a class="s12" href=${`/cases/${number}/accountability`} target="_blank">${t("account.title")}</a>`}</h3><ol class="tl s13">
  ${folded(history).reverse().map((line) => html`<${Line} key=${line.id} line=${line} />`)}</ol></section>`;

const Line = ({line: {kind, label, at, actor, text, times}}) => html`<li class=${toneOf(kind)}>
  <b>${label}${times > 1 ? ` × ${times}` : ""}</b> <time class="t3 num" datetime=${at}>${dayTime(at)}</time>
  ${(actor || text) && html`<div class="t2">${[actor, text].filter(Boolean).join(" · ")}</div>`}</li>`;

export function PlaceMap({one}) {
  const box = useRef(null), [failed, setFailed] = useState(false);
  const known = Number.isFinite(one.lat) && Number.isFinite(one.lng);
  useEffect(() => {
    if (!known) return undefined;
    let map = null, left = false;
    mountCaseMap(box.current, {at: one}).then((made) => { if (left) made.remove(); else map = made; }, () => setFailed(true));
    return () => { left = true; map?.remove(); };
  }, [one.id, one.lat, one.lng]);
  if (!known || failed) return html`<p class="t3 s13">${t(failed ? "case.map.failed" : "case.map.unknown")}</p>`;
  return html`<div class="map case-map" role="region" aria-label=${t("case.map")}><div class="map-canvas" ref=${box}></div>
    <div class="map-note">${placeName(one.community) || placeName(one.street)} · ${t("case.map.square")} <b class="num">
      ${squareCode(one)}</b></div></div>`;
}
