/* Keyboard shortcuts: they work while typing, ignore IME composition, are printed where they act, and can be remapped. */
import {computed, signal} from "./html.js";
import {keep} from "./store.js";

const STORED = "keys";
const remapped = signal(keep.read(STORED, {}));
const registry = signal(new Map());
const scopes = [];
let capture = null;

const NAMES = {Slash: "/", Enter: "Enter", Escape: "Escape", Space: "Space", Comma: ",", Period: "."};
const nameOf = (code) => NAMES[code] ?? code.replace(/^(Key|Digit|Numpad)/, "");

/* By physical key, so Alt+letter is the same under every keyboard layout and input method. */
export function comboOf(event) {
  const held = [event.ctrlKey || event.metaKey ? "Ctrl" : "", event.altKey ? "Alt" : "", event.shiftKey ? "Shift" : ""];
  return [...held.filter(Boolean), nameOf(event.code)].join("+");
}
export const printed = (combo) => combo.replace("Enter", "↵").replace("Escape", "Esc");

/* Letters alone belong to the text; only combinations and function keys may act. */
export const isUsable = (combo) => /^(Ctrl|Alt)\+/.test(combo) && !/\+(Control|Alt|Shift|Meta)(Left|Right)?$/.test(combo)
  || /^F([1-9]|1[0-2])$/.test(combo) || combo === "Escape";

/* action: {id, combo, label, run, when?, scope?, everywhere?, shown?}. Returns the release. */
export function bind(action) {
  const next = new Map(registry.value);
  next.set(action.id, action);
  registry.value = next;
  return () => {
    if (registry.value.get(action.id) !== action) return;
    const left = new Map(registry.value);
    left.delete(action.id);
    registry.value = left;
  };
}

export const keyFor = (id) => remapped.value[id] ?? registry.value.get(id)?.combo ?? "";
export const actions = computed(() => [...registry.value.values()]);

/* A modal takes the keyboard: only its own scope and the actions marked `everywhere` stay alive. */
export function enterScope(name) {
  scopes.push(name);
  return () => scopes.splice(scopes.lastIndexOf(name), 1);
}

const isAlive = (action) => {
  if (action.when && !action.when()) return false;
  const top = scopes.at(-1);
  return action.everywhere || (top ? action.scope === top : !action.scope);
};

/* Returns the label of the action that already owns the combination, or "" when it was stored. */
export function remap(id, combo) {
  const owner = actions.value.find((a) => a.id !== id && !a.scope && keyFor(a.id) === combo);
  if (owner) return owner.label;
  remapped.value = {...remapped.value, [id]: combo};
  keep.write(STORED, remapped.value);
  return "";
}
export const resetKeys = () => { remapped.value = {}; keep.drop(STORED); };
export const isRemapped = computed(() => Object.keys(remapped.value).length > 0);

/* The next key press goes to `taker(combo)` instead of acting. */
export const captureNext = (taker) => { capture = taker; };

addEventListener("keydown", (event) => {
  // keyCode 229: some input methods report composition only this way
  if (event.isComposing || event.keyCode === 229 || event.repeat) return;
  const combo = comboOf(event);
  if (capture) {
    if (/^(Control|Alt|Shift|Meta)/.test(event.code)) return;
    event.preventDefault();
    event.stopPropagation();
    const taker = capture;
    capture = null;
    taker(combo);
    return;
  }
  const action = actions.value.find((a) => keyFor(a.id) === combo && isAlive(a));
  if (!action) return;
  event.preventDefault();
  action.run(event);
}, true);
