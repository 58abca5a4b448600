/* Decisions about an incident: one write at a time, with the edition that was seen. */
import {api} from "../lib/api.js";
import {signal} from "../lib/html.js";
import {t} from "../lib/i18n.js";
import {toast} from "../lib/ui-overlay.js";
import {incidents} from "./store.js";

/* {id, what} on its way, and what was refused last */
export const sending = signal(null);
export const failure = signal("");
export const isSending = (what) => sending.value === what;

const WAYS = {
  confirm: (one, body, seen) => api.post(`/incidents/${one.id}/confirm`, body, seen),
  dismiss: (one, body, seen) => api.post(`/incidents/${one.id}/dismiss`, body, seen),
  change: (one, body, seen) => api.patch(`/incidents/${one.id}`, body, seen),
  cases: (one, body, seen) => api.post(`/incidents/${one.id}/cases`, body, seen),
  end: (one, body, seen) => api.post(`/incidents/${one.id}/end`, body, seen),
};

/* Returns the new card, or null; a form that is out of date shows what the others have made of it. */
export async function decide(one, what, body) {
  if (sending.value) return null;
  sending.value = what;
  failure.value = "";
  try {
    const card = await WAYS[what](one, body, {version: one.edition});
    if (card.state === "proposed" || card.state === "confirmed") incidents.upsert(card);
    else incidents.remove(card.id);
    toast(t(`incident.done.${what}`, {title: card.title}), {kind: "good"});
    return card;
  } catch (error) {
    failure.value = error.message;
    if (error.isStale && error.problem.current) incidents.upsert(error.problem.current);
    return null;
  } finally { sending.value = null; }
}

export const readDetail = (id) => api.get(`/incidents/${id}`);
