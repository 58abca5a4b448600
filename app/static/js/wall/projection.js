/* Pure: a flat map of the city in a box of any size. At 29.8° N a degree of longitude is .868 of a degree of latitude. */
const SQUASH = Math.cos(29.8 * Math.PI / 180);

const rings = (feature) => (feature.geometry.type === "Polygon" ? [feature.geometry.coordinates] : feature.geometry.coordinates).map(([outer]) => outer);

function boundsOf(features) {
  const points = features.flatMap(rings).flat();
  const lngs = points.map(([lng]) => lng), lats = points.map(([, lat]) => lat);
  return {west: Math.min(...lngs), east: Math.max(...lngs), south: Math.min(...lats), north: Math.max(...lats)};
}

/** A function [lng, lat] -> [x, y] that fits `features` into the box with a margin (pixels). */
export function fit(features, width, height, margin) {
  const {west, east, south, north} = boundsOf(features);
  const scale = Math.min((width - 2 * margin) / ((east - west) * SQUASH), (height - 2 * margin) / (north - south));
  const left = (width - (east - west) * SQUASH * scale) / 2, top = (height - (north - south) * scale) / 2;
  return ([lng, lat]) => [left + (lng - west) * SQUASH * scale, top + (north - lat) * scale];
}

const rounded = (n) => Math.round(n * 10) / 10;
export const outline = (feature, project) => rings(feature)
  .map((ring) => "M" + ring.map((point) => project(point).map(rounded).join(" ")).join("L") + "Z").join("");

function centroid(ring) {
  let area = 0, x = 0, y = 0;
  ring.forEach(([x1, y1], i) => {
    const [x2, y2] = ring[(i + 1) % ring.length], cross = x1 * y2 - x2 * y1;
    area += cross; x += (x1 + x2) * cross; y += (y1 + y2) * cross;
  });
  return {area: Math.abs(area / 2), point: area ? [x / (3 * area), y / (3 * area)] : ring[0]};
}

/** Where a district's name stands: the centre of its largest part. */
export function labelPoint(feature, project) {
  return rings(feature).map((ring) => centroid(ring.map(project))).reduce((a, b) => (b.area > a.area ? b : a)).point;
}

const overlaps = (a, b) => a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;

/**
 * Give each spot ({x, y, r, text, size}) a label position that touches neither another label nor another spot's dot; spots come
 * in order of weight, and one without room goes unlabelled. `taken` are boxes {x, y, w, h} already in use (district names).
 */
export function placeLabels(spots, taken, {width, height}) {
  const boxes = [...taken, ...spots.map(({x, y, r}) => ({x: x - r, y: y - r, w: 2 * r, h: 2 * r}))];
  return spots.map((spot, i) => {
    const own = boxes[taken.length + i];
    const free = candidates(spot).find(({box}) => inside(box, width, height) && !boxes.some((other) => other !== own && overlaps(box, other)));
    if (free) boxes.push(free.box);
    return {...spot, label: free ? {x: free.x, y: free.y, anchor: free.anchor} : null};
  });
}

const inside = ({x, y, w, h}, width, height) => x >= 0 && y >= 0 && x + w <= width && y + h <= height;

function candidates({x, y, r, text, size}) {
  const w = widthOf(text) * size, h = size * 1.25, gap = r + 5;
  const box = (left, middle) => ({x: left, y: middle - h / 2, w, h});
  return [
    {x: x + gap, y, anchor: "start", box: box(x + gap, y)},
    {x: x - gap, y, anchor: "end", box: box(x - gap - w, y)},
    {x, y: y - gap - h / 2, anchor: "middle", box: box(x - w / 2, y - gap - h / 2)},
    {x, y: y + gap + h / 2, anchor: "middle", box: box(x - w / 2, y + gap + h / 2)},
    {x: x + gap, y: y - h * .8, anchor: "start", box: box(x + gap, y - h * .8)},
    {x: x + gap, y: y + h * .8, anchor: "start", box: box(x + gap, y + h * .8)},
  ];
}

/** Width in em: a Chinese character is one, anything else about .56. */
export const widthOf = (text) => [...text].reduce((sum, c) => sum + (c > "⺀" ? 1 : .56), 0);
