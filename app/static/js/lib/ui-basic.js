/* Signs and marks: icon, lamp, tag, key, button, banner, progress, countdown, empty state. */
import {now, secondsUntil, spanText} from "./clock.js";
import {html} from "./html.js";
import {t} from "./i18n.js";
import {keyFor, printed} from "./keys.js";
import "./sprite.js";


const join = (...names) => names.filter(Boolean).join(" ");

/* size: "s" 14 px, "" 16 px, "l" 20 px */
export const Icon = ({name, size = "", spin}) =>
  html`<svg class=${join("i", size && `i-${size}`, spin && "spin")} aria-hidden="true"><use href=${`#${name}`} /></svg>`;

export const lampWord = (color) => t(`lamp.${color}`);
/* A lamp is a colour, a shape and a word; `word` shows the word, else it is spoken and in the tooltip. */
export function Lamp({color = "grey", live, word}) {
  const name = lampWord(color);
  const dot = html`<i class=${join("lamp", color, live && "live")} role="img" aria-label=${name} title=${name}></i>`;
  return word ? html`<span class="lamp-word">${dot}<span aria-hidden="true">${word === true ? name : word}</span></span>` : dot;
}

/* kind: blue green yellow red violet line */
export const Tag = ({kind = "", icon, shrink, title, children}) =>
  html`<span class=${join("tag", kind, shrink && "shrink")} title=${title}>${icon && html`<${Icon} name=${icon} size="s" />`}${children}</span>`;

/* `of`: id of a bound action (follows a remapped key), or a literal combination as child. */
export const Key = ({of, children}) => {
  const combo = of ? keyFor(of) : children;
  return combo ? html`<kbd>${printed(combo)}</kbd>` : null;
};

/* kind: primary danger ok ghost; size: sm lg touch; pending shows work going on and refuses a second click. */
export function Button({kind = "", size = "", icon, keyOf, pending, pressed, disabled, label, grow, onClick, children, ...rest}) {
  const click = (event) => { if (!pending) onClick?.(event); };
  return html`<button type="button" class=${join("btn", kind, size, grow && "grow")} disabled=${disabled}
    aria-disabled=${pending ? "true" : undefined} aria-busy=${pending ? "true" : undefined} aria-pressed=${pressed}
    aria-label=${label} title=${label} onClick=${click} ...${rest}>
    ${pending ? html`<${Icon} name="refresh-cw" spin />` : icon && html`<${Icon} name=${icon} size=${size === "sm" ? "s" : ""} />`}
    ${children}${keyOf && html`<${Key} of=${keyOf} />`}</button>`;
}

export const Count = ({n, kind = ""}) => html`<span class=${join("cnt num", kind)}>${n}</span>`;

/* kind: "" amber, red, blue, green */
export const Banner = ({kind = "", icon = "triangle-alert", role = "status", children}) =>
  html`<div class=${join("banner", kind)} role=${role}><${Icon} name=${icon} />${children}</div>`;

/* value 0..1; label is spoken */
export function Progress({value, kind = "", label}) {
  const percent = Math.round(Math.min(1, Math.max(0, value)) * 100);
  return html`<span class=${join("bar grow", kind)} role="progressbar" aria-label=${label} aria-valuemin="0" aria-valuemax="100"
    aria-valuenow=${percent}><i style=${{width: `${percent}%`}}></i></span>`;
}

/* Ticks by itself. lamp: the server's word on colour; past the time it is red whatever it said. */
export function Countdown({due, lamp = "green", small, frozen}) {
  if (!due) return html`<span class="countdown grey">--:--</span>`;
  const left = secondsUntil(due, frozen ? Date.parse(frozen) : now.value);
  const overdue = left < 0;
  const text = spanText(left);
  return html`<span class=${join("countdown num", overdue ? "red" : lamp, small && "small")}>
    ${overdue ? t("time.overdue", {time: text}) : text}</span>`;
}

export const EmptyState = ({icon = "inbox", title, hint, children}) =>
  html`<div class="empty"><${Icon} name=${icon} size="l" /><span>${title}</span>
    ${hint && html`<span class="s12 t3">${hint}</span>`}${children}</div>`;

export const Card = ({icon, title, kind = "", head, label, children}) =>
  html`<section class=${join("card", kind)} aria-label=${label ?? title}>
    ${title && html`<header>${icon && html`<${Icon} name=${icon} />`}<h2>${title}</h2>${head}</header>`}${children}</section>`;

/* figures: [{value, label, alarm}] */
export const Figures = ({figures}) => html`<div class="kp">${figures.map(({value, label, alarm}) =>
  html`<div><b class=${alarm ? "red-text" : ""}>${value}</b><span>${label}</span></div>`)}</div>`;

export const Pulse = ({live}) => html`<i class=${join("pulse", live && "live")}></i>`;
