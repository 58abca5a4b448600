/* Folders of cases that are read page by page, in the order in which people work. A folder read to its end is counted
   and searched here, as every push leaves it; of a longer one the server says how much there is and finds what is sought. */
import {api} from "../lib/api.js";
import {now} from "../lib/clock.js";
import {batch, computed, effect, signal} from "../lib/html.js";
import {matches} from "./fields.js";

const COUNT_AFTER = 3000, COUNT_EVERY = 60_000, SEEK_AFTER = 300;
const AT_MOST = 200; // what the server gives at once
const WAY_DOWN = 12; // rows before the end at which the next page is fetched

/* The first in time first, the undated last; ids decide between equal ones, as on the server. */
export const earliestFirst = (momentOf) => (a, b) => (momentOf(a) || Infinity) - (momentOf(b) || Infinity) || a.id - b.id;
export const latestFirst = (momentOf) => (a, b) => (momentOf(b) || 0) - (momentOf(a) || 0) || b.id - a.id;

/**
 * desk: "desk" | "command" | "inspect"; cases: the store; folders: name -> {holds(case), order(a, b)}; lampOf(case, now);
 * onPage(page, isAnew) hears of every page and, anew, of the snapshot.
 */
export function createFolders({desk, cases, folders, lampOf, onPage = () => {}}) {
  const names = Object.keys(folders);
  const folder = signal(names[0]), lamp = signal(""), query = signal("");
  /* What the server counted. */
  const told = signal({});
  /* View -> {state: "loading" | "read" | "failed", cursor, last, ids, failure}; a view is a folder, or what is looked for in it. */
  const pages = signal({});
  const set = (view, page) => { pages.value = {...pages.value, [view]: {...pages.value[view], ...page}}; };

  const isWhole = (name) => pages.value[name]?.state === "read" && !pages.value[name].cursor;
  const inFolder = (name) => cases.list.value.filter(folders[name].holds);
  const count = (name) => (isWhole(name) ? inFolder(name).length : told.value[name]?.all ?? inFolder(name).length);
  const counts = computed(() => Object.fromEntries(names.map((name) => [name, count(name)])));
  const lamps = computed(() => {
    if (!isWhole(folder.value) && told.value[folder.value]) return told.value[folder.value];
    const found = {red: 0, yellow: 0, green: 0, grey: 0};
    for (const one of inFolder(folder.value)) found[lampOf(one, now.value)] += 1;
    return found;
  });

  const wanted = computed(() => (query.value.trim().length > 1 ? query.value.trim() : ""));
  const view = computed(() => (isWhole(folder.value) || !(lamp.value || wanted.value) ? folder.value : `${folder.value}|${lamp.value}|${wanted.value}`));
  const page = computed(() => pages.value[view.value]);
  const rows = computed(() => {
    const {order} = folders[folder.value], shown = page.value;
    const isSought = (one) => matches(one, query.value) || Boolean(wanted.value && shown?.ids?.has(one.id));
    const fits = inFolder(folder.value).filter((one) => (!lamp.value || lampOf(one, now.value) === lamp.value) && isSought(one));
    // What other pages have brought from further down waits until everything before it has been read.
    return fits.filter((one) => !shown?.cursor || wanted.value || order(one, shown.last) <= 0).sort(order);
  });
  const hasMore = computed(() => Boolean(page.value) && (page.value.state !== "read" || Boolean(page.value.cursor)));

  const asked = (cursor, limit) => ({folder: folder.value, lamp: lamp.value, q: wanted.value, cursor, limit});
  function take(name, found, before) {
    const {order} = folders[name.split("|")[0]];
    batch(() => {
      found.items.forEach((one) => cases.upsert(one));
      onPage(found);
      const last = [before?.last, ...found.items].filter(Boolean).sort(order).at(-1);
      set(name, {state: "read", failure: "", cursor: found.next_cursor, last, ids: new Set([...before?.ids ?? [], ...found.items.map(({id}) => id)])});
    });
  }
  async function loadMore() {
    const name = view.value, before = pages.value[name];
    if (before?.state === "loading" || (before?.state === "read" && !before.cursor)) return;
    set(name, {state: "loading"});
    try {
      take(name, await api.get(`/${desk}/cases`, asked(before?.cursor)), before);
    } catch (error) { set(name, {state: "failed", failure: error.message}); }
  }
  /** The list tells how far down it is looked at. */
  const reach = (last) => { if (last >= rows.value.length - WAY_DOWN && page.value?.state === "read") loadMore(); };

  let soon = 0;
  const recount = () => { soon = soon || setTimeout(fetchCounts, COUNT_AFTER); };
  async function fetchCounts() {
    soon = 0;
    try { told.value = await api.get(`/${desk}/counts`); } catch { /* the next push or minute asks again */ }
  }
  const needsCounting = () => Object.keys(told.value).some((name) => !isWhole(name));
  setInterval(() => needsCounting() && recount(), COUNT_EVERY);

  /* Has the folder been read as far as this case? */
  const isReadTo = (name, card) => isWhole(name) || (pages.value[name]?.cursor && folders[name].order(card, pages.value[name].last) <= 0);
  /** A case that a push or a fetch brought. Returns whether it was news; what will come with a later page is not kept. */
  function takeCard(card) {
    if (needsCounting()) recount();
    const isKept = cases.get(card.id) || names.some((name) => folders[name].holds(card) && isReadTo(name, card));
    return Boolean(isKept) && cases.upsert(card);
  }

  /** What it does not hold is gone, but what somebody has scrolled to is read anew before anything is taken away. */
  async function takeSnapshot(snapshot) {
    const length = rows.value.length, isAhead = Object.hasOwn(snapshot.pages ?? {}, view.value) && length <= (snapshot.cases ?? []).length;
    const again = isAhead || !pages.value[view.value] ? null : await readAgain(length);
    batch(() => {
      told.value = snapshot.counts ?? {};
      pages.value = {};
      const listed = snapshot.cases ?? [], ids = new Set(listed.map(({id}) => id));
      onPage(snapshot, true);
      cases.replace([...listed, ...(again?.items ?? []).filter(({id}) => !ids.has(id))]);
      for (const [name, cursor] of Object.entries(snapshot.pages ?? {})) {
        const items = listed.filter(folders[name].holds).sort(folders[name].order);
        set(name, {state: "read", cursor, last: items.at(-1)});
      }
      if (again) take(view.value, again);
    });
  }
  async function readAgain(length) {
    try { return await api.get(`/${desk}/cases`, asked(undefined, Math.min(AT_MOST, Math.max(50, length)))); } catch { return null; }
  }

  // A folder, a lamp or words that the pages read so far cannot answer are asked of the server.
  let seek = 0;
  effect(() => {
    const name = view.value, isKnown = Boolean(pages.value[name]), isEmpty = !Object.keys(pages.value).length;
    clearTimeout(seek);
    if (!isKnown && !isEmpty) seek = setTimeout(loadMore, name.includes("|") && wanted.value ? SEEK_AFTER : 0);
  });

  const choose = (name) => batch(() => { folder.value = name; lamp.value = ""; });
  return {folder, lamp, query, counts, lamps, rows, page, hasMore, isWhole, loadMore, reach, choose, takeCard, takeSnapshot};
}
