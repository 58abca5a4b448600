/* Pure: the lamp of a row as the clock runs on. `due` and `yellow` are ISO times; a grey lamp's clock stands still. */
export function lampAt({lamp, due, yellow}, at) {
  if (lamp === "grey" || !due) return lamp;
  if (Date.parse(due) <= at) return "red";
  return yellow && Date.parse(yellow) <= at ? "yellow" : lamp;
}
