/* What waits for the command centre, and what else is open. */
import {boot} from "../lib/boot.js";
import {api} from "../lib/api.js";
import {now} from "../lib/clock.js";
import {batch, signal} from "../lib/html.js";
import {t} from "../lib/i18n.js";
import {refresh} from "../lib/live.js";
import {createStore} from "../lib/store.js";
import {titleOf} from "../case/fields.js";
import {createFolders, earliestFirst} from "../case/folders.js";
import {fresh, markFresh} from "../case/fresh.js";
import {lampNow} from "../case/lamps.js";
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
const ENDED = new Set(["closed", "rejected", "void"]);
const isOpen = (one) => !ENDED.has(one.state);
const byDeadline = earliestFirst((one) => Date.parse(one.due_at));
const longestFirst = earliestFirst((one) => Date.parse(one.filed_at));
export const FOLDERS = {
  dispatch: {icon: "send", holds: (one) => one.state === "filed", order: longestFirst},
  decide: {icon: "gavel", holds: (one) => requestsOf(one.id).length > 0, order: byDeadline},
  confirm: {icon: "shield-check", holds: (one) => one.state === "rejecting" || one.state === "confirming", order: byDeadline},
  overdue: {icon: "alarm-clock", holds: (one) => isOpen(one) && lampNow(one, now.value) === "red", order: byDeadline},
  suspended: {icon: "pause", holds: (one) => one.state === "suspended", order: byDeadline},
  open: {icon: "layers", holds: (one) => isOpen(one) && one.state !== "reported", order: byDeadline},
};
function takeRequests(page, isAnew = false) {
  const ids = new Set((page.items ?? []).map(({id}) => id));
  requests.value = [...(isAnew ? [] : requests.value.filter((each) => !ids.has(each.case_id))), ...page.requests ?? []];
}
export const work = createFolders({desk: "command", cases, folders: FOLDERS, lampOf: lampNow, onPage: takeRequests});

export function takeSnapshot(snapshot) {
  takeIncidents(snapshot.incidents);
  const taken = work.takeSnapshot(snapshot);
  snapshot.cases?.forEach(takePush);
  retryOpened();
  return taken;
}

/* A request is no part of the card. */
const REQUESTS = /^case\.(extension|suspension|suspended|appeal)/;
export function takeEvent({kind, subject, payload = {}}) {
  noteThread({kind, subject});
  if (takeIncident({kind, payload})?.state === "proposed" && kind === "incident.proposed") announce(t("incident.voice", {title: payload.incident.title}));
  if (!payload.case) return;
  takeCard(payload.case, kind);
  if (REQUESTS.test(kind)) askRequests(payload.case);
}

async function askRequests(card) {
  try {
    const found = await api.get("/command/cases", {folder: "decide", q: card.number});
    batch(() => {
      takeRequests({items: [card], requests: found.requests});
      found.items.forEach(work.takeCard);
    });
  } catch { refresh(); }
}

function takeCard(card, kind) {
  takePush(card);
  if (!work.takeCard(card)) return;
  markFresh(card.id);
  if (kind === "case.returned") announce(t("command.voice.returned", {title: titleOf(card)}));
}
onNewer((detail) => { if (cases.get(detail.id)) work.takeCard(detail); });
