/* The bar under a case: exactly the actions the server offers, and the form each of them needs. */
import {html, signal, useEffect} from "../lib/html.js";
import {t} from "../lib/i18n.js";
import {bind} from "../lib/keys.js";
import {keep} from "../lib/store.js";
import {Button} from "../lib/ui-basic.js";
import {TextArea} from "../lib/ui-form.js";
import {basketOf} from "../case/basket.js";
import {opened} from "../case/opened.js";
import {Asking, More, ask} from "../case/more.js";
import {PhotoPicker} from "../case/photos.js";
import {isPhone, select} from "../case/route.js";
import {busyWith, complain, run, stateOf} from "../case/work.js";

/* Why the work is handed in although a co-unit has not yet fed back. */
const grounds = signal({id: null, text: ""});
const coUnitsAtWork = (detail) => (detail.co_units ?? []).some((part) => part.state === "dispatched");
const groundsOf = (id) => (grounds.value.id === id ? grounds.value.text : "");

const note = signal({id: null, text: ""});

/* What has been typed stays in this browser until it is sent: a reload or an empty battery loses nothing. */
const draftKey = (id) => `desk.result.${id}`;
const noteOf = (id) => (note.value.id === id ? note.value.text : keep.read(draftKey(id), ""));
function write(id, text) {
  note.value = {id, text};
  if (text) keep.write(draftKey(id), text); else keep.drop(draftKey(id));
}

export const offers = (detail, action) => (detail?.actions ?? []).find((one) => one.action === action);

/* Photographs of this round: after a failed check the unit must show the new state, not the old pictures. */
const sentThisRound = (detail) => detail.attachments.filter((one) => one.purpose === "result" && (one.round ?? 0) === (detail.round ?? detail.reworks));

function missingFor(detail, text, basket) {
  const {requires} = offers(detail, "feed_back"), missing = {};
  if (requires.includes("result") && !text.trim()) missing.result = t("desk.missing.result");
  if (coUnitsAtWork(detail) && !groundsOf(detail.id).trim()) missing.reason = t("desk.missing.grounds");
  if (requires.includes("photo") && !basket.items.value.length && !sentThisRound(detail).length) missing.photo = t("desk.missing.photo");
  return missing;
}

const wordsFor = (action, detail) => t(`desk.done.${action}`, {number: detail.number});
const accept = (detail) => run(detail, "accept", {words: wordsFor("accept", detail)});

function feedBack(detail) {
  const text = noteOf(detail.id), basket = basketOf(detail.id, "result"), missing = missingFor(detail, text, basket);
  if (Object.keys(missing).length) {
    complain(detail.id, missing);
    document.querySelector(missing.photo ? ".picker button" : missing.result ? "#result" : "#grounds")?.focus();
    return;
  }
  run(detail, "feed_back", {body: {result: text.trim(), reason: groundsOf(detail.id).trim()}, prepare: basket.sendAll, words: wordsFor("feed_back", detail), then: () => left(detail)});
}

function left({id}) {
  write(id, "");
  if (isPhone.value) select(null);
}

export function ResultForm({detail}) {
  const basket = basketOf(detail.id, "result"), {missing} = stateOf(detail.id), busy = Boolean(busyWith(detail.id));
  const sent = sentThisRound(detail).length, text = noteOf(detail.id);
  // A reproach goes as soon as its cause has gone.
  const lacks = {photo: !basket.items.value.length && !sent && missing.photo, result: !text.trim() && missing.result};
  return html`<section class="result-form" aria-label=${t("desk.result.form")}>
    <${PhotoPicker} basket=${basket} busy=${busy} title=${t("desk.result.photos")} hint=${sent > 0 && t("desk.result.sent", {n: sent})} />
    ${lacks.photo && html`<p class="err" role="alert">${lacks.photo}</p>`}
    <div class="fld"><label for="result">${t("desk.result")}<span class="req" aria-hidden="true">*</span></label>
      <${TextArea} id="result" rows=${3} maxRows=${8} maxlength="2000" value=${text} disabled=${busy} required aria-invalid=${lacks.result ? "true" : undefined}
        placeholder=${t("desk.result.example")} onInput=${(typed) => write(detail.id, typed)} />
      ${lacks.result && html`<p class="err" role="alert">${lacks.result}</p>`}</div>
    ${coUnitsAtWork(detail) && html`<${Grounds} detail=${detail} lack=${!groundsOf(detail.id).trim() && missing.reason} busy=${busy} />`}</section>`;
}

const Grounds = ({detail, lack, busy}) => html`<div class="fld"><label for="grounds">${t("desk.grounds")}<span class="req" aria-hidden="true">*</span></label>
  <input id="grounds" class="in" maxlength="300" value=${groundsOf(detail.id)} disabled=${busy} aria-invalid=${lack ? "true" : undefined}
    onInput=${(e) => { grounds.value = {id: detail.id, text: e.target.value}; }} />${lack && html`<p class="err" role="alert">${lack}</p>`}</div>`;

/* action -> how its button looks and what it does; the other actions the server offers are behind "more". */
const FACES = {
  accept: {kind: "primary", icon: "hand", run: accept},
  feed_back: {kind: "ok", icon: "circle-check", run: feedBack},
  co_feed_back: {kind: "ok", icon: "circle-check", run: (detail) => ask(detail, offers(detail, "co_feed_back"))},
  resume: {kind: "primary", icon: "play", run: (detail) => ask(detail, offers(detail, "resume"))},
  return: {kind: "", icon: "undo-2", run: (detail) => ask(detail, offers(detail, "return"), () => left(detail))},
};
const known = (detail) => detail.actions.filter((one) => FACES[one.action]);
const primaryOf = (detail) => known(detail).find((one) => one.action !== "return");

export function ActionBar({detail}) {
  useEffect(() => bind({id: "desk.primary", combo: "Ctrl+Enter", label: t("desk.key.primary"), run: runPrimary}), []);
  const {failure} = stateOf(detail.id), busy = busyWith(detail.id), shown = known(detail);
  if (!detail.actions.length && !failure) return null;
  return html`<footer class="act"><div class="act-error" role="alert">${failure && html`<span class="err">${failure}</span>`}</div>
    ${shown.map((one) => html`<${ActionButton} key=${one.action} ...${{one, detail, busy}} />`)}
    <${More} detail=${detail} shown=${Object.keys(FACES)} disabled=${Boolean(busy)} /><${Asking} detail=${detail} /></footer>`;
}

function runPrimary() {
  const {detail} = opened.value, main = detail && primaryOf(detail);
  if (main) FACES[main.action].run(detail);
}

function ActionButton({one, detail, busy}) {
  const {kind, icon, run: act} = FACES[one.action];
  return html`<${Button} size="lg" kind=${kind} icon=${icon} pending=${busy === one.action} disabled=${Boolean(busy) && busy !== one.action}
    keyOf=${one === primaryOf(detail) ? "desk.primary" : ""} onClick=${() => act(detail)}>${one.label}<//>`;
}
