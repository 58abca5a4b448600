/* Events from the live line, sorted into the state. */
import {api} from "../lib/api.js";
import {effect} from "../lib/html.js";
import {t} from "../lib/i18n.js";
import {connect, refresh, watch} from "../lib/live.js";
import {toast} from "../lib/ui.js";
import {takeIncident} from "../incident/store.js";
import {noteThread} from "../case/thread.js";
import {takeCaseEvent} from "./case-detail.js";
import {takeTask, takeTaskCase, takeTasks} from "./follow-up.js";
import {
  call, callInHand, me, openMessage, takeCallCard, takeCallDetail, takeCase, takeLine, takeSeat, takeSnapshot, takeSuggestion, voicemail,
} from "./state.js";

const AGAIN_EVERY = 60_000;
let soon = 0;
/* Several events in a row ask for one snapshot. */
export const refreshSoon = () => { clearTimeout(soon); soon = setTimeout(refresh, 400); };

/* Whoever was asked into the talk and did not come, or went: the agent has to go on without them. */
const WITHOUT = new Set(["no_answer", "busy", "failed", "declined", "left"]);
function missParty({subject, payload: {outcome}}) {
  const mine = call.peek();
  if (mine?.id !== subject.id || mine.agent?.id !== me.id || !WITHOUT.has(outcome)) return;
  toast(t(`agent.transfer.out.${outcome}`, {name: mine.party?.label ?? ""}), {kind: outcome === "left" ? "" : "bad"});
}

const handlers = {
  "call.party_left": missParty,
  "call.transcript": (event) => takeLine(event.subject.id, event.payload),
  "call.suggested": (event) => takeSuggestion(event.subject.id, event.payload.suggestion),
  "seat.changed": (event) => takeSeat(event.payload.seat),
};

/* A call that has become mine brings its draft as it is now: fetched before the form opens. */
const becomesMine = ({kind, payload}) => kind === "call.transferred" && payload.call.id === callInHand.value && payload.call.agent?.id === me.id;

/* The agents' own list comes with each snapshot; what is due later is pushed. */
function takeWhole(snapshot) {
  takeSnapshot(snapshot);
  takeTasks(snapshot.call_backs ?? []);
}

export function takeEvent(event) {
  if (noteThread(event)) refreshSoon();
  if (event.payload?.call_back) takeTask(event.payload.call_back);
  if (becomesMine(event)) { loadCall(event.payload.call.id); return; }
  handlers[event.kind]?.(event);
  takeIncident(event);
  if (event.payload?.call) takeCallCard(event.payload.call);
  if (event.payload?.case) {
    takeCaseEvent(event.payload.case);
    takeTaskCase(event.payload.case);
    if (takeCase(event.payload.case)) refreshSoon();
  }
}

export async function loadCall(id) {
  try { place(await api.get(`/calls/${id}`)); } catch (error) { if (error.status !== 404) refreshSoon(); }
}

/* What was asked for may have left the seat, or another message may be open, when the answer comes. */
function place(detail) {
  if (callInHand.value === detail.id || call.value?.id === detail.id) takeCallDetail(detail);
  if (openMessage.value?.kind === "call" && openMessage.value.id === detail.id) voicemail.value = detail;
}

/* The seat names the call; its detail and its transcript follow it. */
function followCall() {
  let release = null, followed = null;
  effect(() => {
    const id = callInHand.value;
    if (id === followed) return;
    release?.();
    followed = id;
    release = id ? watch({call: id}) : null;
    if (id && call.peek()?.id !== id) loadCall(id);
  });
}
function followMessage() {
  let release = null;
  effect(() => {
    release?.();
    const open = openMessage.value;
    release = open ? watch({[open.kind === "call" ? "call" : "case"]: open.id}) : null;
    if (open?.kind === "call") loadCall(open.id);
  });
}

export function startFeed() {
  followCall();
  followMessage();
  connect({snapshotPath: "/agent/snapshot", onSnapshot: takeWhole, onEvent: takeEvent});
  // Service level and shift figures have no event of their own; a hidden page needs none.
  setInterval(() => { if (!document.hidden) refreshSoon(); }, AGAIN_EVERY);
}
