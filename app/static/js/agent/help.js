/* Alt+/: every key, and a new one for whoever wants it. */
import {t} from "../lib/i18n.js";
import {Button, Dialog, Key, html, signal, useEffect} from "../lib/ui.js";
import {actions, captureNext, isRemapped, isUsable, remap, resetKeys} from "../lib/keys.js";
import {overlay} from "./state.js";

const asked = signal("");
const said = signal("");
const close = () => { overlay.value = null; };

function listen(action) {
  asked.value = action.id;
  said.value = t("agent.help.press", {action: action.label});
  captureNext((combo) => {
    asked.value = "";
    if (combo === "Escape") { said.value = ""; return; }
    if (!isUsable(combo)) { said.value = t("agent.help.unusable", {combo}); return; }
    const owner = remap(action.id, combo);
    said.value = owner ? t("agent.help.taken", {combo, owner}) : t("agent.help.stored", {combo, action: action.label});
  });
}

const Row = ({action}) => html`<div class="key-row"><span class="grow">${action.label}</span><${Key} of=${action.id} />
  <${Button} size="sm" kind="ghost" pressed=${asked.value === action.id ? "true" : undefined} label=${t("agent.help.change_of", {action: action.label})} onClick=${() => listen(action)}>${t("agent.help.change")}</${Button}></div>`;

export function HelpDialog() {
  useEffect(() => () => { captureNext(null); asked.value = ""; said.value = ""; }, []);
  return html`<${Dialog} title=${t("agent.help.title")} icon="keyboard" kind="wide" scope="help" lead=${t("agent.help.lead")} onClose=${close} footer=${html`
      <span class="grow s13" role="status">${said.value}</span>${isRemapped.value && html`<${Button} icon="rotate-ccw" onClick=${() => { resetKeys(); said.value = t("agent.help.reset_done"); }}>${t("agent.help.reset")}</${Button}>`}<${Button} kind="primary" onClick=${close}>${t("ui.close")}</${Button}>`}>
    <div class="key-list">${actions.value.filter((a) => !a.scope).map((action) => html`<${Row} key=${action.id} action=${action} />`)}</div></${Dialog}>`;
}
