/* Pure: axes and curves of the half-hourly chart. */
/** Round axis steps covering 0…max in at most `count` steps: {top, ticks}. */
export function axis(max, count = 5) {
  const raw = Math.max(max, 1) / count, power = 10 ** Math.floor(Math.log10(raw));
  const step = Math.max(1, [1, 2, 2.5, 5, 10].map((m) => m * power).find((s) => s >= raw - 1e-9));
  const steps = Math.max(1, Math.ceil(Math.max(max, 1) / step));
  return {top: step * steps, ticks: Array.from({length: steps + 1}, (_, i) => Math.round(i * step * 100) / 100)};
}

/** Runs of known values: a gap in the data is a gap in the line. */
export function runs(values) {
  const found = [];
  values.forEach((value, i) => {
    if (value === null || value === undefined) return;
    const last = found.at(-1);
    if (last && last.at(-1)[0] === i - 1) last.push([i, value]); else found.push([[i, value]]);
  });
  return found;
}

/** A monotone cubic path through points: it never swings below the smallest or above the largest neighbour. */
export function smooth(points) {
  if (points.length < 3) return points.map(([x, y], i) => `${i ? "L" : "M"}${x} ${y}`).join("");
  const slopes = tangents(points);
  return points.slice(1).reduce((path, [x, y], i) => {
    const [x0, y0] = points[i], third = (x - x0) / 3;
    const bends = [x0 + third, y0 + slopes[i] * third, x - third, y - slopes[i + 1] * third].map((n) => n.toFixed(1));
    return path + `C${bends.join(" ")} ${x} ${y}`;
  }, `M${points[0].join(" ")}`);
}

function tangents(points) {
  const secants = points.slice(1).map(([x, y], i) => (y - points[i][1]) / (x - points[i][0]));
  return points.map((_, i) => {
    if (i === 0) return secants[0];
    if (i === points.length - 1) return secants.at(-1);
    const [a, b] = [secants[i - 1], secants[i]];
    return a * b <= 0 ? 0 : 2 * a * b / (a + b);
  });
}
