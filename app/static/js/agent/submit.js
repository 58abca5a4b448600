/* Filing: check, send, show what the server decided. Without a line it waits in this browser and is sent once, later. */
import {api, newKey} from "../lib/api.js";
import {effect, signal} from "../lib/html.js";
import {t} from "../lib/i18n.js";
import {link} from "../lib/live.js";
import {keep} from "../lib/store.js";
import {toast} from "../lib/ui.js";
import {loadCall} from "./feed.js";
import {noteFiled} from "./matters.js";
import {edit, forgetDraft, form, formOf, suggestion} from "./form-state.js";
import {drafts, myCases, subjectCall} from "./state.js";

const STORED = "outbox";
/* [{key, kind, id, body}]: cases that could not be sent; the key makes a second arrival harmless. */
export const outbox = signal(keep.read(STORED, []));
const setOutbox = (entries) => { outbox.value = entries; keep.write(STORED, entries); };

export function check(fields) {
  const errors = {};
  if (!fields.class_code) errors.class_code = t("agent.form.need_class");
  else if (!fields.condition_no) errors.condition_no = t("agent.form.need_condition");
  if (fields.address.trim().length < 2) errors.address = t("agent.form.need_address");
  else if (!fields.place?.district) errors.address = t("agent.form.need_place");
  if (fields.description.trim().length < 2) errors.description = t("agent.form.need_description");
  return errors;
}

/* Whoever gives no other number is told at the one they ring from; a masked one is nobody's. */
function callingNumber(f) {
  const phone = f.kind === "call" && subjectCall.value?.id === f.id ? subjectCall.value.caller?.phone ?? "" : "";
  return phone.includes("*") ? "" : phone;
}

export function bodyOf(f) {
  const {place, ...fields} = f.fields.value;
  return {
    ...fields,
    reporter_phone: fields.reporter_phone || callingNumber(f),
    district: place.district.code, street: place.street?.code ?? null, community: place.community?.code ?? null,
    suggestion: suggestion.value, dispatch: true,
    ...(f.kind === "call" ? {call_id: f.id} : {draft_id: f.id}),
  };
}

const entryOf = (f) => ({key: f.key, kind: f.kind, id: f.id, version: drafts.get(f.id)?.version, body: bodyOf(f)});

const FOCUS = ["class_code", "condition_no", "address", "description"];
function showErrors(f, errors) {
  f.errors.value = errors;
  const first = FOCUS.find((field) => errors[field]);
  requestAnimationFrame(() => document.querySelector(`[data-field="${first}"]`)?.focus());
}

/* One key per attempt of one form: Ctrl+Enter twice files one case. */
export async function createCase() {
  const f = form.value;
  if (!f || f.sending.value || f.created.value || f.waiting.value) return;
  const errors = check(f.fields.value);
  if (Object.keys(errors).length) { showErrors(f, errors); return; }
  f.sending.value = true;
  try {
    await send(entryOf(f));
  } catch (error) {
    if (error.isUnreachable) putAside(f);
    else refuse(f, error);
  } finally {
    f.sending.value = false;
  }
}

async function send(entry) {
  // Completing a draft changes a case somebody else may have taken: the version decides.
  const version = entry.kind === "sms" ? entry.version : undefined;
  const detail = await api.post("/cases", entry.body, {key: entry.key, version});
  const f = formOf(entry.kind, entry.id);
  f.created.value = detail;
  noteFiled(f);
  f.waiting.value = false;
  forgetDraft(f);
  myCases.upsert(detail);
  if (entry.kind === "sms") drafts.remove(entry.id);
  else loadCall(entry.id);
  return detail;
}

function putAside(f) {
  f.waiting.value = true;
  setOutbox([...outbox.value.filter((e) => e.key !== f.key), entryOf(f)]);
}

/* The server's words stand at the field; what it refused gets a new key, for the corrected form is another request. */
function refuse(f, error) {
  f.key = newKey();
  if (error.problem?.fields) showErrors(f, error.problem.fields);
  toast(error.message, {kind: "bad"});
  if (f.kind === "sms" && error.status === 409) drafts.remove(f.id);
}

async function flush() {
  for (const entry of outbox.value) {
    try {
      const detail = await send(entry);
      toast(t("agent.outbox.sent", {number: detail.number}), {kind: "good"});
    } catch (error) {
      if (error.isUnreachable) return;
      const f = formOf(entry.kind, entry.id);
      f.waiting.value = false;
      refuse(f, error);
    }
    setOutbox(outbox.value.filter((each) => each.key !== entry.key));
  }
}
let flushing = null;
export function followOutbox() {
  outbox.value.forEach((entry) => { formOf(entry.kind, entry.id).waiting.value = true; });
  effect(() => {
    if (link.value.state !== "online" || !outbox.value.length || flushing) return;
    flushing = flush().finally(() => { flushing = null; });
  });
}

/* 定位: the agent's address, or the place the machine heard, becomes district, street and community. */
export async function locate() {
  const f = form.value;
  if (!f) return;
  const heard = suggestion.value?.places?.[0];
  const text = f.fields.value.address.trim() || heard?.address || "";
  if (!text) { showErrors(f, {...f.errors.value, address: t("agent.form.need_address")}); return; }
  try {
    const answer = await api.get("/places", {q: text});
    const found = answer.items ?? answer;
    f.places.value = found;
    if (found.length) choosePlace(found[0], found[0].address);
    else if (heard?.district) choosePlace(heard, text);
    else showErrors(f, {...f.errors.value, address: t("agent.form.place_unknown")});
  } catch (error) {
    toast(error.message, {kind: "bad"});
  }
}

export function choosePlace(place, address = "") {
  const {district, street = null, community = null} = place;
  const spot = place.lng ? {lng: place.lng, lat: place.lat} : {};
  edit({place: {district, street, community}, ...(address ? {address} : {}), ...spot});
}
