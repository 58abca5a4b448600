/* What the citizen was told, as a second lamp beside the unit's: yellow before the time, red when it has passed. */
import {dayTime, now} from "../lib/clock.js";
import {html} from "../lib/html.js";
import {t} from "../lib/i18n.js";
import {Lamp} from "../lib/ui-basic.js";
import {promiseLamp} from "./lamps.js";

/* The lamp with its word and time; `brief`: only where it burns. */
export function Promised({one, brief}) {
  const lamp = promiseLamp(one, now.value);
  if (!lamp || (brief && lamp === "green")) return null;
  return html`<span class=${`promised ${lamp}`} title=${t("case.promise.told", {at: dayTime(one.promised_until)})}>
    <${Lamp} color=${lamp} /><span>${t("case.promise.word")}</span><span class="num">${dayTime(one.promised_until)}</span></span>`;
}
