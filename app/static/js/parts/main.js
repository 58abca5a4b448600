/* The parts gallery: every part of the consoles in every state, drawn before the pages that use it. */
import {startClock} from "../lib/clock.js";
import {bind} from "../lib/keys.js";
import {t} from "../lib/i18n.js";
import {Button, Toasts, html, render, signal} from "../lib/ui.js";
import {DATA} from "./data-parts.js";
import {FORMS} from "./form-parts.js";
import {OVERLAYS} from "./overlay-parts.js";
import {SIGNS} from "./sign-parts.js";

const dark = signal(false);
const SECTIONS = [...SIGNS, ...FORMS, ...DATA, ...OVERLAYS];
const anchor = (title) => title.replace(/\W+/g, "-").toLowerCase();

const Section = ({title, note, draw: Draw}) => html`<section class="card gallery-part" id=${anchor(title)} aria-label=${title}>
  <header><h2>${title}</h2><span class="t3 s12 ell">${note}</span></header><div class="body"><${Draw} /></div></section>`;

function Gallery() {
  document.documentElement.dataset.theme = dark.value ? "dark" : "";
  return html`<div class="gallery"><header class="row"><h1>${t("parts.title")}</h1><span class="t2">${t("parts.lead", {n: SECTIONS.length})}</span><span class="grow"></span>
      <${Button} icon=${dark.value ? "sun" : "moon"} pressed=${dark.value ? "true" : "false"} onClick=${() => { dark.value = !dark.value; }}>${t("parts.dark")}</${Button}></header>
    <main class="gallery-grid">${SECTIONS.map((section) => html`<${Section} key=${section.title} ...${section} />`)}</main><${Toasts} /></div>`;
}

bind({id: "create", combo: "Ctrl+Enter", label: t("key.create"), run: () => null});
bind({id: "answer", combo: "F2", label: t("key.answer"), run: () => null});
bind({id: "hang-up", combo: "Alt+H", label: t("key.hang-up"), run: () => null});
startClock();
render(html`<${Gallery} />`, document.getElementById("app"));
