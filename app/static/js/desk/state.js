/* What a unit's desk knows: its cases, which of them are listed, and what a push changes. */
import {boot} from "../lib/boot.js";
import {api} from "../lib/api.js";
import {now} from "../lib/clock.js";
import {computed, signal} from "../lib/html.js";
import {t} from "../lib/i18n.js";
import {createStore} from "../lib/store.js";
import {matches, titleOf} from "../case/fields.js";
import {fresh, markFresh} from "../case/fresh.js";
import {byUrgency, lampNow} from "../case/lamps.js";
import {onNewer, retryOpened, takePush} from "../case/opened.js";
import {announce} from "../case/top.js";

export {fresh};
const first = boot.snapshot ?? {};
export const me = boot.me ?? first.me ?? {name: ""};
export const unit = signal(first.unit ?? {name: ""});
export const cases = createStore();
export const folder = signal("todo");
export const lamp = signal("");
export const query = signal("");

/* Ours as the main unit or as one of the co-units. */
const isOurs = (one) => one.unit?.id === unit.value.id || (one.co_unit_ids ?? []).includes(unit.value.id);
const AT_WORK = new Set(["dispatched", "handling"]);
export const FOLDERS = {
  todo: {icon: "inbox", holds: (one) => AT_WORK.has(one.state)},
  to_accept: {icon: "hand", holds: (one) => one.state === "dispatched"},
  handling: {icon: "timer", holds: (one) => one.state === "handling"},
  returned: {icon: "undo-2", holds: (one) => AT_WORK.has(one.state) && one.reworks > 0},
  suspended: {icon: "pause", holds: (one) => one.state === "suspended"},
  checking: {icon: "shield-check", holds: (one) => one.state === "checking" || one.state === "confirming"},
  closed: {icon: "circle-check", holds: (one) => one.state === "closed"},
};

export const counts = computed(() => {
  const all = cases.list.value;
  return Object.fromEntries(Object.entries(FOLDERS).map(([name, {holds}]) => [name, all.filter(holds).length]));
});
const inFolder = computed(() => cases.list.value.filter(FOLDERS[folder.value].holds));
export const lamps = computed(() => {
  const found = {red: 0, yellow: 0, green: 0, grey: 0};
  for (const one of inFolder.value) found[lampNow(one, now.value)] += 1;
  return found;
});
export const rows = computed(() => inFolder.value
  .filter((one) => (!lamp.value || lampNow(one, now.value) === lamp.value) && matches(one, query.value))
  .sort(folder.value === "closed" ? latestFirst : byUrgency(now.value)));
const latestFirst = (a, b) => Date.parse(b.closed_at ?? b.opened_at) - Date.parse(a.closed_at ?? a.opened_at);

export function takeSnapshot(snapshot) {
  if (snapshot.unit) unit.value = snapshot.unit;
  const held = cases.list.value.filter((one) => one.state === "closed");
  const listed = snapshot.cases ?? [], ids = new Set(listed.map((one) => one.id));
  // Closed cases fetched page by page are in no snapshot; they stay.
  cases.replace([...listed, ...held.filter((one) => !ids.has(one.id))]);
  listed.forEach(takePush);
  retryOpened();
}

export function takeEvent({kind, payload = {}}) {
  if (payload.case) takeCard(payload.case, kind);
}

function takeCard(card, kind = "") {
  const before = cases.get(card.id);
  if (!isOurs(card)) { cases.remove(card.id); takePush(card); return; }
  if (!cases.upsert(card)) return;
  markFresh(card.id);
  takePush(card);
  const words = wordsFor(kind, !before);
  if (words) announce(t(words, {title: titleOf(card), number: card.number}));
}

const VOICES = {"case.urged": "desk.voice.urged", "case.supervised": "desk.voice.supervised", "case.check_failed": "desk.voice.returned", "case.closed": "desk.voice.closed"};
const wordsFor = (kind, isNew) => (isNew ? "desk.voice.new" : VOICES[kind]);

onNewer((detail) => { if (cases.get(detail.id) || isOurs(detail)) cases.upsert(detail); });

/* Closed cases are fetched only when somebody looks at them, a page at a time. */
export const closedPage = signal({state: "unread", cursor: null});
export async function loadClosed() {
  if (closedPage.value.state === "loading" || (closedPage.value.state === "read" && !closedPage.value.cursor)) return;
  const {cursor} = closedPage.value;
  closedPage.value = {state: "loading", cursor};
  try {
    const page = await api.get("/cases", {state: "closed", unit: unit.value.id, cursor});
    page.items.forEach((one) => cases.upsert(one));
    closedPage.value = {state: "read", cursor: page.next_cursor};
  } catch (error) { closedPage.value = {state: "failed", cursor, failure: error.message}; }
}

export function choose(name) {
  folder.value = name;
  lamp.value = "";
  if (name === "closed" && closedPage.value.state === "unread") loadClosed();
}
