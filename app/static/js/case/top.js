/* The head of a working page: where I am, whether the line is live, who I am. */
import {clockTimeSeconds} from "../lib/clock.js";
import {html, signal} from "../lib/html.js";
import {t} from "../lib/i18n.js";
import {link, reconnectNow} from "../lib/live.js";
import {csrfToken} from "../lib/boot.js";
import {changePassword} from "../lib/own-password.js";
import {Button, Icon} from "../lib/ui-basic.js";
import {Menu} from "../lib/ui-overlay.js";

const leaving = signal(false);
async function signOut() {
  leaving.value = true;
  await fetch("/logout", {method: "POST", headers: {"X-CSRF-Token": csrfToken()}}).catch(() => null);
  location.assign("/");
}

function Line() {
  const {state, latency} = link.value, word = t(`case.link.${state}`);
  return html`<div class=${`conn${state === "online" ? "" : " off"}`} title=${word}><i></i><span>
    ${word}${state === "online" && latency !== null ? ` ${latency} ms` : ""}</span></div>`;
}

const Me = ({me, role}) => html`<${Menu} label=${me.name} items=${[changePassword(), {label: t("case.sign_out"), icon: "log-out", run: signOut}]} button=${(open, toggle) =>
  html`<button type="button" class="me" aria-label=${`${me.name} ${role}`}
    aria-haspopup="menu" aria-expanded=${open ? "true" : "false"} disabled=${leaving.value} onClick=${toggle}>
    <span class="av" aria-hidden="true">${(me.name || "?").slice(0, 1)}</span><span class="who"><b>${me.name}</b><small>
      ${role}</small></span></button>`} />`;

/** place: which page of which unit; role: under the name; children: what belongs in the middle. */
export const Top = ({place, me, role, children}) => html`<header class="top"><div class="brand"><span class="mark">
  <${Icon} name="headphones" /></span><span class="wide-only">${t("app.name")}</span><small>${place}</small></div>
  ${children}<span class="grow"></span><${Line} /><${Me} me=${me} role=${role} /></header>`;

/** Says in words that the line is down, and that it is back by disappearing. */
export function LinkBanner() {
  const {state, since} = link.value;
  const text = {lost: t("case.link.banner", {time: clockTimeSeconds(since)}), refused: t("case.link.refused_banner")}[state];
  return html`<div role="status" aria-live="polite" class="link-slot">
    ${text && html`<div class=${`banner${state === "refused" ? " red" : ""}`}><${Icon} name="wifi-off" /><span class="grow">${text}</span>
    ${state === "lost" ? html`<${Button} size="sm" icon="refresh-cw" onClick=${reconnectNow}>
      ${t("case.link.now")}<//>` : html`<${Button} size="sm" onClick=${() => location.reload()}>
      ${t("case.link.sign_in")}<//>`}</div>`}</div>`;
}

/* One polite voice for the page: "new ticket", "sent". An invisible change at the end lets the same words be spoken twice. */
const spoken = signal("");
export const announce = (text) => { spoken.value = spoken.value === text ? `${text} ` : text; };
export const Voice = () => html`<p class="vh" role="status" aria-live="polite">${spoken.value}</p>`;
