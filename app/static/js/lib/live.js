/* The live line: sockets only inform. On every (re)connect: join, fetch the snapshot, then let newer events through. */
import {io} from "socket.io-client";
import {api} from "./api.js";
import {forgetClock, serverNow, syncClock} from "./clock.js";
import {signal} from "./html.js";
import {inWords} from "./i18n.js";

// The server believes a silent console gone after 45 s.
const MEASURE_EVERY = 15_000;

/* state: connecting | online | lost | refused; since: ms of the server's clock; latency: ms or null */
export const link = signal({state: "connecting", since: serverNow(), attempt: 0, latency: null});
const setLink = (change) => { link.value = {...link.value, ...change}; };

let socket = null;
let handlers = {};
/* Events that arrive while a snapshot is on its way wait here; null = let them through. */
let waiting = null;
const watched = new Map();

/* snapshotPath: below /api/v1; onSnapshot(snapshot), onEvent(event), onFigures(figures). */
export function connect({snapshotPath, onSnapshot, onEvent, onFigures}) {
  handlers = {snapshotPath, onSnapshot, onEvent, onFigures};
  socket = io({transports: ["websocket"], reconnectionDelay: 500, reconnectionDelayMax: 5000, timeout: 8000});
  socket.on("connect", refresh);
  socket.on("hello", (hello) => syncClock(hello.server_time, 1000));
  socket.on("event", (told) => {
    const event = inWords(told);
    return waiting ? waiting.push(event) : onEvent?.(event);
  });
  socket.on("figures", (figures) => onFigures?.(figures));
  socket.on("disconnect", lose);
  socket.on("connect_error", () => (socket.active ? lose() : setLink({state: "refused"})));
  socket.io.on("reconnect_attempt", (attempt) => setLink({attempt}));
  setInterval(measure, MEASURE_EVERY);
  return socket;
}

function lose() {
  waiting = [];
  forgetClock();
  if (link.value.state !== "lost") setLink({state: "lost", since: serverNow(), latency: null});
}

/* Also useful after a refused write: shows what the server holds. */
export async function refresh() {
  waiting = waiting ?? [];
  watched.forEach((subject) => socket.emit("watch", subject));
  try {
    const sent = performance.now();
    const snapshot = await api.get(handlers.snapshotPath);
    syncClock(snapshot.server_time, performance.now() - sent);
    // What somebody has scrolled to may have to be read again: events wait for that, too.
    await handlers.onSnapshot?.(snapshot);
  } catch (error) {
    if (error.status === 401) return setLink({state: "refused"});
    if (socket.connected) setTimeout(() => socket.connected && refresh(), 2000);
    return undefined;
  }
  const late = waiting ?? [];
  waiting = null;
  late.forEach((event) => handlers.onEvent?.(event));
  if (socket.connected) setLink({state: "online", attempt: 0, since: serverNow()});
  return measure();
}

export function reconnectNow() {
  if (!socket || socket.connected) return;
  socket.disconnect();
  socket.connect();
}

/* The acknowledgement of "beat" is the round trip, and tells the server that this console is still there. */
async function measure() {
  if (!socket?.connected) return;
  const sent = performance.now();
  try {
    const told = await socket.timeout(5000).emitWithAck("beat");
    const latency = Math.round(performance.now() - sent);
    syncClock(told?.server_time, latency);
    setLink({latency});
  } catch { setLink({latency: null}); }
}

/* subject: {case: id} or {call: id}; kept over reconnects until released. Returns the release. */
export function watch(subject) {
  const name = JSON.stringify(subject);
  watched.set(name, subject);
  if (socket?.connected) socket.emit("watch", subject);
  return () => {
    watched.delete(name);
    if (socket?.connected) socket.emit("unwatch", subject);
  };
}
