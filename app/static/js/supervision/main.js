/* Lamps and orders while one looks. The server draws the lists for exactly this person, filter and page; this asks for them
   again when something has happened, and lets the lamps follow the clock in between. */
import morphdom from "morphdom";
import {clockTimeSeconds, durationText, now, startClock} from "../lib/clock.js";
import {effect} from "../lib/html.js";
import {t} from "../lib/i18n.js";
import {connect, link, reconnectNow} from "../lib/live.js";
import {lampAt} from "./lamps.js";

const GATHER = 250, FIGURES_EVERY = 10_000, FRESH_FOR = 1600;
const live = () => document.getElementById("live");

/* A list that was overtaken by a newer answer is never shown; one question at a time, and another if it came too late. */
let asking = false, again = false, timer = 0, askedAt = 0;
async function ask() {
  if (asking) { again = true; return; }
  asking = true;
  askedAt = performance.now();
  try {
    const answer = await fetch(location.href, {headers: {"X-Part": "1"}, credentials: "same-origin"});
    if (answer.ok && !answer.redirected) show(await answer.text());
  } catch { /* the line is down: coming back asks again */ }
  asking = false;
  if (again) { again = false; soon(); }
}
function soon() {
  if (timer) return;
  timer = setTimeout(() => { timer = 0; ask(); }, GATHER);
}

function show(part) {
  const {id: held, selectionStart: caret} = document.activeElement ?? {}, red = live().dataset.red, changed = [];
  morphdom(live(), part.slice(part.indexOf("<div")), {
    // What somebody is writing is theirs; what is the same is left alone.
    onBeforeElUpdated(from, to) {
      if (from.hasAttribute("data-keep") || from.isEqualNode(to)) return false;
      if (from.dataset.version !== to.dataset.version) changed.push(from);
      return true;
    },
    onNodeAdded(node) { if (node.dataset?.version) changed.push(node); return node; },
  });
  tick();
  if (held && document.activeElement?.id !== held) putBack(document.getElementById(held), caret);
  for (const row of changed) {
    row.classList.add("fresh");
    setTimeout(() => row.classList.remove("fresh"), FRESH_FOR);
  }
  if (live().dataset.red !== red) document.getElementById("voice").textContent = t("supervision.red", {n: live().dataset.red});
}

/* A row that has moved has lost the keyboard on its way. */
function putBack(element, caret) {
  element?.focus({preventScroll: true});
  if (typeof caret === "number") element?.setSelectionRange?.(caret, caret);
}

/* The lamp turns at its second, not when the next sweep has been. */
function tick(at = now.peek()) {
  for (const row of live().querySelectorAll("tr[data-due]")) {
    const {due, lamp} = row.dataset, seconds = (Date.parse(due) - at) / 1000, left = row.querySelector(".left");
    const words = t(seconds > 0 ? "supervision.left" : "supervision.over", {span: durationText(seconds)});
    if (left.textContent !== words) left.textContent = words;
    const colour = lampAt(row.dataset, at);
    if (colour === lamp) continue;
    row.dataset.lamp = colour;
    row.querySelector(".lamp").className = `lamp ${colour}`;
    row.querySelector(".lamp + span").textContent = t(`supervision.lamp.${colour}`);
    left.classList.toggle("red-text", colour === "red");
    left.classList.toggle("t2", colour !== "red");
    soon();
  }
}

function showLine({state, since, latency}) {
  const banner = document.getElementById("line"), isRefused = state === "refused", [, says, does] = banner.children;
  banner.hidden = state !== "lost" && !isRefused;
  banner.classList.toggle("red", isRefused);
  says.textContent = isRefused ? t("case.link.refused_banner") : t("case.link.banner", {time: clockTimeSeconds(since)});
  does.textContent = t(isRefused ? "case.link.sign_in" : "case.link.now");
  does.onclick = isRefused ? () => location.reload() : reconnectNow;

  const sign = document.getElementById("conn"), words = t(`case.link.${state}`);
  sign.hidden = false;
  sign.className = `conn${state === "online" ? "" : " off"}`;
  sign.lastElementChild.textContent = state === "online" && latency !== null ? `${words} ${latency} ms` : words;
}

startClock();
effect(() => tick(now.value));
effect(() => showLine(link.value));
connect({
  snapshotPath: "/me",
  onSnapshot: ask,
  onEvent: ({kind}) => { if (/^(case|reminder|call_back|incident)\./.test(kind)) soon(); },
  // Sent every ten seconds at least: what the sweep has moved, no event tells.
  onFigures: () => { if (performance.now() - askedAt >= FIGURES_EVERY) soon(); },
});
