/* What lies over the page: dialog, drawer, menu, toasts. */
import {boot} from "./boot.js";
import {html, signal, useEffect, useId, useLayoutEffect, useRef, useState} from "./html.js";
import {t} from "./i18n.js";
import {enterScope} from "./keys.js";
import {Button, Icon} from "./ui-basic.js";

/* A native modal: the browser holds the focus inside and gives it back. kind: "" 560 px, wide 720 px, drawer. */
export function Dialog({title, icon, kind = "", scope = "dialog", lead, footer, onClose, children, ...rest}) {
  const box = useRef();
  const id = useId();
  // Before the next key: whoever types on at once loses nothing to the page behind.
  useLayoutEffect(() => {
    const before = document.activeElement, dialog = box.current;
    const leave = enterScope(scope);
    dialog.showModal();
    // The first thing to fill in, not the cross in the corner.
    dialog.querySelector(".main :is(textarea, input:not([type=search]))")?.focus();
    // Closed before the focus goes back: as long as it is open, everything behind it is inert.
    return () => { leave(); dialog.close(); before?.focus?.(); };
  }, []);
  return html`<dialog class=${`dlg ${kind}`} ref=${box} aria-labelledby=${id} onCancel=${(e) => { e.preventDefault(); onClose(); }}
    onClick=${(e) => { if (kind === "drawer" && e.target === box.current) onClose(); }} ...${rest}>
    <header><div class="row">${icon && html`<${Icon} name=${icon} size="l" />`}<h2 class="grow" id=${id}>${title}</h2>
      <${Button} kind="ghost" size="sm" icon="x" label=${t("ui.close")} onClick=${onClose} /></div>
      ${lead && html`<p class="t2">${lead}</p>`}</header>
    <div class="main">${children}</div>
    ${footer && html`<footer>${footer}</footer>`}</dialog>`;
}

/* items: [{label, icon, checked, run} | {caption} | null for a line]; button: (open, toggle) => vnode */
export function Menu({items, label, button}) {
  const [open, setOpen] = useState(false);
  const box = useRef();
  const options = () => [...(box.current?.querySelectorAll("[role^=menuitem]") ?? [])];
  useEffect(() => {
    if (!open) return undefined;
    options()[0]?.focus();
    const away = (e) => { if (!box.current?.contains(e.target)) setOpen(false); };
    addEventListener("pointerdown", away);
    return () => removeEventListener("pointerdown", away);
  }, [open]);
  const leave = () => { setOpen(false); box.current?.querySelector("button")?.focus(); };
  const onKeyDown = (e) => {
    if (!open) return;
    if (e.key === "Escape") { e.stopPropagation(); leave(); }
    const by = {ArrowDown: 1, ArrowUp: -1}[e.key];
    if (!by) return;
    e.preventDefault();
    const all = options();
    all[(all.indexOf(document.activeElement) + by + all.length) % all.length]?.focus();
  };
  // Who tabs on has left the menu.
  const onFocusOut = (e) => { if (e.relatedTarget && !box.current?.contains(e.relatedTarget)) setOpen(false); };
  return html`<div ref=${box} class="menu-host" onKeyDown=${onKeyDown} onFocusOut=${onFocusOut}>${button(open, () => setOpen(!open))}
    ${open && html`<div class="menu" role="menu" aria-label=${label}>${items.map((item) => (item === null ? html`<div class="sep" role="separator"></div>`
      : item.caption ? html`<div class="cap" role="presentation">${item.caption}</div>`
        : html`<button type="button" role="menuitemradio" aria-checked=${item.checked ? "true" : "false"} onClick=${() => { leave(); item.run(); }}>
        ${item.icon && html`<${Icon} name=${item.icon} />`}<span class="grow">${item.label}</span>${item.checked && html`<${Icon} name="check" />`}</button>`))}</div>`}</div>`;
}

const shown = signal([]);
let lastToast = 0;
const dismiss = (id) => { shown.value = shown.value.filter((toast) => toast.id !== id); };

/* kind: "" plain, good, bad. A failure stays until it is read. */
export function toast(text, {kind = "", icon, action, seconds = kind === "bad" ? 12 : 5} = {}) {
  const id = ++lastToast;
  shown.value = [...shown.value.slice(-3), {id, text, kind, icon, action}];
  setTimeout(() => dismiss(id), seconds * 1000);
  return () => dismiss(id);
}

// What a page before this one had to say, such as that the password is changed.
(boot.told ?? []).forEach(([kind, text]) => toast(text, {kind}));

const ICONS = {good: "circle-check", bad: "circle-alert"};
export const Toast = ({text, kind = "", icon, action, onClose}) =>
  html`<div class=${`toast ${kind}`}><${Icon} name=${icon ?? ICONS[kind] ?? "info"} /><span>${text}</span>
    ${action && html`<${Button} size="sm" onClick=${action.run}>${action.label}</${Button}>`}
    <button type="button" aria-label=${t("ui.close")} onClick=${onClose}><${Icon} name="x" size="s" /></button></div>`;

/* Two live regions, so a failure is announced at once and the rest waits its turn. */
export function Toasts() {
  const of = (bad) => shown.value.filter((toast) => (toast.kind === "bad") === bad)
    .map((toast) => html`<${Toast} key=${toast.id} ...${toast} onClose=${() => dismiss(toast.id)} />`);
  return html`<div class="toasts"><div class="stack" role="status">${of(false)}</div><div class="stack" role="alert">${of(true)}</div></div>`;
}
