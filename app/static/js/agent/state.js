/* What the console knows, fed by the snapshot and by events; nothing here asks the server. */
import {boot} from "../lib/boot.js";
import {batch, computed, signal} from "../lib/html.js";
import {createStore} from "../lib/store.js";
import {now} from "../lib/clock.js";
import {lampNow} from "../case/lamps.js";
import {takeIncidents} from "../incident/store.js";

const first = boot.snapshot ?? {};
export const me = boot.me ?? first.me ?? {id: 0, name: "", work_no: "", roles: []};
export const carrier = signal(boot.carrier ?? first.carrier ?? null);
export const seat = signal(null);
export const call = signal(null);
export const figures = signal({});
export const shift = signal({});
export const queue = createStore();
export const drafts = createStore();
export const voicemails = createStore();
export const myCases = createStore();
/* Citizens who wait for an answer to what they wrote about their case: [{case, text, at, count}] */
export const threads = signal([]);
/* calls | messages | callbacks | cases */
export const view = signal("calls");
/* The message that is open: {kind: "sms", id of its draft}, {kind: "call", id of the voicemail's call} or {kind: "thread", id of its case} */
export const openMessage = signal(null);
/* The opened voicemail's call in full; `call` is only ever the one at this seat. */
export const voicemail = signal(null);
export const openCaseId = signal(null);
/* which overlay is open: null | {name, ...} */
export const overlay = signal(null);

const WAITING = new Set(["waiting", "offered"]);
/* The longest wait first: that is the order in which calls are offered, whatever priority lifted. */
export const waitingCalls = computed(() => queue.list.value
  .filter((c) => WAITING.has(c.state))
  .sort((a, b) => (a.position ?? 99) - (b.position ?? 99) || Date.parse(a.waiting_since) - Date.parse(b.waiting_since)));
export const longestWait = computed(() => waitingCalls.value.map((c) => c.waiting_since).filter(Boolean).sort()[0] ?? null);
/* SMS and voicemails in one line, oldest first: [{kind, id, at, item}] */
export const waitingMessages = computed(() => [
  ...drafts.list.value.filter((d) => d.state === "reported").map((item) => ({kind: "sms", id: item.id, at: item.opened_at, item})),
  ...voicemails.list.value.map((item) => ({kind: "call", id: item.id, at: item.started_at, item})),
  ...threads.value.map((item) => ({kind: "thread", id: item.case.id, at: item.at, item})),
].sort((a, b) => Date.parse(a.at) - Date.parse(b.at)));
export const isOpenMessage = ({kind, id}) => openMessage.value?.kind === kind && openMessage.value.id === id;
/* The call the form is about: the one at this seat, or the voicemail that is open. */
export const subjectCall = computed(() => {
  if (view.value === "callbacks") return null;
  if (view.value !== "messages") return call.value;
  return openMessage.value?.kind === "call" && voicemail.value?.id === openMessage.value.id ? voicemail.value : null;
});
export const isEnded = (c) => ["closed", "rejected", "void"].includes(c.state);
export const alarmingCases = computed(() => myCases.list.value.filter((c) => !isEnded(c) && lampNow(c, now.value) === "red").length);

/* ready | ringing | talking | hold | wrap_up | lagged | offline | busy | break | training */
export const phase = computed(() => {
  const s = seat.value;
  if (!s || s.status === "offline") return "offline";
  if (s.state && s.state !== "idle") return s.state;
  return s.status;
});
/* The call at this seat, or the one that still owes its disposition. */
export const callInHand = computed(() => seat.value?.call_id ?? seat.value?.owes_call_id ?? null);
export const isOnCall = computed(() => ["talking", "hold"].includes(phase.value));
/* A call has one agent: whoever was asked into it, or has handed it on, looks and helps but writes nothing. */
export const isMine = (c) => !c?.agent || c.agent.id === me.id;
export const isGuest = computed(() => isOnCall.value && Boolean(call.value) && !isMine(call.value));

export function takeSnapshot(snapshot) {
  batch(() => {
    figures.value = snapshot.figures ?? {};
    shift.value = snapshot.shift ?? {};
    if (snapshot.carrier) carrier.value = snapshot.carrier;
    queue.replace(snapshot.queue ?? []);
    drafts.replace(snapshot.drafts ?? []);
    voicemails.replace(snapshot.voicemails ?? []);
    myCases.replace(snapshot.my_cases ?? []);
    threads.value = snapshot.threads ?? [];
    takeIncidents(snapshot.incidents);
    takeSeat(snapshot.seat);
    if (snapshot.call) takeCallDetail(snapshot.call);
    else if (!callInHand.value) call.value = null;
  });
}

export function takeSeat(fresh) {
  if (!fresh || fresh.account_id !== me.id) return false;
  if (seat.value && fresh.version !== undefined && fresh.version <= seat.value.version) return false;
  seat.value = fresh;
  if (!callInHand.value) call.value = null;
  return true;
}

export function takeCallCard(card) {
  if (WAITING.has(card.state) || card.state === "greeting") queue.upsert(card);
  else queue.remove(card.id);
  if (card.is_voicemail && card.state === "ended") takeVoicemail(card);
  if (call.value?.id === card.id) call.value = {...call.value, ...card};
}
function takeVoicemail(card) {
  if (card.disposition) voicemails.remove(card.id);
  else voicemails.upsert(card);
  if (voicemail.value?.id === card.id) voicemail.value = {...voicemail.value, ...card};
}

export function takeCallDetail(detail) {
  const same = call.value?.id === detail.id ? call.value : null;
  call.value = {...same, ...detail, transcript: mergeLines(same, detail)};
}

/* A final line replaces the interim one of the same number; an interim never replaces a final. */
export function takeLine(callId, line) {
  if (call.value?.id !== callId) return;
  const others = call.value.transcript.filter((each) => each.seq !== line.seq);
  const known = call.value.transcript.find((each) => each.seq === line.seq);
  if (known?.final && !line.final) return;
  call.value = {...call.value, transcript: [...others, line].sort((a, b) => a.seq - b.seq)};
}
function mergeLines(before, after) {
  if (before?.id !== after.id) return after.transcript ?? [];
  const lines = new Map((before.transcript ?? []).map((line) => [line.seq, line]));
  (after.transcript ?? []).forEach((line) => lines.set(line.seq, line));
  return [...lines.values()].sort((a, b) => a.seq - b.seq);
}

export function takeSuggestion(callId, suggestion) {
  if (call.value?.id === callId && suggestion) call.value = {...call.value, suggestion};
}

/* Returns whether a draft appeared that only the snapshot can describe in full. */
export function takeCase(card) {
  if (myCases.get(card.id)) myCases.upsert(card);
  patchCaller(card);
  if (card.state !== "reported") drafts.remove(card.id);
  else if (drafts.get(card.id)) drafts.upsert(card);
  else return card.source === "sms";
  return false;
}
/* The caller's own cases stand in the call's detail; they move, too. */
function patchCaller(card) {
  const cases = call.value?.caller?.cases;
  if (!cases?.some((c) => c.id === card.id && c.version < card.version)) return;
  const fresh = cases.map((c) => (c.id === card.id ? {...c, ...card} : c));
  call.value = {...call.value, caller: {...call.value.caller, cases: fresh}};
}
