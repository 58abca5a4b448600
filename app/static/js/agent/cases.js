/* The agent's own cases: what became of what I filed. */
import {dayTime, now} from "../lib/clock.js";
import {t} from "../lib/i18n.js";
import {Count, Countdown, EmptyState, Icon, Lamp, Segmented, Tag, VirtualList, computed, html, signal} from "../lib/ui.js";
import {lampNow} from "../case/lamps.js";
import {Promised} from "../case/promise.js";
import {isEnded, myCases, openCaseId} from "./state.js";

const ROW = 52;
const lamp = (c) => lampNow(c, now.value);
const FILTERS = {
  open: (c) => !isEnded(c),
  red: (c) => !isEnded(c) && lamp(c) === "red",
  yellow: (c) => lamp(c) === "yellow",
  closed: isEnded,
  all: () => true,
};
const filter = signal("open");
const words = signal("");
const WEIGHT = {red: 0, yellow: 1, green: 2, grey: 3};
const matches = (c, text) => !text || [c.number, c.class_name, c.address, c.unit?.name].some((part) => (part ?? "").toLowerCase().includes(text));
/* What burns first, then what is due first. */
const shown = computed(() => myCases.list.value
  .filter((c) => FILTERS[filter.value](c) && matches(c, words.value.trim().toLowerCase()))
  .sort((a, b) => WEIGHT[lamp(a)] - WEIGHT[lamp(b)] || Date.parse(a.due_at ?? a.opened_at) - Date.parse(b.due_at ?? b.opened_at)));

function Left({c}) {
  if (isEnded(c)) return html`<span class="t2">${c.rating ? t("agent.caller.rated", {n: c.rating}) : "—"}</span>`;
  // The unit has reported, or the case rests: no clock runs against anybody.
  if (lamp(c) === "grey") return html`<span class="t2">—</span>`;
  return html`<${Countdown} due=${c.due_at} lamp=${lamp(c)} small />`;
}
const Row = ({c}) => html`<button type="button" class="case-row" aria-current=${c.id === openCaseId.value ? "true" : undefined} onClick=${() => { openCaseId.value = c.id; }}>
  <${Lamp} color=${lamp(c)} word /><span class="num s13">${c.number}</span><span class="ell"><${Promised} one=${c} brief /><b>${c.class_name || t("agent.case.unclassified")}</b><span class="t2"> · ${c.address}</span></span>
  <span class="ell t2">${c.unit?.name ?? "—"}</span><${Tag} kind=${isEnded(c) ? "" : "blue"}>${c.state_label}</${Tag}><${Left} c=${c} />
  <span class="t3 s12">${c.urges ? t("agent.case.urges", {n: c.urges}) : ""}</span><span class="t3 s12 num">${dayTime(c.opened_at)}</span></button>`;

export function Cases() {
  const rows = shown.value;
  return html`<section class="card fill" aria-label=${t("agent.nav.cases")}><header><${Icon} name="clipboard-list" /><h2>${t("agent.nav.cases")}</h2><${Count} n=${rows.length} /><span class="grow"></span>
      <${Segmented} label=${t("agent.cases.filter")} options=${Object.keys(FILTERS).map((value) => ({value, label: t(`agent.cases.${value}`)}))} value=${filter.value} onChange=${(v) => { filter.value = v; }} />
      <input class="in find" type="search" aria-label=${t("agent.cases.find")} placeholder=${t("agent.cases.find")} value=${words.value} onInput=${(e) => { words.value = e.target.value; }} /></header>
    ${rows.length ? html`<div class="case-row head" aria-hidden="true">${["lamp", "number", "what", "unit", "state", "left", "urges", "opened"].map((name) => html`<span>${t(`agent.cases.head.${name}`)}</span>`)}</div>
      <${VirtualList} rows=${rows} rowHeight=${ROW} label=${t("agent.nav.cases")} role="group" render=${(c) => html`<${Row} key=${c.id} c=${c} />`} />`
      : html`<${EmptyState} icon="clipboard-list" title=${t("agent.cases.none")} hint=${t("agent.cases.none_hint")} />`}</section>`;
}
