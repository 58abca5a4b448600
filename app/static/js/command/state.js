/* What waits for the command centre, and the open cases it looks at page by page. */
import {boot} from "../lib/boot.js";
import {api} from "../lib/api.js";
import {now} from "../lib/clock.js";
import {batch, computed, effect, signal} from "../lib/html.js";
import {t} from "../lib/i18n.js";
import {refresh} from "../lib/live.js";
import {createStore} from "../lib/store.js";
import {matches, titleOf} from "../case/fields.js";
import {fresh, markFresh} from "../case/fresh.js";
import {byUrgency, lampNow} from "../case/lamps.js";
import {onNewer, retryOpened, takePush} from "../case/opened.js";
import {noteThread} from "../case/thread.js";
import {announce} from "../case/top.js";
import {takeIncident, takeIncidents} from "../incident/store.js";

export {fresh};
const first = boot.snapshot ?? {};
export const me = boot.me ?? first.me ?? {name: ""};
export const cases = createStore();
/* Units' requests that nobody has decided yet. */
export const requests = signal([]);
export const requestsOf = (id) => requests.value.filter((each) => each.case_id === id);
export const folder = signal("dispatch");
export const lamp = signal("");
export const query = signal("");

const ENDED = new Set(["closed", "rejected", "void"]);
const isOpen = (one) => !ENDED.has(one.state);
/* `asked`: what the server is asked for when the folder is opened; the others are whole in the snapshot. */
export const FOLDERS = {
  dispatch: {icon: "send", holds: (one) => one.state === "filed"},
  decide: {icon: "gavel", holds: (one) => requestsOf(one.id).length > 0},
  confirm: {icon: "shield-check", holds: (one) => one.state === "rejecting" || one.state === "confirming"},
  overdue: {icon: "alarm-clock", holds: (one) => isOpen(one) && lampNow(one, now.value) === "red", asked: {state: "open", lamp: "red"}},
  suspended: {icon: "pause", holds: (one) => one.state === "suspended", asked: {state: "suspended"}},
  open: {icon: "layers", holds: (one) => isOpen(one) && one.state !== "reported", asked: {state: "open"}},
};
export const isWhole = (name) => !FOLDERS[name].asked;

export const counts = computed(() => Object.fromEntries(Object.entries(FOLDERS).map(([name, {holds}]) => [name, cases.list.value.filter(holds).length])));
const inFolder = computed(() => cases.list.value.filter(FOLDERS[folder.value].holds));
export const lamps = computed(() => {
  const found = {red: 0, yellow: 0, green: 0, grey: 0};
  for (const one of inFolder.value) found[lampNow(one, now.value)] += 1;
  return found;
});
const longestFirst = (a, b) => Date.parse(a.filed_at ?? a.opened_at) - Date.parse(b.filed_at ?? b.opened_at) || a.id - b.id;
export const rows = computed(() => inFolder.value
  .filter((one) => (!lamp.value || lampNow(one, now.value) === lamp.value) && matches(one, query.value))
  .sort(folder.value === "dispatch" ? longestFirst : byUrgency(now.value)));

export function takeSnapshot(snapshot) {
  const listed = snapshot.cases ?? [], ids = new Set(listed.map((one) => one.id));
  batch(() => {
    requests.value = snapshot.requests ?? [];
    takeIncidents(snapshot.incidents);
    // What was read page by page is in no snapshot; what left the snapshot no longer waits and comes again with its folder.
    cases.replace([...listed, ...cases.list.value.filter((one) => !ids.has(one.id) && !waits(one))]);
  });
  listed.forEach(takePush);
  retryOpened();
}
const waits = (one) => ["dispatch", "decide", "confirm"].some((name) => FOLDERS[name].holds(one));

let soon = 0;
/* A request is no part of the card: the snapshot brings it. */
const REQUESTS = /^case\.(extension|suspension|suspended|appeal)/;
export function takeEvent({kind, subject, payload = {}}) {
  noteThread({kind, subject});
  if (REQUESTS.test(kind)) { clearTimeout(soon); soon = setTimeout(refresh, 300); }
  if (takeIncident({kind, payload})?.state === "proposed" && kind === "incident.proposed") announce(t("incident.voice", {title: payload.incident.title}));
  if (payload.case) takeCard(payload.case, kind);
}

function takeCard(card, kind) {
  takePush(card);
  const held = cases.get(card.id), comes = card.state === "filed" || card.state === "rejecting" || card.state === "confirming";
  if (!held && !comes && !isAwaited(card)) return;
  if (!cases.upsert(card)) return;
  markFresh(card.id);
  if (kind === "case.returned") announce(t("command.voice.returned", {title: titleOf(card)}));
}
/* A folder that has been read stays whole: what belongs into it from now on comes by the push. */
const isAwaited = (card) => Object.entries(pages.value).some(([name, {state}]) => state === "read" && FOLDERS[name].holds(card));
onNewer((detail) => { if (cases.get(detail.id)) cases.upsert(detail); });

/* Folder -> {state: "loading" | "read" | "failed", cursor, failure} */
export const pages = signal({});
const set = (name, page) => { pages.value = {...pages.value, [name]: page}; };
export async function loadMore(name = folder.value) {
  const {asked} = FOLDERS[name], page = pages.value[name];
  if (!asked || page?.state === "loading" || (page?.state === "read" && !page.cursor)) return;
  set(name, {state: "loading", cursor: page?.cursor});
  try {
    const found = await api.get("/cases", {...asked, cursor: page?.cursor});
    found.items.forEach((one) => cases.upsert(one));
    set(name, {state: "read", cursor: found.next_cursor});
  } catch (error) { set(name, {state: "failed", cursor: page?.cursor, failure: error.message}); }
}

export function choose(name) {
  folder.value = name;
  lamp.value = "";
  if (!pages.value[name]) loadMore(name);
}

/* Of a folder that is read page by page the search asks the server, too: what is looked for may be on a later page. */
let lookUp = 0;
effect(() => {
  const words = query.value.trim(), name = folder.value;
  clearTimeout(lookUp);
  if (!isWhole(name) && words.length > 1) lookUp = setTimeout(find, 300, name, words);
});
async function find(name, words) {
  try {
    const found = await api.get("/cases", {...FOLDERS[name].asked, q: words});
    found.items.forEach((one) => cases.upsert(one));
  } catch (error) { set(name, {...pages.value[name], state: "failed", failure: error.message}); }
}
