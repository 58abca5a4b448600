/* The browser as a telephone. The emulator and Twilio hand out the same kind of Device; only their modules differ. */
import {api} from "../lib/api.js";
import {effect, signal} from "../lib/html.js";
import {carrier, phase, seat} from "./state.js";

const TOKEN_BEFORE_END = 60_000;
const RETRY_AFTER = 5000;
const PATIENCE = 8000;
// Twilio's numbers for an invalid, expired or not yet valid access token
const TOKEN_REFUSED = new Set([20101, 20104, 20103]);
/* none | registering | registered | incoming | open | failed */
export const leg = signal("none");
let device = null;
let active = null;
let accepting = false;
let renewal = 0;

async function loadDevice() {
  const {kind, client_url: url} = carrier.value ?? {};
  if (kind === "emulator") return (await import(url)).Device;
  if (kind !== "twilio") return null;
  await import("/static/vendor/twilio-voice-sdk/dist/twilio.min.js");
  return window.Twilio.Device;
}

async function fetchToken() {
  const {token, ttl} = await api.get("/phone/token");
  clearTimeout(renewal);
  renewal = setTimeout(renew, Math.max(30_000, ttl * 1000 - TOKEN_BEFORE_END));
  return token;
}
async function renew() {
  try { device?.updateToken?.(await fetchToken()); } catch { renewal = setTimeout(renew, 15_000); }
}

export async function openPhone() {
  if (device || leg.peek() === "registering") return;
  leg.value = "registering";
  try {
    const Device = await loadDevice();
    if (!Device) { leg.value = "none"; return; }
    device = new Device(await fetchToken());
    const settle = (word) => () => { if (!active) leg.value = word; };
    device.on("registered", settle("registered"));
    // The device itself keeps trying; only a refused token needs our help.
    device.on("unregistered", settle("failed"));
    device.on("error", (error) => { settle("failed")(); if (TOKEN_REFUSED.has(error?.code)) renew(); });
    device.on("incoming", takeIncoming);
    setTimeout(() => { if (leg.value === "registering") leg.value = "failed"; }, PATIENCE);
    await device.register();
  } catch {
    device?.destroy?.();
    device = null;
    leg.value = "failed";
    setTimeout(() => { if (leg.value === "failed" && isAtWork()) openPhone(); }, RETRY_AFTER);
  }
}
const isAtWork = () => Boolean(seat.value) && seat.value.status !== "offline";

export function closePhone() {
  active?.disconnect?.();
  device?.unregister?.();
  device?.destroy?.();
  device = active = null;
  clearTimeout(renewal);
  leg.value = "none";
}

/* The carrier rings this leg when the server has given us the call, so the agent's own "answer" is the consent. */
function takeIncoming(call) {
  active = call;
  leg.value = "incoming";
  const over = () => { if (active === call) { active = null; leg.value = device ? "registered" : "none"; } };
  ["disconnect", "cancel", "reject"].forEach((name) => call.on?.(name, over));
  call.on?.("accept", () => { leg.value = "open"; });
  if (accepting || ["talking", "hold"].includes(phase.value)) pickUp();
}
function pickUp() {
  accepting = false;
  active?.accept?.();
  leg.value = "open";
}

export function acceptLeg() { if (leg.value === "incoming") pickUp(); else accepting = true; }
export function hangUpLeg() { accepting = false; active?.disconnect?.(); }
export const muteLeg = (on) => active?.mute?.(on);
export const canSpeak = () => carrier.value?.kind === "emulator" && leg.value === "open";
export function say(text) { active?.say?.(text); }

/* Registered while at work, gone when offline: a phone that nobody sits at must not ring. */
export function followSeat() {
  effect(() => {
    const atWork = isAtWork();
    if (!atWork && device) closePhone();
    if (atWork && !device && carrier.value) openPhone();
  });
  effect(() => { if (!["ringing", "talking", "hold"].includes(phase.value)) accepting = false; });
}
