/* The list of cases: lamps above, search, rows with progress bars. Only the rows in view are drawn. */
import {now} from "../lib/clock.js";
import {html, useEffect, useRef, useState} from "../lib/html.js";
import {t} from "../lib/i18n.js";
import {Button, EmptyState, Icon, Lamp, Tag, lampWord} from "../lib/ui-basic.js";
import {select} from "./route.js";
import {remaining} from "./time.js";

const SPARE = 6;

/** counts: {red, yellow, green}; chosen: a lamp or "". Pressing the chosen lamp shows all again. */
export const LampBar = ({counts, chosen, onChoose}) => html`<div class="lampbar" role="group" aria-label=${t("case.list.by_lamp")}>
  ${["red", "yellow", "green"].map((lamp) => html`<button type="button" class=${lamp} aria-pressed=${chosen === lamp ? "true" : "false"}
    onClick=${() => onChoose(chosen === lamp ? "" : lamp)}><span class="row s12">
      <${Lamp} color=${lamp} live=${lamp === "red" && counts.red > 0} />${lampWord(lamp)}</span>
    <b class="num">${counts[lamp] ?? 0}</b></button>`)}</div>`;

export const SearchBox = ({value, onInput}) => html`<div class="search"><${Icon} name="search" /><input class="in" type="search" value=${value}
  placeholder=${t("case.list.search")} aria-label=${t("case.list.search")} onInput=${(e) => onInput(e.target.value)} /></div>`;

/* States in which the unit's clock stands still. */
export const STILL = new Set(["checking", "confirming", "closed", "suspended"]);
/** What is left of the limit, or how it ended. */
export function timeOf(one, at) {
  if (one.state === "suspended") return one.state_label;
  if (STILL.has(one.state)) return t(one.lamp === "red" ? "case.hero.was_late" : "case.hero.in_time");
  const text = remaining(one.due_at, at, t);
  return text.startsWith("-") ? t("time.overdue", {time: text.slice(1)}) : text;
}

/** What an empty list says while it is read, or if nothing fits; null where there is simply nothing. */
export function emptyOf({page, query, lamp}) {
  if (page.value?.state === "loading") return {icon: "refresh-cw", title: t("case.loading")};
  return query.value || lamp.value ? {icon: "search", title: t("case.list.nothing"), hint: t("case.list.nothing.hint")} : null;
}

/** Scrolling reads on by itself; the button is for whoever does not scroll, and for a second try. */
export function MoreCases({work: {page, hasMore, loadMore}}) {
  if (!hasMore.value) return null;
  const {state, failure} = page.value;
  return html`<div class="more">${failure && html`<span class="err">${failure}</span>`}
    <${Button} pending=${state === "loading"} onClick=${loadMore}>${t("case.list.more")}<//></div>`;
}

/* Which rows are in view. `box` scrolls; every row has the same height. */
function useWindow(box, count, rowHeight) {
  const [view, setView] = useState({top: 0, height: 900});
  const look = () => box.current && setView({top: box.current.scrollTop, height: box.current.clientHeight || 900});
  useEffect(() => {
    const watcher = new ResizeObserver(look);
    watcher.observe(box.current);
    return () => watcher.disconnect();
  }, []);
  const first = Math.max(0, Math.min(count - 1, Math.floor(view.top / rowHeight)) - SPARE);
  return {first, last: Math.min(count, Math.ceil((view.top + view.height) / rowHeight) + SPARE), look};
}

function bringIntoView(box, index, rowHeight) {
  const top = index * rowHeight, bottom = top + rowHeight;
  if (top < box.scrollTop) box.scrollTop = top;
  else if (bottom > box.scrollTop + box.clientHeight) box.scrollTop = bottom - box.clientHeight;
}

const MOVES = {ArrowDown: (at) => at + 1, ArrowUp: (at) => at - 1, Home: () => 0, End: () => Infinity, PageDown: (at) => at + 8, PageUp: (at) => at - 8};

/**
 * rows: cases in order; faceOf(one, now) -> {lamp, time, tag, spent}; fresh: ids to highlight; empty: {title, hint};
 * onReach(index): the last row that is drawn.
 * A listbox: arrows move the choice, the page shows the chosen case beside it.
 */
export function CaseList({rows, chosen, rowHeight, faceOf, fresh, label, empty, onReach}) {
  const box = useRef(null);
  const {first, last, look} = useWindow(box, rows.length, rowHeight);
  const at = rows.findIndex((one) => one.id === chosen);
  useEffect(() => { if (at >= 0 && box.current) bringIntoView(box.current, at, rowHeight); }, [chosen]);
  useEffect(() => onReach?.(last), [last, rows.length]);
  const move = (event) => {
    const to = MOVES[event.key];
    if (!to || rows.length === 0) return;
    event.preventDefault();
    select(rows[Math.min(rows.length - 1, Math.max(0, to(at)))].id);
  };
  if (rows.length === 0) return html`<div class="cases" ref=${box}><${EmptyState} ...${empty} /></div>`;
  return html`<div class="cases" ref=${box} role="listbox" tabindex="0" aria-label=${label} onScroll=${look} onKeyDown=${move}
    aria-activedescendant=${at >= first && at < last ? `case-${chosen}` : undefined}>
    <div class="cases-pad" role="presentation" style=${{height: `${rows.length * rowHeight}px`}}>
      <div class="cases-window" role="presentation" style=${{transform: `translateY(${first * rowHeight}px)`}}>
      ${rows.slice(first, last).map((one, i) => html`<${Row} key=${one.id} one=${one} face=${faceOf(one, now.value)} chosen=${one.id === chosen}
        fresh=${fresh.has(one.id)} place=${first + i + 1} of=${rows.length} />`)}
    </div></div></div>`;
}

function Row({one, face, chosen, fresh, place, of}) {
  return html`<div id=${`case-${one.id}`} class=${`case-row ${face.lamp}${fresh ? " fresh" : ""}`} role="option" aria-selected=${chosen ? "true" : "false"}
    aria-posinset=${place} aria-setsize=${of} onClick=${() => select(one.id)}>
    <${Lamp} color=${face.lamp} live=${face.lamp === "red"} />
    <span class="row name"><b class="ell">${one.class_name}</b>${face.tags.map((tag) => html`<${Tag} kind=${tag.kind}>${tag.text}<//>`)}</span>
    <span class="left num">${face.time}</span>
    <span class="facts"><span class="ell">${face.where}</span><span class="num">${one.number}</span></span>
    <span class="spent" aria-hidden="true"><i style=${{transform: `scaleX(${face.spent})`}}></i></span></div>`;
}
