/* The agent console: wires state, keys and parts together. */
import {boot} from "../lib/boot.js";
import {startClock, syncClock} from "../lib/clock.js";
import {t} from "../lib/i18n.js";
import {Toasts, html, render} from "../lib/ui.js";
import {CaseForm} from "./case-form.js";
import {CallBackPanel, CallBacks, bindTaskKeys} from "./call-backs.js";
import {Cases} from "./cases.js";
import {ConflictDialog} from "./conflict.js";
import {followCase} from "./case-detail.js";
import {Dialogue} from "./dialogue.js";
import {DisposeDialog, VoidDialog} from "./dispose.js";
import {Drawer} from "./drawer.js";
import {startFeed} from "./feed.js";
import {takeTasks} from "./follow-up.js";
import {followForm, sweepDrafts} from "./form-state.js";
import {HelpDialog} from "./help.js";
import {IncidentBanner} from "./incident-banner.js";
import {followKnowledge} from "./knowledge.js";
import {LineBanner} from "./line-banner.js";
import {Messages} from "./messages.js";
import {Palette} from "./palette.js";
import {Phone, Shift} from "./phone.js";
import {Queue} from "./queue.js";
import {Ring, RingVoice, followRing} from "./ring.js";
import {Foot, bindKeys} from "./shortcuts.js";
import {Side} from "./side.js";
import {followSeat} from "./softphone.js";
import {isOnCall, overlay, takeSnapshot, view} from "./state.js";
import {followOutbox} from "./submit.js";
import {Top} from "./top.js";
import {TransferDialog} from "./transfer.js";

const Left = () => html`<div class="col"><${Phone} /><${Queue} /><${Shift} /></div>`;
const Work = ({children}) => html`<div class="col">${children}</div><div class="col"><${CaseForm} /></div><div class="col side"><${Side} /></div>`;
const VIEWS = {
  calls: () => html`<${Work}><${Dialogue} /></${Work}>`,
  messages: () => html`<${Work}><${Messages} /></${Work}>`,
  callbacks: () => html`<div class="col"><${CallBacks} /></div><div class="col wide"><${CallBackPanel} /></div>`,
  cases: () => html`<div class="col wide"><${Cases} /></div>`,
};
const OVERLAYS = {dispose: DisposeDialog, "void-draft": VoidDialog, palette: Palette, help: HelpDialog, transfer: TransferDialog, conflict: ConflictDialog};

function Overlay() {
  const open = overlay.value;
  const Dialog = open && OVERLAYS[open.name];
  return Dialog ? html`<${Dialog} key=${open.name} ...${open} />` : null;
}

function App() {
  const View = VIEWS[view.value];
  return html`<div class="app"><${Top} /><div><${LineBanner} /><${IncidentBanner} /></div>
    <main class=${`grid ${view.value}`} aria-label=${t("agent.title")}><h1 class="vh">${t("agent.title")}</h1><${Left} /><${View} /></main><${Foot} />
    <${Drawer} /><${Overlay} /><${Ring} /><${RingVoice} /><${Toasts} /></div>`;
}

syncClock(boot.snapshot?.server_time, 1500);
startClock();
sweepDrafts();
if (boot.snapshot) { takeSnapshot(boot.snapshot); takeTasks(boot.snapshot.call_backs ?? []); }
bindKeys();
bindTaskKeys();
followForm();
followKnowledge();
followCase();
followRing();
followSeat();
render(html`<${App} />`, document.getElementById("app"));
// Leaving the page hangs up this browser's telephone.
addEventListener("beforeunload", (event) => { if (isOnCall.value) event.preventDefault(); });
startFeed();
followOutbox();
