/* The parts every page is made of, under one name. */
export * from "./html.js";
export * from "./ui-basic.js";
export * from "./ui-form.js";
export * from "./ui-overlay.js";
export * from "./ui-list.js";
