/* A unit's desk: what came in, how long there is, what was done. On a phone the list leads to the case and back. */
import {boot} from "../lib/boot.js";
import {startClock, syncClock} from "../lib/clock.js";
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
import {isPhone, select, selected} from "../case/route.js";
import {LinkBanner, Top, Voice} from "../case/top.js";
import {Detail} from "./detail.js";
import {FOLDERS, fresh, me, takeEvent, takeSnapshot, unit, work} from "./state.js";

const {choose, counts, folder, lamp, query, rows} = work;

const ROW = 72, PHONE_ROW = 80;

const Folders = () => html`<nav class="card side" aria-label=${t("desk.folders")}>
  ${Object.entries(FOLDERS).map(([name, {icon}]) => html`<button type="button"
  aria-current=${folder.value === name ? "page" : undefined} onClick=${() => choose(name)}><${Icon} name=${icon} /><span>
    ${t(`desk.folder.${name}`)}</span><span class="grow"></span>
  ${name !== "closed" && counts.value[name] > 0 && html`<${Count} n=${counts.value[name]} kind=${name === "todo" ? "red" : ""} />`}</button>`)}
  <p class="side-note s12 t3 wide-only">${t("desk.duty_phone")}<br /><span class="num">${unit.value.duty_phone || "–"}</span></p></nav>`;

function tagsOf(one) {
  const tags = [{kind: one.state === "dispatched" ? "blue" : one.state === "closed" ? "green" : "", text: one.state_label}];
  if (one.reworks > 0) tags.push({kind: "red", text: t("case.tag.rework", {n: one.reworks})});
  if ((one.co_unit_ids ?? []).includes(unit.value.id)) tags.push({kind: "violet", text: t("case.tag.co_unit")});
  if (one.supervisions > 0) tags.push({kind: "red", text: t("case.tag.supervised", {n: one.supervisions})});
  if (one.urges > 0) tags.push({kind: "yellow", text: t("case.tag.urged", {n: one.urges})});
  tags.push(...crowdTags(one));
  if (one.urgency !== "normal") tags.push({kind: "red", text: t(`case.urgency.${one.urgency}`)});
  if (one.rating) tags.push({kind: "green", text: t("case.tag.rated", {n: one.rating})});
  return tags;
}
const faceOf = (one, at) => ({
  lamp: lampNow(one, at), time: timeOf(one, at), tags: tagsOf(one), where: where(one), spent: STILL.has(one.state) ? 1 : spent(one, at),
});

const emptyFace = () => emptyOf(work) ?? {icon: "circle-check", title: t(`desk.empty.${folder.value}`)};

const List = () => html`<section class="card list" aria-label=${t(`desk.folder.${folder.value}`)}>
  ${!STILL.has(folder.value) && html`<${LampBar} counts=${work.lamps.value} chosen=${lamp.value} onChoose=${(name) => { lamp.value = name; }} />`}
  <${SearchBox} value=${query.value} onInput=${(text) => { query.value = text; }} />
  <${CaseList} rows=${rows.value} chosen=${selected.value} rowHeight=${isPhone.value ? PHONE_ROW : ROW} faceOf=${faceOf} fresh=${fresh.value}
    label=${t(`desk.folder.${folder.value}`)} empty=${emptyFace()} onReach=${work.reach} /><${MoreCases} work=${work} /></section>`;

function Desk() {
  const showsCase = selected.value !== null;
  return html`<div class=${`app${showsCase ? " shows-case" : ""}`}>
    <${Top} place=${t("desk.place", {unit: unit.value.name})} me=${me} role=${t("desk.role")} /><${LinkBanner} />
    <main class="dk"><h1 class="vh">${t("desk.place", {unit: unit.value.name})}</h1><${Folders} /><${List} /><${Detail} /></main>
      <${Toasts} /><${Voice} /></div>`;
}

syncClock(boot.snapshot?.server_time, 500);
startClock();
takeSnapshot(boot.snapshot ?? {});
// Outside the effect: what openCase() reads must not become a reason to run it again.
effect(() => { const id = selected.value; queueMicrotask(() => openCase(id)); });
effect(() => { document.title = `${counts.value.to_accept ? `(${counts.value.to_accept}) ` : ""}${t("desk.title")} · ${t("app.name")}`; });
// Wide screens start with the most urgent case open; a phone starts with the list.
if (selected.value === null && !isPhone.value && rows.value.length) select(rows.value[0].id);
render(html`<${Desk} />`, document.getElementById("app"));
connect({snapshotPath: "/desk/snapshot", onSnapshot: takeSnapshot, onEvent: takeEvent});
