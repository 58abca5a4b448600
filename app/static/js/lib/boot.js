/* What the page template put into the document: first paint needs no request. */
const block = document.getElementById("boot");

export const boot = block ? JSON.parse(block.textContent) : {};
export const csrfToken = () => document.querySelector('meta[name="csrf-token"]')?.content ?? "";
