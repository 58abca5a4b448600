/* Which case is open stands in the address: the phone's back button leads from the case to the list, and a reload stays put. */
import {signal} from "../lib/html.js";

const fromAddress = () => Number(/^#case=(\d+)$/.exec(location.hash)?.[1]) || null;
export const selected = signal(fromAddress());
addEventListener("hashchange", () => { selected.value = fromAddress(); });

export function select(id) {
  const hash = id === null ? "" : `#case=${id}`;
  if (location.hash === hash) return;
  // From case to case the entry is replaced: "back" means the list, not every case looked at before.
  const change = selected.value === null && id !== null ? "pushState" : "replaceState";
  history[change](null, "", hash || location.pathname + location.search);
  selected.value = id;
}

export const isPhone = signal(matchMedia("(max-width: 600px)").matches);
matchMedia("(max-width: 600px)").addEventListener("change", ({matches}) => { isPhone.value = matches; });
