/* The case map. It needs no network: district polygons, the 100 m grid, a pin, a radius and neighbours.
   Tiles appear only when the installation configures them (MAP_TILES: URL templates in WGS-84). */
import {boot} from "./boot.js";
import {t} from "./i18n.js";
import {codeOf, cornersOf, squareOf, squaresIn} from "./grid.js";

const HERE = import.meta.url;
const DISTRICTS = new URL("../../geo/ningbo.json", HERE);
const SHEETS = [new URL("../../vendor/leaflet/dist/leaflet.css", HERE), new URL("../../css/map.css", HERE)];
const TINTS = {330203: "#fbf7ef", 330205: "#f1f7ef", 330212: "#eff5fb", 330211: "#f7f2f8", 330206: "#eef6f6", 330213: "#f8f5ee"};
const GRID_FROM_ZOOM = 15;
const LABELS_FROM_ZOOM = 16;

let districts;
/** The district polygons (GeoJSON), fetched once per page. */
export function loadDistricts() {
  districts ??= fetch(DISTRICTS).then((response) => {
    if (!response.ok) throw new Error(`districts: ${response.status}`);
    return response.json();
  }).catch((error) => { districts = undefined; throw error; });
  return districts;
}

export const squareCode = (at) => codeOf(squareOf(at));

/**
 * Draw a map into `element` (which must have a size).
 * options: {at: {lat, lng}, neighbours: [{id, label, lat, lng}], radius: metres, zoom, draggable, onMove({lat, lng}), onNeighbour(id)}
 * Returns {moveTo(at), showNeighbours(list), resize(), remove()}.
 */
export async function mountCaseMap(element, options) {
  const [L, shapes] = await Promise.all([import("leaflet"), loadDistricts().catch(() => null), ...SHEETS.map(loadSheet)]);
  const map = openMap(L, element, options);
  drawGround(L, map, shapes, boot.tiles);
  const redrawGrid = drawGrid(L, map);
  const focus = drawFocus(L, map, options);
  const neighbours = L.layerGroup().addTo(map);
  const showNeighbours = (list = []) => drawNeighbours(L, neighbours, list, options.onNeighbour);
  showNeighbours(options.neighbours);
  const watcher = new ResizeObserver(() => map.invalidateSize({animate: false}));
  watcher.observe(element);
  return {
    moveTo(at) { focus.moveTo(at); map.setView([at.lat, at.lng], map.getZoom(), {animate: false}); redrawGrid(); },
    showNeighbours,
    resize: () => map.invalidateSize({animate: false}),
    remove() { watcher.disconnect(); map.remove(); },
  };
}

// Leaflet measures its panes at once: without its sheet it would place every tile and pin wrongly.
function loadSheet(url) {
  const known = document.querySelector(`link[href="${url.href}"], link[href="${url.pathname}"]`);
  if (known?.sheet) return Promise.resolve();
  const link = known || Object.assign(document.createElement("link"), {rel: "stylesheet", href: url.href});
  return new Promise((done) => {
    link.addEventListener("load", done); link.addEventListener("error", done);
    if (!known) document.head.append(link);
  });
}

function openMap(L, element, {at, zoom = 16.25}) {
  // A finger that scrolls the page must not get caught in the map; two fingers still zoom it.
  const touch = matchMedia("(pointer: coarse)").matches, calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const map = L.map(element, {
    zoomControl: false, attributionControl: false, zoomSnap: .25, minZoom: 9, maxZoom: 18.5, dragging: !touch,
    scrollWheelZoom: !touch, zoomAnimation: !calm, fadeAnimation: !calm, renderer: L.canvas(),
  }).setView([at.lat, at.lng], zoom);
  L.control.zoom({position: "topright", zoomInTitle: t("map.zoom_in"), zoomOutTitle: t("map.zoom_out")}).addTo(map);
  return map;
}

function drawGround(L, map, shapes, tiles = []) {
  for (const url of tiles) L.tileLayer(url, {maxZoom: 18, subdomains: "01234567"}).addTo(map);
  if (!shapes) return;
  const style = ({id}) => ({color: "#8aa4bf", weight: 1.6, dashArray: "6 4", fillColor: TINTS[id] || "#f6f8fa", fillOpacity: tiles.length ? 0 : 1});
  L.geoJSON(shapes, {interactive: false, style}).addTo(map);
}

function drawGrid(L, map) {
  const layer = L.layerGroup().addTo(map);
  const redraw = () => {
    layer.clearLayers();
    if (map.getZoom() < GRID_FROM_ZOOM) return;
    const view = map.getBounds().pad(.1);
    const squares = squaresIn({south: view.getSouth(), west: view.getWest(), north: view.getNorth(), east: view.getEast()});
    for (const square of squares) drawSquare(L, layer, square, map.getZoom() >= LABELS_FROM_ZOOM);
  };
  map.on("moveend zoomend resize", redraw);
  redraw();
  return redraw;
}

function drawSquare(L, layer, square, labelled) {
  const corners = cornersOf(square);
  L.rectangle(corners, {color: "#cdd9e6", weight: 1, fill: false, interactive: false}).addTo(layer);
  if (!labelled) return;
  const [[south], [, east]] = corners, west = corners[0][1];
  const icon = L.divIcon({className: "map-square", html: codeOf(square), iconSize: [40, 12], iconAnchor: [20, 14]});
  L.marker([south, (west + east) / 2], {icon, interactive: false, keyboard: false}).addTo(layer);
}

const SQUARE = {color: "#0f62b5", weight: 2, fillColor: "#2f86e6", fillOpacity: .14, interactive: false};
const AROUND = {color: "#d22d20", weight: 1.2, dashArray: "4 4", fillColor: "#d22d20", fillOpacity: .05, interactive: false};

function drawFocus(L, map, options) {
  const {radius = 150, draggable = false, onMove} = options;
  const start = [options.at.lat, options.at.lng];
  const square = L.rectangle(cornersOf(squareOf(options.at)), SQUARE).addTo(map);
  const circle = L.circle(start, {...AROUND, radius}).addTo(map);
  const icon = L.divIcon({className: "map-pin-box", html: '<div class="map-pin"></div>', iconSize: [28, 28], iconAnchor: [14, 33]});
  const title = draggable ? t("map.pin") : "";
  const pin = L.marker(start, {draggable, keyboard: draggable, interactive: draggable, alt: t("map.pin"), title, icon}).addTo(map);
  const moveTo = (at) => {
    pin.setLatLng([at.lat, at.lng]); circle.setLatLng([at.lat, at.lng]); square.setBounds(cornersOf(squareOf(at)));
  };
  if (draggable) {
    name(pin, t("map.pin"));
    pin.on("dragend", () => { const {lat, lng} = pin.getLatLng(); moveTo({lat, lng}); onMove?.({lat, lng}); });
  }
  return {moveTo};
}

function drawNeighbours(L, layer, list, onNeighbour) {
  layer.clearLayers();
  list.forEach((one, i) => {
    const icon = L.divIcon({className: "map-neighbour-box", html: `<div class="map-neighbour">${i + 1}</div>`, iconSize: [22, 22], iconAnchor: [11, 11]});
    const marker = L.marker([one.lat, one.lng], {icon, keyboard: Boolean(onNeighbour), alt: one.label}).addTo(layer);
    marker.bindTooltip(document.createTextNode(one.label));
    if (onNeighbour) marker.on("click", () => onNeighbour(one.id));
    name(marker, `${t("map.neighbour")} ${one.label}`);
  });
}

// Leaflet gives its markers role=button but no name that a screen reader would speak.
function name(marker, text) { marker.getElement()?.setAttribute("aria-label", text); }
