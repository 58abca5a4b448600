/* The 184 classes with their filing conditions, fetched once per page. */
import {api} from "../lib/api.js";
import {computed, signal} from "../lib/html.js";

export const classes = signal([]);
let loading = null;

export function loadCatalogue() {
  loading ??= api.get("/catalogue").then((answer) => { classes.value = answer.classes ?? answer; })
    .catch(() => { loading = null; setTimeout(loadCatalogue, 5000); });
  return loading;
}

const byCode = computed(() => new Map(classes.value.map((each) => [each.code, each])));
export const classOf = (code) => byCode.value.get(code) ?? null;
export const conditionsOf = (code) => classOf(code)?.conditions ?? [];

/* The browser sorts Chinese by its reading: a character's initial is that of the last first-of-its-letter before it. */
const LETTERS = "abcdefghjklmnopqrstwxyz", FIRSTS = [..."阿八嚓哒妸发旮哈讥咔垃妈拏噢妑七呥仨他屲夕丫帀"];
const reading = new Intl.Collator("zh-CN-u-co-pinyin");
const initialOf = (letter) => (/[\u4e00-\u9fff]/.test(letter) ? LETTERS[FIRSTS.findLastIndex((first) => reading.compare(first, letter) <= 0)] ?? "" : letter.toLowerCase());
const initials = new Map();
function initialsOf(name) {
  if (!initials.has(name)) initials.set(name, [...name].map(initialOf).join(""));
  return initials.get(name);
}

/* Every character of the words must occur: 井盖丢 finds 上水井盖 by name; a code finds its class. */
export function findClasses(words, limit = 12) {
  const text = words.trim().toLowerCase();
  if (!text) return [];
  const scored = classes.value.map((each) => [score(each, text), each]).filter(([points]) => points > 0);
  return scored.sort((a, b) => b[0] - a[0]).slice(0, limit).map(([, each]) => each);
}
function score({code, name, major, conditions = []}, text) {
  if (code.toLowerCase() === text) return 100;
  if (name === text) return 90;
  if (name.startsWith(text)) return 80;
  if (name.includes(text)) return 70;
  if (code.toLowerCase().startsWith(text)) return 60;
  if (/^[a-z]{2,}$/.test(text) && initialsOf(name).includes(text)) return initialsOf(name).startsWith(text) ? 50 : 40;
  if ((major ?? "").includes(text)) return 30;
  if (conditions.some((c) => c.text.includes(text))) return 20;
  return [...text].every((letter) => name.includes(letter)) ? 10 : 0;
}
