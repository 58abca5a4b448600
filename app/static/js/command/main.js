/* The command centre's page: cases without a unit, what units ask for, what the city confirms, and what is late. */
import {boot} from "../lib/boot.js";
import {durationText, startClock, syncClock} from "../lib/clock.js";
import {effect, html, render} from "../lib/html.js";
import {t} from "../lib/i18n.js";
import {connect} from "../lib/live.js";
import {Count, Icon} from "../lib/ui-basic.js";
import {Toasts} from "../lib/ui-overlay.js";
import {where} from "../case/fields.js";
import {lampNow, spent} from "../case/lamps.js";
import {CaseList, LampBar, MoreCases, STILL, SearchBox, emptyOf, timeOf} from "../case/list.js";
import {openCase} from "../case/opened.js";
import {crowdTags} from "../case/reporters.js";
import {IncidentStrip} from "../incident/strip.js";
import {isPhone, select, selected} from "../case/route.js";
import {LinkBanner, Top, Voice} from "../case/top.js";
import {Detail} from "./detail.js";
import {FOLDERS, fresh, me, requestsOf, takeEvent, takeSnapshot, work} from "./state.js";

const {choose, counts, folder, lamp, query, rows} = work;

const ROW = 72, PHONE_ROW = 80;
const LOUD = new Set(["dispatch", "decide", "confirm"]), REPORTED = new Set(["checking", "confirming"]);

const Folders = () => html`<nav class="card side" aria-label=${t("command.folders")}>${Object.entries(FOLDERS).map(([name, {icon}]) => html`<button type="button"
  aria-current=${folder.value === name ? "page" : undefined} onClick=${() => choose(name)}><${Icon} name=${icon} /><span>${t(`command.folder.${name}`)}</span><span class="grow"></span>
  ${counts.value[name] > 0 && html`<${Count} n=${counts.value[name]} kind=${LOUD.has(name) ? "red" : ""} />`}</button>`)}</nav>`;

const waitedFor = (one, at) => durationText(Math.max(0, (at - Date.parse(one.filed_at ?? one.opened_at)) / 1000));
const waitsFor = (one, at) => (one.due_at ? timeOf(one, at) : waitedFor(one, at));
function tagsOf(one) {
  const tags = requestsOf(one.id).map(({label}) => ({kind: "yellow", text: label}));
  if (folder.value !== "dispatch") tags.push({kind: "", text: one.state_label});
  if (one.returns > 0) tags.push({kind: "red", text: t("case.tag.returned", {n: one.returns})});
  if (one.urges > 0) tags.push({kind: "yellow", text: t("case.tag.urged", {n: one.urges})});
  tags.push(...crowdTags(one));
  if (one.urgency !== "normal") tags.push({kind: "red", text: t(`case.urgency.${one.urgency}`)});
  return tags;
}
const faceOf = (one, at) => ({
  lamp: lampNow(one, at), time: waitsFor(one, at), tags: tagsOf(one), spent: STILL.has(one.state) ? 1 : spent(one, at),
  where: [where(one, {district: true}), one.unit?.name].filter(Boolean).join(" · "),
});

const emptyFace = () => emptyOf(work) ?? {icon: "circle-check", title: t(`command.empty.${folder.value}`)};

const List = () => html`<section class="card list" aria-label=${t(`command.folder.${folder.value}`)}>
  ${folder.value !== "dispatch" && html`<${LampBar} counts=${work.lamps.value} chosen=${lamp.value} onChoose=${(name) => { lamp.value = name; }} />`}
  <${SearchBox} value=${query.value} onInput=${(text) => { query.value = text; }} />
  <${CaseList} rows=${rows.value} chosen=${selected.value} rowHeight=${isPhone.value ? PHONE_ROW : ROW} faceOf=${faceOf} fresh=${fresh.value}
    label=${t(`command.folder.${folder.value}`)} empty=${emptyFace()} onReach=${work.reach} /><${MoreCases} work=${work} /></section>`;

const Command = () => html`<div class=${`app${selected.value !== null ? " shows-case" : ""}`}><${Top} place=${t("command.title")} me=${me} role=${t(me.roles?.includes("supervisor") ? "command.role.duty_manager" : "command.role")} /><div><${LinkBanner} /><${IncidentStrip} /></div>
  <main class="dk"><h1 class="vh">${t("command.title")}</h1><${Folders} /><${List} /><${Detail} /></main><${Toasts} /><${Voice} /></div>`;

syncClock(boot.snapshot?.server_time, 500);
startClock();
takeSnapshot(boot.snapshot ?? {});
// Outside the effect: what openCase() reads must not become a reason to run it again.
effect(() => { const id = selected.value; queueMicrotask(() => openCase(id)); });
const waiting = () => [...LOUD].reduce((sum, name) => sum + counts.value[name], 0);
effect(() => { const n = waiting(); document.title = `${n ? `(${n}) ` : ""}${t("command.title")} · ${t("app.name")}`; });
if (selected.value === null && !isPhone.value && rows.value.length) select(rows.value[0].id);
render(html`<${Command} />`, document.getElementById("app"));
connect({snapshotPath: "/command/snapshot", onSnapshot: takeSnapshot, onEvent: takeEvent});
