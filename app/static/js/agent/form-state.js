/* The case form of a subject (a call or an SMS draft): its fields, where they are kept, and what the server says of them. */
import {api, newKey} from "../lib/api.js";
import {computed, effect, signal} from "../lib/html.js";
import {keep} from "../lib/store.js";
import {drafts, isMine, openMessage, subjectCall, view} from "./state.js";
import {conditionsOf, loadCatalogue} from "./catalogue.js";

const SAVE_AFTER = 1200;
const ASK_AFTER = 250;
const KEPT_FOR = 3 * 86400e3;
export const BLANK = {
  class_code: "", condition_no: null, description: "", address: "", place: null, lng: null, lat: null, intent: "complaint",
  urgency: "normal", reporter_name: "", reporter_phone: "", confidential: false, sms_consent: true, callback_consent: true,
  repeat_of: null,
};
const forms = new Map();
const formsVersion = signal(0);
const nameOf = (kind, id) => `draft:${kind}:${id}`;

/* {kind: "call"|"sms", id} or null */
export const subject = computed(() => {
  if (view.value === "messages" && openMessage.value?.kind === "sms") return openMessage.value;
  return subjectCall.value && isMine(subjectCall.value) ? {kind: "call", id: subjectCall.value.id} : null;
});
export const form = computed(() => {
  if (formsVersion.value < 0 || !subject.value) return null;
  return formOf(subject.value.kind, subject.value.id);
});
/* What the machine understood of the subject, and the text it understood. */
export const suggestion = computed(() => {
  if (!subject.value) return null;
  const {kind, id} = subject.value;
  const own = kind === "sms" ? drafts.get(id)?.suggestion : subjectCall.value?.suggestion;
  return own ?? understood.value.get(nameOf(kind, id)) ?? null;
});
/* What came without a reading is read from the words the agent has written: a voicemail has no others. */
const understood = signal(new Map());
export const callerWords = computed(() => {
  if (subject.value?.kind === "sms") return drafts.get(subject.value.id)?.description ?? "";
  const said = (subjectCall.value?.transcript ?? []).filter((l) => l.track === "caller" && l.final).map((l) => l.text);
  const heard = subjectCall.value?.heard ?? "";
  return (heard && !said.includes(heard) ? [heard, ...said] : said).join("");
});

export function formOf(kind, id) {
  const name = nameOf(kind, id);
  if (!forms.has(name)) forms.set(name, createForm(kind, id, name));
  return forms.get(name);
}

function createForm(kind, id, name) {
  const kept = newest(keep.read(name), kind === "call" && subjectCall.peek()?.id === id ? subjectCall.peek().draft : null);
  const start = kept ?? startOf(kind, id);
  return {
    kind, id, name, key: kept?.key ?? newKey(),
    fields: signal({...BLANK, ...start.fields}),
    savedAt: signal(kept?.saved_at ?? null), savePending: signal(false),
    preview: signal(null), previewError: signal(""), nearby: signal([]), repeats: signal([]), places: signal([]),
    errors: signal({}), sending: signal(false), created: signal(null), waiting: signal(false), timer: 0,
  };
}
const newest = (a, b) => (Date.parse(a?.saved_at ?? 0) >= Date.parse(b?.saved_at ?? 0) ? a ?? b : b);

/* The caller's name is known from earlier cases; an SMS brings its own words. */
function startOf(kind, id) {
  if (kind === "call") return {fields: {reporter_name: subjectCall.peek()?.caller?.name ?? ""}};
  const draft = drafts.get(id) ?? {};
  return {fields: {description: draft.description ?? "", address: draft.address ?? "", urgency: draft.urgency ?? "normal", place: placeOfCase(draft)}};
}
const placeOfCase = (c) => (c.district ? {district: c.district, street: c.street ?? null, community: c.community ?? null} : null);

export function edit(change) {
  const f = form.value;
  if (!f || f.created.value || f.waiting.value) return;
  f.fields.value = {...f.fields.value, ...change};
  const left = {...f.errors.value};
  Object.keys(change).forEach((field) => delete left[field]);
  f.errors.value = left;
  persist(f);
}

/* At once in this browser, within two seconds on the server, so the next PC opens it, too. */
function persist(f) {
  const saved_at = new Date().toISOString();
  keep.write(f.name, {fields: f.fields.value, key: f.key, saved_at});
  f.savedAt.value = saved_at;
  f.savePending.value = f.kind === "call";
  clearTimeout(f.timer);
  if (f.kind === "call") f.timer = setTimeout(() => saveNow(f), SAVE_AFTER);
}

export async function saveNow(f = form.value) {
  if (!f || f.kind !== "call" || f.created.value) return;
  clearTimeout(f.timer);
  const sent = f.fields.value;
  try {
    await api.put(`/calls/${f.id}/draft`, {form: {fields: sent, key: f.key, saved_at: f.savedAt.value}});
    if (f.fields.value === sent) f.savePending.value = false;
  } catch (error) {
    // The copy in this browser is safe; try again while the form is alive.
    if (error.isUnreachable) f.timer = setTimeout(() => saveNow(f), 5000);
  }
}

export function forgetDraft(f) {
  clearTimeout(f.timer);
  keep.drop(f.name);
  f.savePending.value = false;
}

/* Another matter of the same call: the caller and the place stay, the matter is new. */
export function startAnother(f) {
  const {reporter_name, reporter_phone, confidential, sms_consent, callback_consent} = f.fields.value;
  forms.set(f.name, {...createForm(f.kind, f.id, f.name), key: newKey()});
  const fresh = forms.get(f.name);
  fresh.fields.value = {...BLANK, reporter_name, reporter_phone, confidential, sms_consent, callback_consent};
  formsVersion.value += 1;
}

export function chooseClass(code, limit = "") {
  const conditions = conditionsOf(code);
  const fitting = conditions.find((c) => limit && c.limit === limit) ?? conditions[0];
  edit({class_code: code, condition_no: fitting?.no ?? null});
}

function later(wait, work) {
  let timer = 0, stop = null;
  return (...args) => {
    clearTimeout(timer);
    stop?.abort();
    timer = setTimeout(() => { stop = new AbortController(); work(stop.signal, ...args); }, wait);
  };
}

const askPreview = later(ASK_AFTER, async (stop, f, question) => {
  try {
    const answer = await api.post("/routing/preview", question, {signal: stop});
    f.preview.value = answer;
    f.previewError.value = "";
  } catch (error) {
    if (error.name !== "AbortError") { f.preview.value = null; f.previewError.value = error.message; }
  }
});
const askNearby = later(ASK_AFTER, async (stop, f, question) => {
  try {
    const answer = await api.get("/cases/nearby", question, {signal: stop});
    f.nearby.value = (answer.items ?? answer).filter(({case: c}) => !(f.kind === "sms" && c.id === f.id));
  } catch (error) {
    if (error.name !== "AbortError") f.nearby.value = [];
  }
});

/* What this very caller reported and was closed: the same matter again? */
const askRepeats = later(ASK_AFTER, async (stop, f, question) => {
  try { f.repeats.value = await api.get("/cases/repeats", question, {signal: stop}); } catch (error) { if (error.name !== "AbortError") f.repeats.value = []; }
});

const askMeaning = later(ASK_AFTER, async (stop, f, text) => {
  try {
    understood.value = new Map(understood.peek()).set(f.name, await api.post("/understand", {text}, {signal: stop}));
  } catch { /* the agent chooses by hand */ }
});

const codes = ({place}) => ({district: place?.district?.code, street: place?.street?.code ?? null, community: place?.community?.code ?? null});

/* The nearest class the machine is sure of serves the duplicate hint before the agent has confirmed one. */
const likelyClass = (fields) => fields.class_code || suggestion.value?.candidates?.[0]?.code || "";

export function followForm() {
  loadCatalogue();
  let asked = "", sought = "";
  let read = "";
  effect(() => {
    const f = form.value;
    const words = f?.fields.value.description.trim() ?? "";
    const isRead = f && suggestion.peek() && !understood.peek().has(f.name);
    if (!f || isRead || f.created.value || words.length < 4 || f.name + words === read) return;
    read = f.name + words;
    askMeaning(f, words);
  });
  effect(() => {
    const f = form.value;
    if (!f) return;
    const {class_code, condition_no} = f.fields.value;
    const where = codes(f.fields.value);
    const question = class_code && condition_no && where.district ? {class_code, condition_no, ...where} : null;
    const mark = f.name + JSON.stringify(question);
    if (mark === asked) return;
    asked = mark;
    if (question) askPreview(f, question); else f.preview.value = null;
  });
  effect(() => {
    const f = form.value;
    if (!f) return;
    const where = f.fields.value.place ? codes(f.fields.value) : codes({place: suggestion.value?.places?.[0]});
    const class_code = likelyClass(f.fields.value);
    if (!class_code || !where.district) return;
    const {address, lng, lat, description} = f.fields.value;
    const text = (description || callerWords.value).slice(-500);
    const question = {class_code, ...where, address, text, ...(lng && lat ? {lng, lat} : {}), [f.kind === "call" ? "call_id" : "draft_id"]: f.id};
    const mark = JSON.stringify(question);
    if (mark === sought) return;
    sought = mark;
    askNearby(f, question);
    askRepeats(f, question);
  });
}

/* Drafts of calls long over would otherwise stay in this browser for ever. */
export function sweepDrafts() {
  Object.keys(localStorage).filter((name) => name.startsWith("draft:")).forEach((name) => {
    const age = Date.now() - Date.parse(keep.read(name)?.saved_at ?? 0);
    if (!(age < KEPT_FOR)) keep.drop(name);
  });
}
