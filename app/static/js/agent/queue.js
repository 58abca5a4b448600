/* Who waits: calls in the order they will be offered, with the reason for a priority. */
import {elapsed, now, secondsSince} from "../lib/clock.js";
import {t} from "../lib/i18n.js";
import {Count, EmptyState, Icon, Lamp, Tag, VirtualList, html} from "../lib/ui.js";
import {longestWait, me, waitingCalls} from "./state.js";

const ROW = 54;
/* 15 s is the standard's answering time, one minute is what a caller forgives [judged]. */
const AMBER_AFTER = 30, RED_AFTER = 60;
const lampOf = (since) => {
  const s = secondsSince(since, now.value);
  if (s >= RED_AFTER) return "red";
  return s >= AMBER_AFTER ? "yellow" : "green";
};
const said = (c) => c.note || (c.prior_calls ? t("agent.queue.prior", {n: c.prior_calls}) : t("agent.queue.new"));

const Row = ({c}) => {
  const lamp = lampOf(c.waiting_since);
  return html`<div class=${`q-row ${lamp}`} role="listitem"><${Icon} name=${c.state === "offered" ? "phone-incoming" : "phone"} />
    <span class="b num s13 ell">${c.phone || t("agent.phone.withheld")}</span>
    <span class="w row"><${Lamp} color=${lamp} />${elapsed(c.waiting_since)}</span>
    <div class="sub">${c.state === "offered" && html`<${Tag} kind="blue">${t(c.offered_to === me.id ? "agent.queue.offered_me" : "agent.queue.offered")}</${Tag}>`}
      <span class="ell">${[c.location, said(c)].filter(Boolean).join(" · ")}</span></div></div>`;
};

export function Queue() {
  const calls = waitingCalls.value;
  return html`<section class="card fill" aria-label=${t("agent.queue.title")}>
    <header><h2>${t("agent.queue.title")}</h2><${Count} n=${calls.length} /><span class="grow"></span>
      ${longestWait.value && html`<span class="t3 s12">${t("agent.queue.longest")} <b class="num amber-text">${elapsed(longestWait.value)}</b></span>`}</header>
    ${calls.length ? html`<${VirtualList} rows=${calls} rowHeight=${ROW} label=${t("agent.queue.title")} render=${(c) => html`<${Row} key=${c.id} c=${c} />`} />`
      : html`<${EmptyState} icon="circle-check" title=${t("agent.queue.empty")} hint=${t("agent.queue.empty_hint")} />`}</section>`;
}
