/* Things to fill in: field, toggle, segmented choice, tabs. */
import {html, useId, useRef} from "./html.js";
import {Icon} from "./ui-basic.js";

/* Arrow keys move and choose within a group, as radio buttons and tabs do. */
const step = {ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1};
function moveOn(event, count, current, choose) {
  const by = step[event.key];
  if (!by || event.altKey || event.ctrlKey) return;
  event.preventDefault();
  const next = (current + by + count) % count;
  choose(next);
  event.currentTarget.children[next]?.focus();
}

/* children: a function of the control's id, or the control itself when it is a group. */
export function Field({label, required, hint, error, children}) {
  const id = useId();
  const caption = html`${label}${required && html`<span class="req" aria-hidden="true">*</span>`}
    ${hint && html`<span class="grow"></span><span class="t3">${hint}</span>`}`;
  return html`<div class="fld">
    ${typeof children === "function" ? html`<label for=${id}>${caption}</label>${children(id)}` : html`<span class="lab">${caption}</span>${children}`}
    ${error && html`<span class="err" role="alert"><${Icon} name="circle-alert" size="s" />${error}</span>`}</div>`;
}

export const Toggle = ({on, label, short, onChange, disabled}) =>
  html`<span class="switch"><button type="button" class="sw" role="switch" aria-checked=${on ? "true" : "false"} aria-label=${label}
    disabled=${disabled} onClick=${() => onChange(!on)}></button><span aria-hidden="true">${short ?? label}</span></span>`;

/* options: [{value, label}] */
export function Segmented({label, options, value, onChange, disabled}) {
  const at = options.findIndex((o) => o.value === value);
  const tabbable = at < 0 ? 0 : at;
  return html`<div class="seg" role="radiogroup" aria-label=${label}
    onKeyDown=${(e) => moveOn(e, options.length, tabbable, (i) => onChange(options[i].value))}>
    ${options.map((o, i) => html`<button type="button" role="radio" aria-checked=${o.value === value ? "true" : "false"} disabled=${disabled}
      tabindex=${i === tabbable ? 0 : -1} onClick=${() => onChange(o.value)}>${o.label}</button>`)}</div>`;
}

/* tabs: [{value, label, icon, count}]; panels use id `${name}-panel`. */
export function Tabs({name, label, tabs, value, onChange}) {
  const at = tabs.findIndex((tab) => tab.value === value);
  return html`<div class="tabs" role="tablist" aria-label=${label}
    onKeyDown=${(e) => moveOn(e, tabs.length, at, (i) => onChange(tabs[i].value))}>
    ${tabs.map((tab) => html`<button type="button" role="tab" id=${`${name}-${tab.value}`} aria-selected=${tab.value === value ? "true" : "false"}
      aria-controls=${`${name}-panel`} tabindex=${tab.value === value ? 0 : -1} onClick=${() => onChange(tab.value)}>
      ${tab.icon && html`<${Icon} name=${tab.icon} size="s" />`}${tab.label}
      ${tab.count ? html`<span class=${`cnt num ${tab.alarm ? "red" : "blue"}`}>${tab.count}</span>` : null}</button>`)}</div>`;
}

/* A text area that grows with its content between `rows` and `maxRows`. */
export function TextArea({id, value, rows = 4, maxRows = 8, onInput, ...rest}) {
  const box = useRef();
  const fit = (el) => {
    if (!el) return;
    const lines = (el.value.match(/\n/g)?.length ?? 0) + 1 + Math.floor(el.value.length / 36);
    el.rows = Math.min(maxRows, Math.max(rows, lines));
  };
  fit(box.current);
  return html`<textarea id=${id} class="in" ref=${box} rows=${rows} value=${value} onInput=${(e) => { fit(e.target); onInput(e.target.value); }} ...${rest}></textarea>`;
}
