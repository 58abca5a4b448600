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
