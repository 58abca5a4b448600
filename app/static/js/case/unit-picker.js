/* Choosing units of the network by name, kind or area; what is chosen stands above the search. */
import {api} from "../lib/api.js";
import {html, signal, useEffect, useState} from "../lib/html.js";
import {t} from "../lib/i18n.js";
import {Icon} from "../lib/ui-basic.js";

const SHOWN = 8;
/* Names of units once seen: a chosen one keeps its name when the search goes on. */
const names = signal(new Map());
const remember = (units) => { names.value = new Map([...names.value, ...units.map((unit) => [unit.id, unit.name])]); };

async function find(words) {
  const {items} = await api.get("/units", {q: words, limit: SHOWN});
  remember(items);
  return items;
}

/** chosen: ids; most: how many there may be (1: a new choice replaces the old one). */
export function UnitPicker({id, chosen, most, onChange}) {
  const [words, setWords] = useState(""), [found, setFound] = useState([]), [failure, setFailure] = useState("");
  useEffect(() => {
    let late = false;
    const timer = setTimeout(() => find(words.trim()).then((items) => { if (!late) { setFound(items); setFailure(""); } },
      (error) => { if (!late) setFailure(error.message); }), words ? 250 : 0);
    return () => { late = true; clearTimeout(timer); };
  }, [words]);
  const drop = (unit) => onChange(chosen.filter((each) => each !== unit));
  const take = (unit) => onChange(most === 1 ? [unit] : [...chosen, unit]);
  const open = found.filter((unit) => !chosen.includes(unit.id));
  // A second list of all units would only push the buttons out of sight.
  const isListed = words.trim() !== "" || (most === 1 && !chosen.length);
  return html`<div class="units">
    ${chosen.length > 0 && html`<ul class="unit-chosen" aria-label=${t("unit.chosen")}>${chosen.map((unit) => html`<li key=${unit}><button type="button" class="btn sm" onClick=${() => drop(unit)}
      aria-label=${t("unit.drop", {name: names.value.get(unit) ?? unit})}>${names.value.get(unit) ?? unit}<${Icon} name="x" size="s" /></button></li>`)}</ul>`}
    <input id=${id} class="in" type="search" autocomplete="off" value=${words} placeholder=${t("unit.search")} onInput=${(e) => setWords(e.target.value)} />
    ${failure && html`<p class="err" role="alert">${failure}</p>`}
    ${chosen.length >= most && most > 1 ? html`<p class="t3 s12">${t("unit.enough", {n: most})}</p>` : isListed && html`<ul class="unit-found" aria-label=${t("unit.found")}>${open.map((unit) => html`<li key=${unit.id}><button type="button" onClick=${() => take(unit.id)}>
      <b class="ell">${unit.name}</b><span class="t3 s12 ell">${unit.unit_type ?? unit.type ?? ""}</span></button></li>`)}
      ${!open.length && !failure && html`<li class="t3 s12">${t("unit.none")}</li>`}</ul>`}</div>`;
}
