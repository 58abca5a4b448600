/* What the wallboard knows: the last snapshot, patched by figures (every few seconds) and by events (at once). */
import {computed, signal} from "../lib/html.js";
import {createStore} from "../lib/store.js";
import {lampNow} from "../case/lamps.js";
import {takeIncident, takeIncidents} from "../incident/store.js";

const FRESH_FOR = 1600;
const STALE_AFTER_SECONDS = 15;
const GONE = new Set(["closed", "void", "checking"]);

export const board = signal(null);
export const asOf = signal(null);
export const seats = createStore({keyOf: (seat) => seat.account_id});
export const overdue = createStore();
/** Ids of rows to be highlighted for a moment. */
export const fresh = signal(new Set());

export function takeSnapshot(snapshot) {
  board.value = snapshot;
  asOf.value = snapshot.as_of || snapshot.server_time;
  seats.replace(snapshot.seats || []);
  overdue.replace(snapshot.overdue || []);
  takeIncidents(snapshot.incidents);
}

/** "figures" carries any part of a snapshot; what it leaves out stays. */
export function takeFigures(figures) {
  if (!board.value) return;
  board.value = {...board.value, ...figures, tiles: {...board.value.tiles, ...figures.tiles}};
  asOf.value = figures.as_of || figures.server_time || asOf.value;
  if (figures.seats) seats.replace(figures.seats);
  if (figures.overdue) overdue.replace(figures.overdue);
  if (figures.incidents) takeIncidents(figures.incidents);
}

export function takeEvent({kind, payload = {}}) {
  takeIncident({kind, payload});
  if (payload.seat) seats.upsert(payload.seat);
  if (payload.case) takeCase(payload.case);
}

function takeCase(one) {
  if (!overdue.get(one.id)) return;
  if (GONE.has(one.state)) overdue.remove(one.id);
  else if (overdue.upsert(one)) highlight(one.id);
}

function highlight(id) {
  fresh.value = new Set(fresh.value).add(id);
  setTimeout(() => { const left = new Set(fresh.value); left.delete(id); fresh.value = left; }, FRESH_FOR);
}

export const isStale = (now) => !asOf.value || (now - Date.parse(asOf.value)) / 1000 > STALE_AFTER_SECONDS;

/** Overdue first (the longest first), then those about to be. */
export const listed = computed(() => overdue.list.value.filter((one) => one.due_at)
  .sort((a, b) => Date.parse(a.due_at) - Date.parse(b.due_at)));
export const overdueCount = (now) => board.value?.tiles?.overdue ?? listed.value.filter((one) => lampNow(one, now) === "red").length;
