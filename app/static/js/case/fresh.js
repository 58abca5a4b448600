/* Rows that have just come or changed, for a gentle highlight. */
import {signal} from "../lib/html.js";

const SHOWN_FOR = 2400;
export const fresh = signal(new Set());

export function markFresh(id) {
  fresh.value = new Set(fresh.value).add(id);
  setTimeout(() => { const left = new Set(fresh.value); left.delete(id); fresh.value = left; }, SHOWN_FOR);
}
