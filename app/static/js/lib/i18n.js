/* Texts for people. One catalogue serves Jinja and JavaScript; zh-CN is complete, another language may have gaps. */
const FIRST = "zh-CN";

const fetchCatalogue = async (locale) => {
  const answer = await fetch(`/static/i18n/${locale}.json`);
  return answer.ok ? answer.json() : {};
};

export const locale = document.documentElement.lang || FIRST;
const first = await fetchCatalogue(FIRST);
const chosen = locale === FIRST ? first : await fetchCatalogue(locale);

/* A missing text shows its key, so a gap is seen and never blank. */
export const t = (key, params) => {
  const text = chosen[key] ?? first[key] ?? key;
  return params ? text.replace(/\{(\w+)\}/g, (whole, name) => params[name] ?? whole) : text;
};
export const has = (key) => key in first;

/* The field's own words (states, actions, limits …) come from the server in Chinese and stand in the second language's
   catalogue under themselves. Put in where data arrive, so that no part has to know. */
const NAMED = new Set(["label", "state_label", "limit_text", "limit", "reason", "source"]);
const said = (words) => {
  const [, n, unit] = /^(\d+) (\D+)$/.exec(words) ?? [];
  return n ? `${n} ${said(unit)}` : chosen[`word.${words}`] ?? words;
};
function translated(data) {
  if (Array.isArray(data)) return data.map(translated);
  if (data === null || typeof data !== "object") return data;
  return Object.fromEntries(Object.entries(data).map(([name, value]) => [name, typeof value === "string" && NAMED.has(name) ? said(value) : translated(value)]));
}
export const inWords = locale === FIRST ? (data) => data : translated;
