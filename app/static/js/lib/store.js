/* Rows of a page, newest version wins: a push at or below the version we hold is dropped. */
import {computed, signal} from "./html.js";

/* `versionOf` returns undefined for a row that carries no version: such a row is always taken. */
export function createStore({keyOf = (row) => row.id, versionOf = (row) => row.version} = {}) {
  const rows = signal(new Map());

  const isStale = (row) => {
    const held = rows.value.get(keyOf(row));
    const mine = held && versionOf(held), theirs = versionOf(row);
    return mine !== undefined && theirs !== undefined && theirs <= mine;
  };
  const write = (change) => {
    const next = new Map(rows.value);
    change(next);
    rows.value = next;
  };

  return {
    rows,
    list: computed(() => [...rows.value.values()]),
    get: (key) => rows.value.get(key),
    /* A snapshot: what it does not hold is gone, and what we know newer stays. */
    replace(fresh) {
      rows.value = new Map(fresh.map((row) => [keyOf(row), isStale(row) ? rows.value.get(keyOf(row)) : row]));
    },
    /* Returns whether the row was news. */
    upsert(row) {
      if (isStale(row)) return false;
      write((next) => next.set(keyOf(row), {...next.get(keyOf(row)), ...row}));
      return true;
    },
    remove(key) {
      if (rows.value.has(key)) write((next) => next.delete(key));
    },
  };
}

/* Values this browser keeps: drafts, key maps. A full or forbidden storage never breaks the page. */
export const keep = {
  read(key, otherwise = null) {
    try { return JSON.parse(localStorage.getItem(key)) ?? otherwise; } catch { return otherwise; }
  },
  write(key, value) {
    try { localStorage.setItem(key, JSON.stringify(value)); } catch { /* private mode: the server's copy remains */ }
  },
  drop(key) {
    try { localStorage.removeItem(key); } catch { /* nothing was kept */ }
  },
};
