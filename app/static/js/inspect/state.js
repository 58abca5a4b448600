/* What waits for this inspector's check, the longest first. */
import {boot} from "../lib/boot.js";
import {t} from "../lib/i18n.js";
import {createStore} from "../lib/store.js";
import {titleOf} from "../case/fields.js";
import {createFolders, earliestFirst} from "../case/folders.js";
import {markFresh} from "../case/fresh.js";
import {onNewer, retryOpened, takePush} from "../case/opened.js";
import {announce} from "../case/top.js";
import {checkLamp, isTask, waitingSince} from "./waiting.js";

const first = boot.snapshot ?? {};
export const me = boot.me ?? first.me ?? {name: ""};
export const cases = createStore();
export const work = createFolders({
  desk: "inspect", cases, lampOf: checkLamp, folders: {tasks: {holds: isTask, order: earliestFirst(waitingSince)}},
});

/** Which case comes after this one in the list as it stands. */
export function after(id) {
  const rows = work.rows.value, at = rows.findIndex((one) => one.id === id);
  return (rows[at + 1] ?? rows[at - 1])?.id ?? null;
}

export function takeSnapshot(snapshot) {
  const taken = work.takeSnapshot(snapshot);
  snapshot.cases?.forEach(takePush);
  retryOpened();
  return taken;
}

export function takeEvent({kind, payload = {}}) {
  if (!payload.case) return;
  takePush(payload.case);
  takeCard(payload.case, kind);
}

const COMES = new Set(["case.fed_back", "case.co_fed_back", "case.closing_overruled", "case.verification_asked"]);
function takeCard(card, kind = "") {
  const held = cases.get(card.id);
  if (!work.takeCard(card)) return;
  if (!isTask(card)) { cases.remove(card.id); return; }
  markFresh(card.id);
  if (!held && COMES.has(kind)) announce(t("inspect.voice.new", {title: titleOf(card)}));
}
onNewer(takeCard);
