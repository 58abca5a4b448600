/* Photographs chosen but not yet sent. They stay until they are sent or taken out, whatever happens to the line. */
import {newKey} from "../lib/api.js";
import {signal} from "../lib/html.js";
import {t} from "../lib/i18n.js";
import {prepared, sendPhoto} from "./upload.js";

const AT_MOST = 9;
const baskets = new Map();

/** The basket of one case and purpose ("result", "check"), the same one whenever the case is opened again. */
export function basketOf(caseId, purpose) {
  const name = `${caseId}/${purpose}`;
  if (!baskets.has(name)) baskets.set(name, createBasket(caseId, purpose));
  return baskets.get(name);
}

/* item: {key, file, preview, state: "ready" | "sending" | "failed", progress, failure} */
function createBasket(caseId, purpose) {
  const items = signal([]), refused = signal("");
  const change = (key, part) => { items.value = items.value.map((item) => (item.key === key ? {...item, ...part} : item)); };
  const remove = (key) => {
    const item = items.value.find((one) => one.key === key);
    if (item) URL.revokeObjectURL(item.preview);
    items.value = items.value.filter((one) => one.key !== key);
  };

  async function add(files) {
    refused.value = "";
    for (const file of files) await addOne(file).catch((error) => { refused.value = error.message; });
  }
  async function addOne(file) {
    if (items.value.length >= AT_MOST) { refused.value = t("case.photo.enough", {n: AT_MOST}); return; }
    const small = await prepared(file);
    items.value = [...items.value, {key: newKey(), file: small, preview: URL.createObjectURL(small), state: "ready", progress: 0, failure: ""}];
  }

  async function sendOne({key, file}) {
    change(key, {state: "sending", progress: 0, failure: ""});
    try {
      await sendPhoto(caseId, {file, purpose, key}, (progress) => change(key, {progress}));
      remove(key);
    } catch (error) {
      change(key, {state: "failed", failure: error.message});
      throw error;
    }
  }
  /** One after the other (a weak line serves one well, four badly). Returns whether anything was sent; throws at the first failure. */
  async function sendAll() {
    const waiting = items.value;
    for (const item of waiting) await sendOne(item);
    return waiting.length > 0;
  }
  return {items, refused, add, remove, sendAll};
}
