/* The wallboard: nobody operates it, so it must say by itself when its figures are old or its line is down. */
import {boot} from "../lib/boot.js";
import {clockTimeSeconds, now, startClock, syncClock} from "../lib/clock.js";
import {html, render, signal, useEffect, useRef} from "../lib/html.js";
import {locale, t} from "../lib/i18n.js";
import {connect, link} from "../lib/live.js";
import {loadDistricts} from "../lib/map.js";
import {Icon} from "../lib/ui.js";
import {CallCurve, Legend} from "./curve.js";
import {Incidents} from "./incidents.js";
import {DistrictMap} from "./districts.js";
import {tilesOf} from "./figures.js";
import {Card, Lamp, Overdue, Queues, Ranking, Seats, TopClasses} from "./panels.js";
import {asOf, board, fresh, isStale, listed, overdueCount, seats, takeEvent, takeFigures, takeSnapshot} from "./state.js";

const shapes = signal(null);
const NO_CURVE = {slots: [], today: [], last_week: [], forecast: []};

const dateLine = new Intl.DateTimeFormat(locale, {timeZone: "Asia/Shanghai", year: "numeric", month: "long", day: "numeric", weekday: "long"});

function Head() {
  return html`<header class="wall-head"><span class="wall-mark"><${Icon} name="headphones" /></span><h1>${t("wall.heading")}</h1>
    <span class="wall-muted">${t("wall.motto")}</span><span class="wall-push"></span><${AsOf} />
    <div class="wall-legend">${["green", "yellow", "red"].map((lamp) => html`<span><${Lamp} lamp=${lamp} />${t(`wall.lamp.${lamp}`)}</span>`)}</div>
    <span class="wall-muted">${dateLine.format(now.value)}</span><span class="wall-clock" role="timer">
      ${clockTimeSeconds(now.value)}</span></header>`;
}

const AsOf = () => html`<span class=${`wall-asof${isStale(now.value) ? " stale" : ""}`}>
  ${t(isStale(now.value) ? "wall.asof.stale" : "wall.asof.fresh", {time: clockTimeSeconds(asOf.value) || "–"})}</span>`;

function Banner() {
  const {state, since} = link.value;
  const text = {lost: "wall.link.lost", refused: "wall.link.refused"}[state];
  return html`<div role="status" aria-live="polite">${text && html`<div class="wall-banner"><${Icon} name="wifi-off" />
    ${t(text, {time: clockTimeSeconds(since), shown: clockTimeSeconds(asOf.value) || "–"})}</div>`}</div>`;
}

function Tile({tile: {key, figure, side, tone = "", direction = "", lamp}}) {
  const ref = useFlash(figure);
  return html`<div class=${`wall-tile ${tone}`}><dt>${t(`wall.tile.${key}`)}</dt><dd><span class="figure" ref=${ref}>${figure}</span>
    <span class=${`side ${direction}`}>${side}</span>
    ${lamp && html`<${Lamp} lamp="red" live />`}</dd></div>`;
}

/* A figure that has just changed glows once; the first paint does not. */
function useFlash(value) {
  const ref = useRef(null), held = useRef(value);
  useEffect(() => {
    if (held.current === value) return undefined;
    held.current = value;
    ref.current.classList.add("fresh");
    const timer = setTimeout(() => ref.current?.classList.remove("fresh"), 1200);
    return () => clearTimeout(timer);
  }, [value]);
  return ref;
}

const Tiles = () => html`<dl class="wall-tiles" aria-label=${t("wall.tiles")}>
  ${tilesOf(board.value.tiles || {}, now.value, t).map((tile) => html`<${Tile} key=${tile.key} tile=${tile} />`)}</dl>`;

function Wall() {
  const data = board.value;
  return html`<main class="wallboard"><div class="wall-top"><${Head} /><${Banner} /><${Incidents} /></div><${Tiles} />
    <div class="wall-grid">
      <div class="wall-column left"><${Queues} queues=${data.queues || []} /><${Seats} seats=${seats.list.value} />
        <${TopClasses} classes=${data.top_classes || []} /></div>
      <div class="wall-column middle">
        <${Card} title=${t("wall.map.title")} side=${html`<span class="wall-muted">${t("wall.map.side")}</span>`}>
          <${DistrictMap} shapes=${shapes.value} districts=${data.districts || []} hotspots=${data.hotspots || []} /><//>
        <${Card} title=${t("wall.curve.title")} side=${html`<${Legend} />`}><${CallCurve} curve=${data.call_curve || NO_CURVE} /><//></div>
      <div class="wall-column right"><${Overdue} cases=${listed.value} total=${overdueCount(now.value)} fresh=${fresh.value} />
        <${Ranking} rows=${data.ranking || []} /></div>
    </div></main>`;
}

syncClock(boot.snapshot?.server_time, 500);
startClock();
takeSnapshot(boot.snapshot || {});
loadDistricts().then((loaded) => { shapes.value = loaded; }, () => { /* the figures stand without the map */ });
render(html`<${Wall} />`, document.getElementById("app"));
connect({snapshotPath: "/wall/snapshot", onSnapshot: takeSnapshot, onEvent: takeEvent, onFigures: takeFigures});
