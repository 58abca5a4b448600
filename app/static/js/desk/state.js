/* What a unit's desk knows: its cases, in which folders they lie, and what a push changes. */
import {boot} from "../lib/boot.js";
import {signal} from "../lib/html.js";
import {t} from "../lib/i18n.js";
import {createStore} from "../lib/store.js";
import {titleOf} from "../case/fields.js";
import {createFolders, earliestFirst, latestFirst} from "../case/folders.js";
import {fresh, markFresh} from "../case/fresh.js";
import {lampNow} from "../case/lamps.js";
import {onNewer, retryOpened, takePush} from "../case/opened.js";
import {announce} from "../case/top.js";

export {fresh};
const first = boot.snapshot ?? {};
export const me = boot.me ?? first.me ?? {name: ""};
export const unit = signal(first.unit ?? {name: ""});
export const cases = createStore();
/* Ours as the main unit or as one of the co-units. */
const isOurs = (one) => one.unit?.id === unit.value.id || (one.co_unit_ids ?? []).includes(unit.value.id);
const AT_WORK = new Set(["dispatched", "handling"]);
const byDeadline = earliestFirst((one) => Date.parse(one.due_at));
const inStates = (icon, ...states) => ({icon, holds: (one) => states.includes(one.state), order: byDeadline});
export const FOLDERS = {
  todo: inStates("inbox", ...AT_WORK),
  to_accept: inStates("hand", "dispatched"),
  handling: inStates("timer", "handling"),
  returned: {icon: "undo-2", holds: (one) => AT_WORK.has(one.state) && one.reworks > 0, order: byDeadline},
  suspended: inStates("pause", "suspended"),
  checking: inStates("shield-check", "checking", "confirming"),
  closed: {...inStates("circle-check", "closed"), order: latestFirst((one) => Date.parse(one.closed_at))},
};
export const work = createFolders({desk: "desk", cases, folders: FOLDERS, lampOf: lampNow});

export function takeSnapshot(snapshot) {
  if (snapshot.unit) unit.value = snapshot.unit;
  const taken = work.takeSnapshot(snapshot);
  snapshot.cases?.forEach(takePush);
  retryOpened();
  return taken;
}

export function takeEvent({kind, payload = {}}) {
  if (payload.case) takeCard(payload.case, kind);
}

function takeCard(card, kind = "") {
  const before = cases.get(card.id);
  takePush(card);
  if (!isOurs(card)) { cases.remove(card.id); return; }
  if (!work.takeCard(card)) return;
  markFresh(card.id);
  const words = wordsFor(kind, !before && (card.state === "dispatched" || kind === "case.co_unit_added"));
  if (words) announce(t(words, {title: titleOf(card), number: card.number}));
}

const VOICES = {"case.urged": "desk.voice.urged", "case.supervised": "desk.voice.supervised", "case.check_failed": "desk.voice.returned", "case.closed": "desk.voice.closed"};
/* A case that is not held may have been here all the time, further down than has been read. */
const wordsFor = (kind, isNew) => VOICES[kind] ?? (isNew ? "desk.voice.new" : "");

onNewer((detail) => { if (cases.get(detail.id) || isOurs(detail)) work.takeCard(detail); });
