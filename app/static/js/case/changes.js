/* Somebody else has changed the open case: what, in words, above the form; nothing typed is lost. */
import {html} from "../lib/html.js";
import {t} from "../lib/i18n.js";
import {Button, Icon} from "../lib/ui-basic.js";
import {opened, readChanges} from "./opened.js";

export function ChangesNote() {
  const {changed, detail} = opened.value;
  const words = changed.map((field) => (field === "state" ? t("case.changed.state", {state: detail?.state_label}) : t(`case.changed.${field}`)));
  return html`<div role="status" aria-live="polite">${words.length > 0 && html`<div class="changes"><${Icon} name="git-merge" />
    <span class="grow"><b>${t("case.changed.title")}</b>${words.join("、")}${t("case.changed.stop")}
    ${detail?.actions.length > 0 && html`<span class="t2"> ${t("case.changed.kept")}</span>`}</span>
      <${Button} size="sm" onClick=${readChanges}>${t("case.changed.read")}<//></div>`}</div>`;
}
