/* What else the server offers for the open case, behind one button; each opens its own form or is done at once. */
import {html, signal} from "../lib/html.js";
import {t} from "../lib/i18n.js";
import {Button} from "../lib/ui-basic.js";
import {Menu} from "../lib/ui-overlay.js";
import {ActDialog, asks} from "./act-form.js";
import {isPhone} from "./route.js";
import {run} from "./work.js";

const ICONS = {
  return: "undo-2", ask_extension: "timer", ask_suspension: "pause", resume: "play", hand_to_crew: "users", appeal: "scale", co_feed_back: "circle-check",
  dispatch: "send", reassign: "arrow-right-left", add_co_unit: "user-plus", grant_extension: "check", refuse_extension: "x", grant_suspension: "check",
  refuse_suspension: "x", uphold_appeal: "check", dismiss_appeal: "x", reject: "ban", void: "ban", force_close: "lock", urge: "megaphone", supervise: "siren",
  reply_supervision: "message-square", ask_verification: "search-check", confirm_exists: "check", deny_exists: "x", reopen: "history",
};
/* Editing and rating have pages of their own; a case is filed from the agent's form. */
const NOT_HERE = new Set(["edit", "rate", "file"]);

/* {id, action} of the form that is open */
const asking = signal(null);
export const ask = (detail, one, onDone) => {
  if (asks(one)) asking.value = {id: detail.id, action: one.action, onDone};
  else run(detail, one.action, {words: t("act.done", {number: detail.number, action: one.label}), then: onDone});
};

/** The open form of this case, if any; drawn once per page. */
export function Asking({detail}) {
  const open = asking.value, one = open?.id === detail.id && detail.actions.find((each) => each.action === open.action);
  const close = () => { asking.value = null; };
  return one ? html`<${ActDialog} key=${one.action} detail=${detail} one=${one} onClose=${close} onDone=${open.onDone} />` : null;
}

/** The actions that have no button of their own (`shown`). */
export function More({detail, shown, disabled, onDone}) {
  const rest = detail.actions.filter(({action}) => !NOT_HERE.has(action) && !shown.includes(action));
  if (!rest.length) return null;
  const items = rest.map((one) => ({label: one.label, icon: ICONS[one.action] ?? "ellipsis", run: () => ask(detail, one, () => onDone?.(one.action))}));
  // On a telephone it has room for its name only while it is alone.
  const alone = rest.length === detail.actions.filter(({action}) => !NOT_HERE.has(action)).length, short = isPhone.value && !alone;
  return html`<div class=${`up${alone ? " alone" : ""}`}><${Menu} label=${t("act.more")} items=${items} button=${(open, toggle) =>
    html`<${Button} size="lg" icon="ellipsis" disabled=${disabled} aria-haspopup="menu" aria-expanded=${open ? "true" : "false"}
      label=${short ? t("act.more") : undefined} onClick=${toggle}>${!short && t("act.more")}<//>`} /></div>`;
}
