/* Marks in what the caller said: places blue, deciding words violet, times amber. */
import {html} from "../lib/ui.js";

const TIMES = /(?:前|昨|今)天|(?:早|晚|中|上|下)[上午]|凌晨|半夜|[一二三四五六七八九十两\d]+(?:个)?(?:多)?(?:天|小时|分钟|星期|周|个月|年)|[一二三四五六七八九十\d]+点(?:半|多)?/g;

const all = (text, part) => {
  const found = [];
  for (let at = part ? text.indexOf(part) : -1; at >= 0; at = text.indexOf(part, at + part.length)) found.push([at, at + part.length]);
  return found;
};

/* Offsets of the suggestion count the whole talk; within one line the words themselves are found again. */
export function spansOf(text, suggestion) {
  const spans = [];
  const add = (kind, part) => all(text, part).forEach(([start, end]) => spans.push({kind, start, end}));
  (suggestion?.places ?? []).forEach((place) => add("loc", place.text));
  (suggestion?.candidates ?? []).slice(0, 3).forEach((c) => c.terms.forEach((term) => add("kw", term.text)));
  for (const hit of text.matchAll(TIMES)) spans.push({kind: "tm", start: hit.index, end: hit.index + hit[0].length});
  spans.sort((a, b) => a.start - b.start || b.end - a.end);
  return spans.reduce((kept, span) => (kept.length && span.start < kept.at(-1).end ? kept : [...kept, span]), []);
}

export function Marked({text, suggestion}) {
  const parts = [];
  let at = 0;
  spansOf(text, suggestion).forEach(({kind, start, end}) => {
    parts.push(text.slice(at, start), html`<mark class=${kind}>${text.slice(start, end)}</mark>`);
    at = end;
  });
  return html`${parts}${text.slice(at)}`;
}
