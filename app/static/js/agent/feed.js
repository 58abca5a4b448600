/* Events from the live line, sorted into the state. */
import {api} from "../lib/api.js";
import {effect} from "../lib/html.js";
import {connect, refresh, watch} from "../lib/live.js";
import {takeCaseEvent} from "./case-detail.js";
import {
  call, callInHand, openDraftId, takeCallCard, takeCallDetail, takeCase, takeLine, takeSeat, takeSnapshot, takeSuggestion,
} from "./state.js";

const AGAIN_EVERY = 60_000;
let soon = 0;
/* Several events in a row ask for one snapshot. */
export const refreshSoon = () => { clearTimeout(soon); soon = setTimeout(refresh, 400); };

const handlers = {
  "call.transcript": (event) => takeLine(event.subject.id, event.payload),
  "call.suggested": (event) => takeSuggestion(event.subject.id, event.payload.suggestion),
  "seat.changed": (event) => takeSeat(event.payload.seat),
};

export function takeEvent(event) {
  handlers[event.kind]?.(event);
  if (event.payload?.call) takeCallCard(event.payload.call);
  if (event.payload?.case) {
    takeCaseEvent(event.payload.case);
    if (takeCase(event.payload.case)) refreshSoon();
  }
}

export async function loadCall(id) {
  try { takeCallDetail(await api.get(`/calls/${id}`)); } catch (error) { if (error.status !== 404) refreshSoon(); }
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
function followDraft() {
  let release = null;
  effect(() => {
    release?.();
    release = openDraftId.value ? watch({case: openDraftId.value}) : null;
  });
}

export function startFeed() {
  followCall();
  followDraft();
  connect({snapshotPath: "/agent/snapshot", onSnapshot: takeSnapshot, onEvent: takeEvent});
  // Service level and shift figures have no event of their own; a hidden page needs none.
  setInterval(() => { if (!document.hidden) refreshSoon(); }, AGAIN_EVERY);
}
