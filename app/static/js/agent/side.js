import {Repeats} from "./repeats.js";
/* The right column: who calls, what is already known nearby, and where it is. */
import {dayTime, now, spanText, secondsUntil, whenText} from "../lib/clock.js";
import {t} from "../lib/i18n.js";
import {phoneText} from "../lib/phone.js";
import {Button, Count, EmptyState, Figures, Icon, Lamp, Tag, html, useEffect, useRef} from "../lib/ui.js";
import {mountCaseMap} from "../lib/map.js";
import {edit, form, subject} from "./form-state.js";
import {Knowledge, showsKnowledge, toggleKnowledge} from "./knowledge.js";
import {lampNow} from "../case/lamps.js";
import {drafts, isEnded, isGuest, myCases, openCaseId, overlay, subjectCall} from "./state.js";

const CITY = {lat: 29.86878, lng: 121.55236};
const open = (id) => { openCaseId.value = id; };

/* What a person wants to know first: overdue by how much, else the state, else the citizen's verdict. */
export function caseNote(c) {
  if (isEnded(c)) return c.rating ? t("agent.caller.rated", {n: c.rating}) : c.state_label;
  if (lampNow(c, now.value) === "red") return t("time.overdue", {time: spanText(secondsUntil(c.due_at, now.value))});
  return c.state_label;
}
const isBurning = (c) => !isEnded(c) && lampNow(c, now.value) === "red";
const LATELY = 3 * 86400e3;
/* This call included: who rings again within three days is not being helped. */
export const callsLately = (c) => 1 + (c.caller?.calls ?? []).filter((each) => each.id !== c.id && now.value - Date.parse(each.started_at) < LATELY).length;
const CaseLine = ({c}) => html`<li><button type="button" class="plain" onClick=${() => open(c.id)}><${Lamp} color=${lampNow(c, now.value)} live=${isBurning(c)} />
  <span class="ell b">${c.class_name || t("agent.case.unclassified")} · ${c.address}</span><span class=${`s12 ${isBurning(c) ? "red-text b" : "t2"}`}>${caseNote(c)}</span>
  <span class="d num"><span>${c.number}</span><span>${dayTime(c.opened_at)}</span></span></button></li>`;

const rated = (n) => (n ? Number(n).toFixed(1) : "—");
function Person({caller, phone, location}) {
  const {stats = {}} = caller;
  return html`<div class="who"><span class="av"><${Icon} name="user-round" size="l" /></span>
      <div class="row"><b class="s16 ell">${caller.name || t("agent.caller.unknown")}</b><span class="t3 s12 num">${phoneText(caller.phone ?? phone)}</span></div>
      <div class="t2 s12 ell">${caller.home ? t("agent.caller.home", {place: caller.home}) : location || t("agent.caller.first")}</div></div>
    <${Figures} figures=${[{value: stats.calls_year ?? 0, label: t("agent.caller.calls")}, {value: stats.cases ?? 0, label: t("agent.caller.cases")},
      {value: stats.open_overdue ?? 0, label: t("agent.caller.overdue"), alarm: stats.open_overdue > 0}, {value: rated(stats.avg_rating), label: t("agent.caller.rating")}]} />`;
}

function CallerCard() {
  const c = subjectCall.value;
  const caller = c?.caller;
  const open = (caller?.cases ?? []).filter((each) => !isEnded(each)).length;
  const again = c ? callsLately(c) : 1;
  return html`<section class="card fixed caller" aria-label=${t("agent.caller.title")}><header><${Icon} name="user-round" /><h2>${t("agent.caller.title")}</h2>
      ${again > 1 && html`<${Tag} kind="red">${t("agent.caller.lately", {n: again})}</${Tag}>`}${open > 0 && html`<${Tag} kind="yellow">${t("agent.caller.open_cases", {n: open})}</${Tag}>`}</header>
    <div class="body">${caller ? html`<${Person} caller=${caller} phone=${c.phone} location=${c.location} />
      <ul class="hist">${(caller.cases ?? []).slice(0, 3).map((each) => html`<${CaseLine} key=${each.id} c=${each} />`)}</ul>`
      : html`<${EmptyState} icon="user-round" title=${t("agent.caller.none")} />`}</div></section>`;
}

function SmsCard({draft}) {
  return html`<section class="card fixed" aria-label=${t("agent.sms.sender")}><header><${Icon} name="message-square" /><h2>${t("agent.sms.sender")}</h2><span class="grow"></span><span class="t3 s12">${whenText(draft.opened_at)}</span></header>
    <div class="body stack"><div class="row"><b class="num">${draft.number}</b><${Tag}>${draft.state_label}</${Tag}></div><p class="s13 t2">${t("agent.sms.answered")}</p></div></section>`;
}

/* Whoever tells of a known case is attached to it, and urges it if it is their own; it is never filed twice. */
export const firstOpenTwin = () => form.value?.nearby.value.map((each) => each.case).find((c) => !isEnded(c)) ?? null;
const isOwn = (id) => form.value?.nearby.value.find((each) => each.case.id === id)?.same_caller ?? false;
export const attach = (known) => {
  const target = known ?? firstOpenTwin();
  if (!target || subject.value?.kind !== "call") return;
  overlay.value = {name: "dispose", kind: isOwn(target.id) ? "urged" : "joined", caseId: target.id};
};

function Twin({item, n}) {
  const {case: c, similarity, reasons = [], same_caller: own, told} = item;
  return html`<div class=${`dup ${n || isEnded(c) ? "" : "first"}`}><div class="row"><span class="map-neighbour" aria-hidden="true">${n + 1}</span>
      <button type="button" class="plain ell grow b s13" onClick=${() => open(c.id)}>${c.class_name} · ${c.address}</button><${Tag} kind=${similarity > .8 ? "red" : similarity > .5 ? "yellow" : ""}>${t("agent.twins.similar", {n: Math.round(similarity * 100)})}</${Tag}></div>
    ${reasons.length > 0 && html`<div class="s12 t2 ell" title=${reasons.join(" · ")}>${reasons.slice(0, 3).join(" · ")}</div>`}
    ${told && !own && !isEnded(c) && html`<div class="s12 told">${told}</div>`}
    <div class="row s12 t2"><${Lamp} color=${lampNow(c, now.value)} /><span>${c.state_label}</span><span class="t3 num ell">${whenText(c.opened_at)}</span>${own && html`<${Tag} kind="blue">${t("agent.twins.own")}</${Tag}>`}
      <span class="grow"></span>${subject.value?.kind === "call" && !subjectCall.value?.disposition && !isEnded(c) && html`<${Button} size="sm" keyOf=${c.id === firstOpenTwin()?.id ? "attach" : undefined} onClick=${() => attach(c)}>${t(own ? "agent.twins.urge" : "agent.twins.attach")}</${Button}>`}</div></div>`;
}

function Twins() {
  const found = form.value?.nearby.value ?? [];
  return html`<section class="card fixed" aria-label=${t("agent.twins.title")}><header title=${t("agent.twins.scope")}><${Icon} name="git-merge" /><h2>${t("agent.twins.title")}</h2><${Count} n=${found.length} /><span class="grow"></span>
      <${Button} size="sm" kind="ghost" icon="book-open" keyOf="knowledge" onClick=${toggleKnowledge}>${t("agent.knowledge")}</${Button}></header>
    <div class="body twins">${found.length ? found.slice(0, 3).map((item, n) => html`<${Twin} key=${item.case.id} item=${item} n=${n} />`) : html`<p class="t3 s13">${t("agent.twins.none")}</p>`}</div></section>`;
}

const spotOf = (thing) => (thing?.lat && thing?.lng ? {lat: thing.lat, lng: thing.lng} : null);
const neighbours = () => (form.value?.nearby.value ?? []).map(({case: c}) => c).filter(spotOf).map((c) => ({id: c.id, label: `${c.number} ${c.class_name}`, lat: c.lat, lng: c.lng}));

function CaseMap() {
  const box = useRef(), map = useRef();
  const spot = spotOf(form.value?.fields.value);
  const at = spot ?? CITY;
  useEffect(() => {
    let gone = false;
    mountCaseMap(box.current, {at, draggable: true, neighbours: neighbours(), onMove: ({lat, lng}) => edit({lat, lng}), onNeighbour: open, labels: {pin: t("agent.map.pin")}})
      .then((mounted) => { if (gone) mounted.remove(); else map.current = mounted; });
    return () => { gone = true; map.current?.remove(); map.current = null; };
  }, []);
  useEffect(() => { map.current?.moveTo(at); }, [at.lat, at.lng]);
  const near = neighbours();
  useEffect(() => { map.current?.showNeighbours(near); }, [JSON.stringify(near)]);
  return html`<div class="map"><div class="map-canvas" ref=${box}></div>${!spot && html`<span class="map-unset"><${Tag} kind="yellow" icon="map-pin">${t("agent.map.unset")}</${Tag}></span>`}
    <div class="map-note num">${at.lng.toFixed(5)}, ${at.lat.toFixed(5)} <span class="t3">WGS-84</span></div></div>`;
}
const MapCard = () => html`<section class="card fill" aria-label=${t("agent.map.title")}><header><${Icon} name="map-pin" /><h2>${t("agent.map.title")}</h2><span class="grow"></span><span class="t3 s12">${t("agent.map.offline")}</span></header>
  <${CaseMap} key=${form.value?.name ?? "idle"} /></section>`;

function Recent() {
  const cases = myCases.list.value.slice().sort((a, b) => Date.parse(b.opened_at) - Date.parse(a.opened_at));
  return html`<section class="card fill" aria-label=${t("agent.recent.title")}><header><${Icon} name="clipboard-list" /><h2>${t("agent.recent.title")}</h2><${Count} n=${cases.length} /></header>
    <div class="body">${cases.length ? html`<ul class="hist">${cases.slice(0, 14).map((c) => html`<${CaseLine} key=${c.id} c=${c} />`)}</ul>` : html`<${EmptyState} icon="clipboard-list" title=${t("agent.recent.none")} />`}</div></section>`;
}

export function Side() {
  const about = subject.value;
  if (!about) return isGuest.value ? html`<${CallerCard} /><${Recent} />` : html`<${Recent} />`;
  const draft = about.kind === "sms" ? drafts.get(about.id) : null;
  return html`${draft ? html`<${SmsCard} draft=${draft} />` : about.kind === "call" && html`<${CallerCard} />`}<${Repeats} />${showsKnowledge.value ? html`<${Knowledge} />` : html`<${Twins} />`}<${MapCard} />`;
}
