/* Incidents near this person's place: proposed ones wait for a decision, confirmed ones are announced to callers. */
import {computed} from "../lib/html.js";
import {createStore} from "../lib/store.js";

export const incidents = createStore();
const newest = (at) => (a, b) => Date.parse(b[at]) - Date.parse(a[at]) || b.id - a.id;
export const proposed = computed(() => incidents.list.value.filter((one) => one.state === "proposed").sort(newest("opened_at")));
export const confirmed = computed(() => incidents.list.value.filter((one) => one.state === "confirmed").sort(newest("decided_at")));

export const takeIncidents = (listed = []) => incidents.replace(listed);

/* What is over leaves the page; returns the card if the event was about an incident. */
export function takeIncident({kind = "", payload = {}}) {
  const card = kind.startsWith("incident.") ? payload.incident : null;
  if (!card) return null;
  if (card.state === "proposed" || card.state === "confirmed") incidents.upsert(card);
  else incidents.remove(card.id);
  return card;
}
