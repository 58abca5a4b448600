/* What the page template put into the document: first paint needs no request. */
import {inWords} from "./i18n.js";

const block = document.getElementById("boot");

export const boot = block ? inWords(JSON.parse(block.textContent)) : {};
export const csrfToken = () => document.querySelector('meta[name="csrf-token"]')?.content ?? "";
