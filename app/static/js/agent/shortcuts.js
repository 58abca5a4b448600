/* The keys of the console. The same list feeds the foot bar, the help and the palette. */
import {t} from "../lib/i18n.js";
import {actions, bind, keyFor} from "../lib/keys.js";
import {Key, html} from "../lib/ui.js";
import {answer, decline, finishWrapUp, hangUp, setStatus, toggleHold, toggleMute} from "./actions.js";
import {conditionsOf} from "./catalogue.js";
import {takeWords} from "./dialogue.js";
import {callerWords, edit, form, saveNow, startAnother, subject} from "./form-state.js";
import {firstIncident, joinIncident} from "./incident-banner.js";
import {toggleKnowledge} from "./knowledge.js";
import {canSpeak} from "./softphone.js";
import {attach, firstOpenTwin} from "./side.js";
import {takeCandidate} from "./suggest.js";
import {isGuest, isOnCall, overlay, phase, subjectCall, view} from "./state.js";
import {createCase, locate} from "./submit.js";
import {canTransfer, transferOrFinish} from "./transfer.js";

const hasForm = () => Boolean(form.value) && !form.value.created.value && !form.value.waiting.value;
const show = (name, more = {}) => () => { overlay.value = {name, ...more}; };
const takeCondition = (n) => () => {
  const condition = conditionsOf(form.value.fields.value.class_code)[n];
  if (condition) edit({condition_no: condition.no});
};
const canEnd = () => subject.value?.kind === "call" && !subjectCall.value?.disposition;

const PHONE = [
  {id: "answer", combo: "F2", everywhere: true, when: () => phase.value === "ringing", run: answer},
  {id: "decline", combo: "Alt+R", everywhere: true, when: () => phase.value === "ringing", run: decline},
  {id: "mute", combo: "F4", everywhere: true, when: () => isOnCall.value, run: toggleMute},
  {id: "hold", combo: "F7", everywhere: true, when: () => isOnCall.value && !isGuest.value, run: toggleHold},
  {id: "transfer", combo: "F8", everywhere: true, when: canTransfer, run: transferOrFinish},
  {id: "hang-up", combo: "Alt+H", everywhere: true, when: () => isOnCall.value, run: hangUp},
  {id: "finish", combo: "Alt+W", when: () => phase.value === "wrap_up", run: finishWrapUp},
  {id: "say", combo: "Alt+S", when: canSpeak, run: () => document.getElementById("say")?.focus()},
];
const FORM = [
  ...[1, 2, 3].map((n) => ({id: `take-${n}`, combo: `Alt+${n}`, n, when: hasForm, run: () => takeCandidate(n - 1)})),
  ...[1, 2, 3, 4].map((n) => ({id: `condition-${n}`, combo: `Ctrl+Alt+${n}`, n, when: hasForm, run: takeCondition(n - 1)})),
  {id: "locate", combo: "Alt+L", when: hasForm, run: locate},
  {id: "words", combo: "Alt+T", when: () => hasForm() && Boolean(callerWords.value), run: takeWords},
  {id: "attach", combo: "Alt+G", when: () => canEnd() && Boolean(firstOpenTwin()), run: () => attach()},
  {id: "join", combo: "F9", everywhere: true, when: () => Boolean(firstIncident()), run: () => joinIncident()},
  {id: "create", combo: "Ctrl+Enter", when: hasForm, run: createCase},
  {id: "answered", combo: "Alt+A", when: canEnd, run: show("dispose", {kind: "answered"})},
  {id: "another", combo: "Alt+N", when: () => Boolean(form.value?.created.value) && form.value.kind === "call", run: () => startAnother(form.value)},
  {id: "knowledge", combo: "Alt+K", when: () => Boolean(subject.value), run: toggleKnowledge},
  {id: "save", combo: "Ctrl+S", when: hasForm, run: () => saveNow()},
];
const PAGE = [
  {id: "ready", combo: "Alt+O", when: () => ["busy", "break", "training", "offline"].includes(phase.value), run: () => setStatus("ready")},
  {id: "view-calls", combo: "Alt+7", run: () => { view.value = "calls"; }},
  {id: "view-messages", combo: "Alt+8", run: () => { view.value = "messages"; }},
  {id: "view-cases", combo: "Alt+9", run: () => { view.value = "cases"; }},
  {id: "view-callbacks", combo: "Alt+0", run: () => { view.value = "callbacks"; }},
  {id: "palette", combo: "Ctrl+K", run: show("palette")},
  {id: "help", combo: "Alt+/", run: show("help")},
];

export function bindKeys() {
  [...PHONE, ...FORM, ...PAGE].forEach((action) => bind({...action, label: t(`key.${action.id.replace(/-\d$/, "")}`, {n: action.n})}));
}

const FOOT = ["answer", "mute", "hold", "transfer", "hang-up", "take-1", "locate", "attach", "join", "create", "answered", "finish", "palette"];
/* The three take-keys print as one while nobody has moved them. */
const footKey = (id) => (id === "take-1" && keyFor(id) === "Alt+1" ? html`<${Key}>Alt+1…3</${Key}>` : html`<${Key} of=${id} />`);
export const Foot = () => html`<footer class="foot" aria-label=${t("agent.help.title")}>${FOOT.filter((id) => actions.value.some((a) => a.id === id)).map((id) =>
  html`<span>${footKey(id)}${t(`key.${id.replace(/-\d$/, "")}`, {n: ""})}</span>`)}<button type="button" class="push plain" onClick=${show("help")}><${Key} of="help" />${t("agent.help.all")}</button></footer>`;
