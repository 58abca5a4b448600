/* The state of the live line in words, with what waits to be sent. */
import {hms, now} from "../lib/clock.js";
import {t} from "../lib/i18n.js";
import {link, reconnectNow} from "../lib/live.js";
import {Banner, Button, html} from "../lib/ui.js";
import {leg} from "./softphone.js";
import {outbox} from "./submit.js";
import {seat} from "./state.js";

const GRACE = 1500;
function Lost() {
  const {since, attempt} = link.value;
  if (now.value - since < GRACE) return null;
  const held = outbox.value.length ? t("agent.lost.held", {n: outbox.value.length}) : "";
  return html`<${Banner} icon="wifi-off" role="alert"><b>${t("agent.lost.title", {n: Math.max(1, attempt)})}<span class="num" aria-hidden="true"> ${hms((now.value - since) / 1000)}</span></b>
    <span class="ell">${t("agent.lost.text")}${held}</span><span class="grow"></span><${Button} size="sm" onClick=${reconnectNow}>${t("agent.lost.now")}</${Button}></${Banner}>`;
}
const Refused = () => html`<${Banner} kind="red" icon="log-in" role="alert"><b>${t("agent.refused.title")}</b><span>${t("agent.refused.text")}</span><span class="grow"></span><a class="btn sm" href=${`/login?next=${encodeURIComponent(location.pathname)}`}>${t("agent.refused.sign_in")}</a></${Banner}>`;
const NoPhone = () => html`<${Banner} icon="phone-missed"><b>${t("agent.leg.failed")}</b><span class="ell">${t("agent.leg.failed_text")}</span></${Banner}>`;

export function LineBanner() {
  const {state} = link.value;
  if (state === "refused") return html`<${Refused} />`;
  if (state === "lost") return html`<${Lost} />`;
  return leg.value === "failed" && seat.value?.status !== "offline" ? html`<${NoPhone} />` : null;
}
