/* One case in the drawer: kept fresh by its room, changed with If-Match, merged when somebody else was faster. */
import {api} from "../lib/api.js";
import {effect, signal} from "../lib/html.js";
import {t} from "../lib/i18n.js";
import {watch} from "../lib/live.js";
import {toast} from "../lib/ui.js";
import {mergeThreeWay} from "./merge.js";
import {myCases, openCaseId, overlay} from "./state.js";

const EDITABLE = ["address", "description", "urgency", "lng", "lat"];
export const detail = signal(null);
/* null, or {base, fields}: base is what the agent saw when the editing began */
export const editing = signal(null);
export const saving = signal(false);

const pick = (source) => Object.fromEntries(EDITABLE.map((field) => [field, source[field] ?? null]));

export async function loadCase(id) {
  try {
    const fresh = await api.get(`/cases/${id}`);
    if (openCaseId.value === id) take(fresh);
    return fresh;
  } catch (error) {
    toast(error.message, {kind: "bad"});
    if (error.status === 404 || error.status === 403) openCaseId.value = null;
    return null;
  }
}
/** What a write of our own brought. */
export const show = (fresh) => { if (openCaseId.value === fresh.id) take(fresh); };
function take(fresh) {
  detail.value = fresh;
  if (myCases.get(fresh.id)) myCases.upsert(fresh);
}

export function followCase() {
  let release = null;
  effect(() => {
    release?.();
    release = null;
    detail.value = null;
    editing.value = null;
    const id = openCaseId.value;
    if (!id) return;
    release = watch({case: id});
    loadCase(id);
  });
}
/* A push carries the card only; history and actions come with the next look. */
export function takeCaseEvent(card) {
  if (detail.value?.id === card.id && card.version > detail.value.version) loadCase(card.id);
}

export const startEditing = () => { editing.value = {base: detail.value, fields: pick(detail.value)}; };
export const change = (fields) => { editing.value = {...editing.value, fields: {...editing.value.fields, ...fields}}; };

const changedOnly = (base, fields) => Object.fromEntries(Object.entries(fields).filter(([field, value]) => value !== (base[field] ?? null)));

export async function saveEdit() {
  const {base, fields} = editing.value;
  const wanted = changedOnly(base, fields);
  if (!Object.keys(wanted).length) { editing.value = null; return; }
  saving.value = true;
  try {
    await patch(base.id, wanted, base.version);
  } catch (error) {
    if (error.isStale) await meetTheirs(base, fields);
    else toast(error.message, {kind: "bad"});
  } finally {
    saving.value = false;
  }
}
async function patch(id, wanted, version) {
  const after = await api.patch(`/cases/${id}`, wanted, {version});
  take(after.history ? after : {...detail.value, ...after});
  editing.value = null;
  overlay.value = null;
  toast(t("agent.case.saved"), {kind: "good"});
}

/* Who was faster, for the dialog's heading: the last edit in the history. */
const otherHand = (theirs) => theirs.history?.findLast?.((line) => line.kind === "case.edited") ?? theirs.history?.at(-1) ?? null;

async function meetTheirs(base, fields) {
  const theirs = await loadCase(base.id);
  if (!theirs) return;
  const {merged, clashes, taken} = mergeThreeWay(pick(base), fields, pick(theirs));
  if (clashes.length) {
    overlay.value = {name: "conflict", base, mine: fields, theirs, merged, clashes, taken, hand: otherHand(theirs), mineAt: new Date().toISOString()};
    return;
  }
  await saveMerged(theirs, merged);
}

export async function saveMerged(theirs, merged) {
  saving.value = true;
  editing.value = {base: theirs, fields: merged};
  const wanted = changedOnly(theirs, merged);
  try {
    if (Object.keys(wanted).length) await patch(theirs.id, wanted, theirs.version);
    else { editing.value = null; overlay.value = null; }
  } catch (error) {
    if (error.isStale) await meetTheirs(theirs, merged);
    else toast(error.message, {kind: "bad"});
  } finally {
    saving.value = false;
  }
}
