/* The case that is open: fetched, watched, kept up to date; a change by somebody else is shown, never overwritten. */
import {ApiError, api} from "../lib/api.js";
import {batch, signal} from "../lib/html.js";
import {t} from "../lib/i18n.js";
import {refresh, watch} from "../lib/live.js";
import {changesBetween} from "./fields.js";

/* phase: none | loading | ready | gone | failed; changed: fields somebody else has just changed */
const NOTHING = {id: null, phase: "none", detail: null, changed: [], failure: ""};
export const opened = signal(NOTHING);
const set = (change) => { opened.value = {...opened.value, ...change}; };

let release = null;
let listener = () => {};
/** `taker(card)` hears of every newer card that a fetch or a write brings. */
export const onNewer = (taker) => { listener = taker; };

export function openCase(id) {
  if (id === opened.value.id) return undefined;
  release?.();
  release = null;
  opened.value = id === null ? NOTHING : {...NOTHING, id, phase: "loading"};
  if (id === null) return undefined;
  release = watch({case: id});
  return reload();
}

export async function reload() {
  const {id} = opened.value;
  if (opened.value.phase === "failed") set({phase: "loading"});
  try {
    const detail = await api.get(`/cases/${id}`);
    if (opened.value.id === id) takeDetail(detail);
  } catch (error) {
    if (opened.value.id !== id) return;
    const phase = [403, 404].includes(error.status) ? "gone" : opened.value.detail ? opened.value.phase : "failed";
    set({phase, failure: error.message});
  }
}

function takeDetail(detail) {
  const held = opened.value.detail;
  if (held && detail.version < held.version) return;
  // A fetch can overtake the push that caused it: what it brings is somebody else's change all the same.
  const news = held && !isOwn(detail) ? changesBetween(held, detail) : [];
  batch(() => {
    set({detail, phase: "ready", failure: "", changed: [...new Set([...opened.value.changed, ...news])]});
    listener(detail);
  });
}

/* While a write of our own is on its way, the pushes it causes are not somebody else's change. */
const writing = new Set();
const isOwn = (card) => writing.has(card.id);

/** A pushed card: its figures at once, the rest (history, photographs, actions) by a fetch. */
export function takePush(card) {
  const {id, detail} = opened.value;
  if (card.id !== id || !detail || card.version <= detail.version) return;
  const changed = isOwn(card) ? [] : changesBetween(detail, {...detail, ...card});
  // Offered actions belong to the old state: none may be pressed until the fetch has brought the new ones.
  const actions = card.state === detail.state ? detail.actions : [];
  set({detail: {...detail, ...card, actions}, changed: [...new Set([...opened.value.changed, ...changed])]});
  reload();
}

/** After a reconnect: what could not be fetched while the line was down is fetched now. */
export function retryOpened() {
  if (opened.peek().phase === "failed") reload();
}

export const readChanges = () => set({changed: []});

/**
 * One step of the workflow. `prepare()` (uploads) runs first; as every photograph makes a new version, the newest is fetched, and the
 * step is sent only if nobody else has changed anything meanwhile. Throws ApiError; a conflict has been shown and repaired by then.
 */
export async function act(action, body, prepare) {
  const before = opened.value.detail;
  writing.add(before.id);
  try {
    const sent = prepare && await prepare();
    const newest = sent ? await api.get(`/cases/${before.id}`) : before;
    if (changesBetween(before, newest).length) throw new ApiError({status: 409, slug: "stale-version", detail: t("case.changed.first")});
    const answer = await api.post(`/cases/${before.id}/actions/${action}`, body, {version: newest.version});
    await show(before.id, answer);
  } catch (error) {
    if (error.status === 409) await showConflict(before);
    throw error;
  } finally {
    writing.delete(before.id);
  }
}

async function show(id, answer) {
  if (opened.value.id !== id) return listener(answer);
  set({changed: []});
  return answer?.actions ? takeDetail(answer) : reload();
}

async function showConflict(before) {
  if (opened.value.id !== before.id) return;
  await reload();
  const {detail} = opened.value;
  if (detail?.id === before.id) set({changed: changesBetween(before, detail)});
  refresh();
}
