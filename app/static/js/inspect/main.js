/* The inspector's page, on a phone at the place or on a desk: compare before and after, pass or send back. */
import {boot} from "../lib/boot.js";
import {durationText, startClock, syncClock} from "../lib/clock.js";
import {effect, html, render} from "../lib/html.js";
import {t} from "../lib/i18n.js";
import {connect} from "../lib/live.js";
import {Toasts} from "../lib/ui-overlay.js";
import {where} from "../case/fields.js";
import {fresh} from "../case/fresh.js";
import {CaseList, LampBar, MoreCases, SearchBox, emptyOf} from "../case/list.js";
import {openCase} from "../case/opened.js";
import {crowdTags} from "../case/reporters.js";
import {isPhone, select, selected} from "../case/route.js";
import {LinkBanner, Top, Voice} from "../case/top.js";
import {Detail} from "./detail.js";
import {me, takeEvent, takeSnapshot, work} from "./state.js";
import {checkLamp, checkSpent, isVerification, waitedSeconds} from "./waiting.js";

const {counts, lamp, query, rows} = work;
const ROW = 72, PHONE_ROW = 80;

function tagsOf(one) {
  const tags = isVerification(one) ? [{kind: "violet", text: t(one.state === "verifying" ? "inspect.tag.verification" : "inspect.tag.beside")}] : one.lamp === "red" ? [{kind: "red", text: t("case.hero.was_late")}] : [];
  if (one.reworks > 0) tags.push({kind: "yellow", text: t("case.tag.rework", {n: one.reworks})});
  tags.push(...crowdTags(one));
  if (one.urgency !== "normal") tags.push({kind: "red", text: t(`case.urgency.${one.urgency}`)});
  return tags;
}
const faceOf = (one, at) => ({
  lamp: checkLamp(one, at), time: durationText(waitedSeconds(one, at)), tags: tagsOf(one), spent: checkSpent(one, at),
  where: [where(one), one.unit?.name].filter(Boolean).join(" · "),
});

const emptyFace = () => emptyOf(work) ?? {icon: "shield-check", title: t("inspect.empty"), hint: t("inspect.empty.hint")};

const List = () => html`<section class="card list" aria-label=${t("inspect.list")}>
  <${LampBar} counts=${work.lamps.value} chosen=${lamp.value} onChoose=${(name) => { lamp.value = name; }} />
  <${SearchBox} value=${query.value} onInput=${(text) => { query.value = text; }} />
  <${CaseList} rows=${rows.value} chosen=${selected.value} rowHeight=${isPhone.value ? PHONE_ROW : ROW} faceOf=${faceOf} fresh=${fresh.value}
    label=${t("inspect.list")} empty=${emptyFace()} onReach=${work.reach} /><${MoreCases} work=${work} /></section>`;

const Inspect = () => html`<div class=${`app${selected.value !== null ? " shows-case" : ""}`}>
  <${Top} place=${t("inspect.title")} me=${me} role=${t("inspect.role")} /><${LinkBanner} />
  <main class="dk two"><h1 class="vh">${t("inspect.title")}</h1><${List} /><${Detail} /></main><${Toasts} /><${Voice} /></div>`;

syncClock(boot.snapshot?.server_time, 500);
startClock();
takeSnapshot(boot.snapshot ?? {});
// Outside the effect: what openCase() reads must not become a reason to run it again.
effect(() => { const id = selected.value; queueMicrotask(() => openCase(id)); });
effect(() => { const n = counts.value.tasks; document.title = `${n ? `(${n}) ` : ""}${t("inspect.title")} · ${t("app.name")}`; });
if (selected.value === null && !isPhone.value && rows.value.length) select(rows.value[0].id);
render(html`<${Inspect} />`, document.getElementById("app"));
connect({snapshotPath: "/inspect/snapshot", onSnapshot: takeSnapshot, onEvent: takeEvent});
