/* What waits for this inspector's check, the longest first. */
import {boot} from "../lib/boot.js";
import {now} from "../lib/clock.js";
import {computed, signal} from "../lib/html.js";
import {t} from "../lib/i18n.js";
import {createStore} from "../lib/store.js";
import {matches, titleOf} from "../case/fields.js";
import {markFresh} from "../case/fresh.js";
import {onNewer, retryOpened, takePush} from "../case/opened.js";
import {announce} from "../case/top.js";
import {checkLamp, isTask, waitingSince} from "./waiting.js";

const first = boot.snapshot ?? {};
export const me = boot.me ?? first.me ?? {name: ""};
export const cases = createStore();
export const lamp = signal("");
export const query = signal("");

const all = computed(() => [...cases.list.value].sort((a, b) => waitingSince(a) - waitingSince(b) || a.id - b.id));
export const lamps = computed(() => {
  const found = {red: 0, yellow: 0, green: 0};
  for (const one of all.value) found[checkLamp(one, now.value)] += 1;
  return found;
});
export const rows = computed(() => all.value.filter((one) => (!lamp.value || checkLamp(one, now.value) === lamp.value) && matches(one, query.value)));

/** Which case comes after this one in the list as it stands. */
export function after(id) {
  const at = rows.value.findIndex((one) => one.id === id);
  return (rows.value[at + 1] ?? rows.value[at - 1])?.id ?? null;
}

export function takeSnapshot(snapshot) {
  const listed = snapshot.cases ?? [];
  cases.replace(listed);
  listed.forEach(takePush);
  retryOpened();
}

export function takeEvent({payload = {}}) {
  if (!payload.case) return;
  takePush(payload.case);
  takeCard(payload.case);
}

function takeCard(card) {
  const held = cases.get(card.id);
  if (!isTask(card)) { if (held && held.version < card.version) cases.remove(card.id); return; }
  if (!cases.upsert(card)) return;
  markFresh(card.id);
  if (!held) announce(t("inspect.voice.new", {title: titleOf(card)}));
}
onNewer(takeCard);
