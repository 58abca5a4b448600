/* The 100 m square grid of the offline map. It is anchored once for the whole city, so a place always lies in the same square. */
const ORIGIN = {lat: 28.8, lng: 120.8};
const METRES_PER_DEGREE = 111_000;
// One longitude step for the whole city (taken at 29.87° N, the centre): squares must not shift between neighbouring views.
const STEP = {lat: 100 / METRES_PER_DEGREE, lng: 100 / (METRES_PER_DEGREE * Math.cos(29.87 * Math.PI / 180))};

export const squareOf = ({lat, lng}) => ({row: Math.floor((lat - ORIGIN.lat) / STEP.lat), column: Math.floor((lng - ORIGIN.lng) / STEP.lng)});

/** South-west and north-east corner of a square, as [lat, lng] pairs. */
export function cornersOf({row, column}) {
  const south = ORIGIN.lat + row * STEP.lat, west = ORIGIN.lng + column * STEP.lng;
  return [[south, west], [south + STEP.lat, west + STEP.lng]];
}

const lastTwo = (n) => String(((n % 100) + 100) % 100).padStart(2, "0");
/** Four digits, unique within 10 km: what two people need to speak about the same square. */
export const codeOf = ({row, column}) => lastTwo(row) + lastTwo(column);

/** Every square touching a view; empty when the view is too wide to be drawn legibly. */
export function squaresIn(bounds, limit = 600) {
  const first = squareOf({lat: bounds.south, lng: bounds.west}), last = squareOf({lat: bounds.north, lng: bounds.east});
  const rows = last.row - first.row + 1, columns = last.column - first.column + 1;
  if (rows * columns > limit) return [];
  return Array.from({length: rows * columns}, (_, i) => ({row: first.row + Math.floor(i / columns), column: first.column + i % columns}));
}
