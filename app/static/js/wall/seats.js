/* Pure: how an agent's seat is drawn. */
const LONG_CALL_SECONDS = 12 * 60;
const BY_STATE = {ringing: "ring", talking: "talk", hold: "talk", wrap_up: "wrap", lagged: "lag"};
const BY_STATUS = {ready: "ready", busy: "rest", break: "rest", training: "rest", offline: "off"};
const RANK = {ring: 0, talk: 1, wrap: 2, ready: 3, lag: 4, rest: 5, off: 6};

/** A seat's tone and the key of its word: what it is doing counts before what it has declared. */
export function faceOf(seat) {
  const working = seat.status !== "offline" && BY_STATE[seat.state];
  return working ? {tone: working, word: seat.state} : {tone: BY_STATUS[seat.status] || "off", word: seat.status};
}

export const talksLong = (seat, seconds) => (seat.state === "talking" || seat.state === "hold") && seconds >= LONG_CALL_SECONDS;

/** Stable order (people look for a name in its place), with those who are away last; at most `room`. */
export function arrange(seats, room) {
  const away = (seat) => Number(faceOf(seat).tone === "off");
  const sorted = [...seats].sort((a, b) => away(a) - away(b) || String(a.work_no).localeCompare(String(b.work_no)));
  return sorted.slice(0, room);
}

/** [[word, count], …] in order of urgency, for the card's head. */
export function summary(seats) {
  const counts = new Map();
  for (const seat of seats) {
    const {word, tone} = faceOf(seat);
    if (tone !== "off") counts.set(word, {rank: RANK[tone], n: (counts.get(word)?.n || 0) + 1});
  }
  return [...counts].sort((a, b) => a[1].rank - b[1].rank).map(([word, {n}]) => [word, n]);
}

export const online = (seats) => seats.filter((seat) => seat.status !== "offline").length;
