/* Three-way merge of a case's fields: what only one side touched merges silently, the rest is a clash for a person. */
const same = (a, b) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);

/* base: what I opened; mine: what I want; theirs: what the server holds now.
   Returns {merged, clashes: [field], taken: [field]}; merged holds my side of each clash. */
export function mergeThreeWay(base, mine, theirs) {
  const merged = {}, clashes = [], taken = [];
  for (const field of Object.keys(mine)) {
    const iChanged = !same(base[field], mine[field]), theyChanged = !same(base[field], theirs[field]);
    merged[field] = iChanged ? mine[field] : theirs[field];
    if (iChanged && theyChanged && !same(mine[field], theirs[field])) clashes.push(field);
    else if (theyChanged && !iChanged) taken.push(field);
  }
  return {merged, clashes, taken};
}
