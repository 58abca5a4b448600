/* A write on its way: one at a time, its failure and what it misses shown where the person looks. */
import {ApiError} from "../lib/api.js";
import {signal} from "../lib/html.js";
import {toast} from "../lib/ui-overlay.js";
import {act} from "./opened.js";
import {announce} from "./top.js";

const IDLE = {id: null, action: "", failure: "", missing: {}};
const work = signal(IDLE);

/** Which action runs for this case ("" when none). */
export const busyWith = (id) => (work.value.id === id ? work.value.action : "");
export const stateOf = (id) => (work.value.id === id ? work.value : IDLE);
export const complain = (id, missing) => { work.value = {id, action: "", failure: "", missing}; };

/** Send `action`; `words` are shown and spoken when it is done, then `then()` runs. */
export async function run({id}, action, {body = {}, prepare, words, then}) {
  if (work.value.action) return;
  work.value = {id, action, failure: "", missing: {}};
  try {
    await act(action, body, prepare);
    work.value = IDLE;
    toast(words, {kind: "good"});
    announce(words);
    then?.();
  } catch (error) {
    if (!(error instanceof ApiError)) { work.value = IDLE; throw error; }
    work.value = {id, action: "", failure: error.message, missing: error.problem?.fields ?? {}};
  }
}
