/* What the agent does. Every function is a REST write; the state changes when the server has said so. */
import {api} from "../lib/api.js";
import {signal} from "../lib/html.js";
import {t} from "../lib/i18n.js";
import {toast} from "../lib/ui.js";
import {loadCall, refreshSoon} from "./feed.js";
import {acceptLeg, hangUpLeg, muteLeg} from "./softphone.js";
import {unlockRing} from "./ring-sound.js";
import {call, isGuest, isMine, overlay, seat, subjectCall, takeCallCard, takeSeat, view} from "./state.js";

/* names of the actions on their way, so that their buttons refuse a second click */
export const pending = signal(new Set());
export const isPending = (name) => pending.value.has(name);

export async function during(name, work) {
  if (pending.value.has(name)) return undefined;
  pending.value = new Set([...pending.value, name]);
  try {
    return await work();
  } catch (error) {
    toast(error.message, {kind: "bad"});
    if (error.status === 409) refreshSoon();
    return undefined;
  } finally {
    pending.value = new Set([...pending.value].filter((each) => each !== name));
  }
}

function absorb(answer) {
  if (!answer) return;
  if (answer.account_id) takeSeat(answer);
  if (answer.seat) takeSeat(answer.seat);
  if (answer.call) takeCallCard(answer.call);
}

export function setStatus(status, reason = "") {
  unlockRing();
  return during("status", async () => { absorb(await api.post("/seat/status", {status, reason})); refreshSoon(); });
}

/* The caller goes on to the next seat at once, and I take no further calls. */
export const decline = () => setStatus("busy");

export function answer() {
  const id = seat.value?.call_id;
  if (!id) return undefined;
  view.value = "calls";
  guestMuted.value = false;
  acceptLeg();
  return during("answer", async () => { absorb(await api.post(`/calls/${id}/answer`)); loadCall(id); });
}

let lastHangUp = 0;
/* A second press within a second is a slip, perhaps already of the next call. */
export function hangUp() {
  const id = call.value?.id;
  if (!id || Date.now() - lastHangUp < 1000) return undefined;
  lastHangUp = Date.now();
  return during("hang-up", async () => { absorb(await api.post(`/calls/${id}/hang-up`)); hangUpLeg(); });
}

/* Anything asked of the call in hand that ends in its card. Returns whether it was done. */
export async function askOfCall(name, path, body) {
  const id = call.value?.id;
  if (!id) return false;
  return Boolean(await during(name, async () => { absorb(await api.post(`/calls/${id}/${path}`, body)); return true; }));
}

/* Optimistic, with the pending mark: the agent hears the difference at once. */
function switchCall(name, path, field) {
  return () => {
    const id = call.value?.id;
    if (!id) return undefined;
    const on = !call.value[field];
    call.value = {...call.value, [field]: on};
    return during(name, async () => {
      try { absorb(await api.post(`/calls/${id}/${path}`, {on})); } catch (error) { undo(id, field, !on); throw error; }
      if (path === "mute") muteLeg(on);
    });
  };
}
const undo = (id, field, value) => { if (call.value?.id === id) call.value = {...call.value, [field]: value}; };
const muteOwn = switchCall("mute", "mute", "muted");
/* A guest's microphone is switched off in the browser alone: the call's own mark is its agent's. */
export const guestMuted = signal(false);
export function toggleMute() {
  if (!isGuest.value) return muteOwn();
  guestMuted.value = !guestMuted.value;
  return muteLeg(guestMuted.value);
}
export const toggleHold = switchCall("hold", "hold", "hold");

/* Without a disposition the server keeps the seat in after-call work: ask for it first. */
export function finishWrapUp() {
  if (call.value && isMine(call.value) && !call.value.disposition) { overlay.value = {name: "dispose", kind: "answered"}; return undefined; }
  return during("finish", async () => absorb(await api.post("/seat/wrap-up/finish")));
}
export const extendWrapUp = () => during("extend", async () => absorb(await api.post("/seat/wrap-up/extend")));

/* kind: answered status_query urged prank emergency_transferred case. Returns whether it was taken. */
export async function dispose(kind, {note = "", caseId, articleId} = {}) {
  const id = subjectCall.value?.id;
  if (!id) return false;
  const done = await during("dispose", async () => {
    absorb(await api.post(`/calls/${id}/disposition`, {kind, note, ...(caseId ? {case_id: caseId} : {}), ...(articleId ? {article_id: articleId} : {})}));
    if (call.value?.id === id && !call.value.disposition) call.value = {...call.value, disposition: kind};
    return true;
  });
  if (done) toast(t(`agent.disposed.${kind}`), {kind: "good"});
  return Boolean(done);
}

export const actOnCase = (item, action, facts = {}, word = t(`action.${action}`)) => during(`${action}-${item.id}`, async () => {
  const after = await api.post(`/cases/${item.id}/actions/${action}`, facts, {version: item.version});
  toast(t("agent.case.done", {number: item.number, action: word}), {kind: "good"});
  return after;
});
