/* Left and right of the map: queues, seats, frequent classes; overdue cases and the districts' ranking. */
import {html} from "../lib/html.js";
import {t} from "../lib/i18n.js";
import {now} from "../lib/clock.js";
import {arrange, faceOf, online, summary, talksLong} from "./seats.js";
import {NONE, clockOf, count, grade, percent, secondsSince} from "./figures.js";
import {remaining} from "../case/time.js";
import {lampNow} from "../case/lamps.js";

const ROOM_FOR_SEATS = 42, WIDE_UP_TO = 25;
const ROOM_FOR_OVERDUE = 12;
const ROOM_FOR_RANKS = 8;

export const Lamp = ({lamp, live}) => html`<i class=${`wall-lamp ${lamp}${live ? " live" : ""}`} role="img" aria-label=${t(`wall.lamp.${lamp}`)}></i>`;
export const Card = ({title, badge, side, children}) => html`<section class="wall-card" aria-label=${title}>
  <header><h2>${title}</h2>${badge}<span class="wall-push"></span>${side}</header>${children}</section>`;
const Empty = ({text}) => html`<p class="wall-empty">${text}</p>`;

const lampOfQueue = ({waiting, longest_wait_since: since}) => (!waiting ? "green" : secondsSince(since, now.value) >= 60 ? "red" : "yellow");

export function Queues({queues}) {
  const heads = ["name", "waiting", "longest", "talking", "ready", "service"];
  return html`<${Card} title=${t("wall.queues.title")}>
    <table class="wall-table"><thead><tr>${heads.map((head) => html`<th scope="col">${t(`wall.queues.${head}`)}</th>`)}</tr></thead>
      <tbody>${queues.map((queue) => html`<${QueueRow} key=${queue.name} queue=${queue} />`)}</tbody></table>
    ${queues.length === 0 && html`<${Empty} text=${t("wall.queues.none")} />`}<//>`;
}

function QueueRow({queue}) {
  const lamp = lampOfQueue(queue);
  return html`<tr><th scope="row"><span class="wall-name"><${Lamp} lamp=${lamp} live=${lamp === "red"} />${queue.name}</span></th>
    <td class="wall-strong">${count(queue.waiting)}</td><td>${clockOf(queue.waiting ? secondsSince(queue.longest_wait_since, now.value) : null)}</td>
    <td>${count(queue.talking)}</td><td>${count(queue.ready)}</td><td class=${grade(queue.service_level)}>
      ${percent(queue.service_level, 0)}</td></tr>`;
}

export function Seats({seats}) {
  const parts = [t("wall.seats.online", {n: online(seats)}), ...summary(seats).map(([word, n]) => `${t(`wall.seat.${word}`)} ${n}`)];
  const shown = arrange(seats, ROOM_FOR_SEATS);
  const long = shown.some((seat) => talksLong(seat, secondsSince(seat.since, now.value)));
  return html`<${Card} title=${t("wall.seats.title")} side=${html`<span class="wall-muted wall-ellipsis">${parts.join(" · ")}</span>`}>
    <div class=${`wall-seats${shown.length > WIDE_UP_TO ? " many" : ""}`} role="list">
      ${shown.map((seat) => html`<${Seat} key=${seat.account_id} seat=${seat} />`)}</div>
    ${shown.length === 0 && html`<${Empty} text=${t("wall.seats.none")} />`}<span class="wall-push"></span>
    ${long && html`<p class="wall-note"><i></i>${t("wall.seats.long")}</p>`}<//>`;
}

function Seat({seat}) {
  const {tone, word} = faceOf(seat), seconds = secondsSince(seat.since, now.value);
  const long = talksLong(seat, seconds);
  return html`<div role="listitem" class=${`wall-seat ${tone}${long ? " long" : ""}`}><b>${seat.name}</b><span>
    ${t(`wall.seat.${word}`)}${tone === "off" ? "" : ` ${clockOf(seconds)}`}</span></div>`;
}

export function TopClasses({classes}) {
  const most = Math.max(1, ...classes.map((one) => one.count));
  return html`<${Card} title=${t("wall.classes.title")}>
    ${classes.length === 0 ? html`<${Empty} text=${t("wall.classes.none")} />` : html`<ul class="wall-classes">
      ${classes.slice(0, 6).map((one) => html`<li key=${one.name}>
      <span class="name wall-ellipsis">${one.name}</span><span class="wall-track">
        <i style=${{transform: `scaleX(${one.count / most})`}}></i></span><b class="wall-num">${one.count}</b></li>`)}</ul>`}<//>`;
}

export function Overdue({cases, total, fresh}) {
  const rows = cases.slice(0, ROOM_FOR_OVERDUE);
  return html`<${Card} title=${t("wall.overdue.title")} badge=${total > 0 && html`<span class="wall-count">${count(total)}</span>`}
      side=${html`<a class="wall-muted" href="/supervision">${t("wall.overdue.side")}</a>`}>
    ${rows.length === 0 ? html`<${Empty} text=${t("wall.overdue.none")} />`
      : html`<ul class="wall-overdue">${rows.map((one) => html`<${OverdueRow} key=${one.id} one=${one} fresh=${fresh.has(one.id)} />`)}</ul>`}<//>`;
}

const urged = ({reminders}) => (reminders > 0 ? ` · ${t("wall.overdue.urged", {n: reminders})}` : "");
/* The district stands at the left already. */
const unitOf = ({unit, district}) => unit?.name.replace(district?.name ?? "", "") || NONE;
/* 海曙区 江厦街道 → 海曙 江厦: from five metres the kind of area is noise. */
const short = (area) => (area?.name ?? "").replace(/(区|街道)$/, "");

function OverdueRow({one, fresh}) {
  const lamp = lampNow(one, now.value);
  const place = [short(one.district), short(one.street), one.address].filter(Boolean).join(" · ");
  return html`<li class=${`${lamp}${fresh ? " fresh" : ""}`}><${Lamp} lamp=${lamp} live=${lamp === "red"} /><b class="wall-ellipsis">
    ${one.class_name}</b>
    <span class="left">${remaining(one.due_at, now.value, t)}</span>
    <div class="where"><span class="wall-ellipsis">${place}</span><span class="wall-ellipsis">
      ${unitOf(one)}${urged(one)}</span></div></li>`;
}

export function Ranking({rows}) {
  const heads = ["name", "score", "change", "open", "on_time"];
  return html`<${Card} title=${t("wall.ranking.title")}>
    <table class="wall-table"><thead><tr>${heads.map((head) => html`<th scope="col">${t(`wall.ranking.${head}`)}</th>`)}</tr></thead>
      <tbody>${rows.slice(0, ROOM_FOR_RANKS).map((row, i) => html`<tr key=${row.code}><th scope="row"><span class="wall-name">
        <span class=${`wall-rank k${i + 1}`}>${i + 1}</span>${row.name}</span></th>
        <td class="wall-strong">${Number.isFinite(row.score) ? row.score.toFixed(1) : NONE}</td><td>${moved(row.change)}</td><td>
          ${count(row.open)}</td><td>${percent(row.on_time)}</td></tr>`)}</tbody></table>
    ${rows.length === 0 && html`<${Empty} text=${t("wall.ranking.none")} />`}<//>`;
}

function moved(change) {
  if (!change) return html`<span class="wall-faint">—</span>`;
  const word = t(change > 0 ? "wall.ranking.up" : "wall.ranking.down", {n: Math.abs(change)});
  return html`<span class=${change > 0 ? "good" : "poor"} aria-label=${word}>${change > 0 ? "▲" : "▼"}${Math.abs(change)}</span>`;
}
