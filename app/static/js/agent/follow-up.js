/* Citizens to be called back: what is due, which one is open, and what the agent does with it. */
import {api} from "../lib/api.js";
import {now} from "../lib/clock.js";
import {computed, signal} from "../lib/html.js";
import {t} from "../lib/i18n.js";
import {createStore} from "../lib/store.js";
import {toast} from "../lib/ui.js";
import {acceptLeg} from "./softphone.js";
import {me, takeCallCard, takeSeat} from "./state.js";

export const callBacks = createStore();
export const openTaskId = signal(null);
/* The name of the step that is on its way. */
export const busy = signal("");

const WAITING = new Set(["open", "claimed"]);
export const isMine = (task) => task.claimed_by?.id === me.id;
const isDue = (task) => isMine(task) || Date.parse(task.next_at) <= now.value;
const ORDER = {promise: 0, survey: 1};
/* Whoever was let down first, then by the day until which it is due. */
export const dueTasks = computed(() => callBacks.list.value.filter(isDue)
  .sort((a, b) => ORDER[a.kind] - ORDER[b.kind] || Date.parse(a.due_at) - Date.parse(b.due_at) || a.id - b.id));
export const openTask = computed(() => callBacks.rows.value.get(openTaskId.value) ?? null);

/* A snapshot holds what is due now; what is due later and was pushed stays. */
export function takeTasks(due) {
  const ids = new Set(due.map((task) => task.id));
  callBacks.replace([...due, ...callBacks.list.value.filter((task) => !ids.has(task.id) && !isDue(task))]);
}
export function takeTask(task) {
  if (WAITING.has(task.state)) callBacks.upsert(task);
  else { callBacks.remove(task.id); if (openTaskId.value === task.id) openTaskId.value = null; }
}
/* A case moves on while somebody is to be called about it. */
export function takeTaskCase(card) {
  for (const task of callBacks.list.value) {
    if (task.case.id === card.id && task.case.version < card.version) callBacks.rows.value = new Map(callBacks.rows.value).set(task.id, {...task, case: card});
  }
}

async function step(name, work) {
  if (busy.value) return undefined;
  busy.value = name;
  try { return await work(); } catch (error) { toast(error.message, {kind: "bad"}); return undefined; } finally { busy.value = ""; }
}
const post = async (task, action, body) => { const after = await api.post(`/call-backs/${task.id}/${action}`, body); takeTask(after); return after; };

export const claim = (task) => step("claim", () => post(task, "claim"));
export const release = (task) => step("release", () => post(task, "release"));
/* Whoever dials has the task; the agent's own telephone rings first and is picked up by itself. */
export const dial = (task) => step("dial", async () => {
  if (!isMine(task)) await post(task, "claim");
  acceptLeg();
  const answer = await api.post(`/call-backs/${task.id}/dial`);
  takeSeat(answer.seat);
  takeCallCard(answer.call);
});
export const complete = (task, result) => step("complete", async () => {
  const after = await post(task, "complete", result);
  toast(t(`callback.saved.${after.state}`), {kind: "good"});
  return after;
});
