/* The district map: open cases as shades, hot spots as pulsing dots. SVG of our own: no chart library for six polygons. */
import {html} from "../lib/html.js";
import {t} from "../lib/i18n.js";
import {fit, labelPoint, outline, placeLabels, widthOf} from "./projection.js";
import {useSize} from "./size.js";

const LOW = [16, 58, 99], HIGH = [59, 156, 240];
const shade = (share) => `rgb(${LOW.map((low, i) => Math.round(low + (HIGH[i] - low) * share)).join(",")})`;
const isUrban = (feature) => feature.properties.urban;

export function DistrictMap({shapes, districts, hotspots}) {
  const [ref, {width, height, rem}] = useSize();
  const ready = shapes && width > 0;
  return html`<div class="wall-fill" ref=${ref}>
    ${ready ? html`<${Drawing} ...${{shapes, districts, hotspots, width, height, rem}} />` : html`<p class="wall-empty">${t("wall.map.loading")}</p>`}
  </div>`;
}

function Drawing({shapes, districts, hotspots, width, height, rem}) {
  const urban = shapes.features.filter(isUrban), outer = shapes.features.filter((f) => !isUrban(f));
  const project = fit(urban, width, height, 1.4 * rem);
  const open = new Map(districts.map((d) => [String(d.code).slice(0, 6), d.open]));
  const most = Math.max(0, ...open.values());
  const names = urban.map((f) => nameOf(f, open.get(f.id), project, rem));
  const spots = spotsOf(hotspots, project, names, {width, height, rem});
  const summary = t("wall.map.summary", {list: districts.map((d) => `${d.name} ${d.open}`).join("，")});
  return html`<svg viewBox=${`0 0 ${width} ${height}`} role="img" aria-label=${summary}>
    ${outer.map((f) => html`<path class="wall-district outer" d=${outline(f, project)} />`)}
    ${urban.map((f) => html`<path class="wall-district" fill=${shade((open.get(f.id) || 0) / (most || 1))} d=${outline(f, project)} />`)}
    ${outer.map((f) => html`<${OuterName} ...${{feature: f, project, width, height, rem}} />`)}
    ${spots.map((spot) => html`<${Dot} key=${spot.text} spot=${spot} />`)}
    ${names.map(({x, y, text, figure}) => html`<text class="wall-district-name wall-halo" x=${x} y=${y} text-anchor="middle" font-size=${1.125 * rem}>${text}
      ${figure === undefined ? null : html`<tspan dx=".3em" font-weight="700">${figure}</tspan>`}</text>`)}
    ${spots.map(({text, label}) => label && html`<text class="wall-spot-name wall-halo" x=${label.x} y=${label.y} dy=".36em"
      text-anchor=${label.anchor} font-size=${.9375 * rem}>${text}</text>`)}
    <${Scale} ...${{most, width, height, rem}} />
  </svg>`;
}

function nameOf(feature, figure, project, rem) {
  const [x, y] = labelPoint(feature, project), text = feature.properties.name, size = 1.125 * rem;
  const wide = widthOf(text + (figure === undefined ? "" : ` ${figure}`)) * size;
  return {x, y, text, figure, box: {x: x - wide / 2, y: y - size, w: wide, h: size * 1.3}};
}

function spotsOf(hotspots, project, names, {width, height, rem}) {
  const spots = [...hotspots].filter(({lng, lat}) => Number.isFinite(lng) && Number.isFinite(lat)).sort((a, b) => b.count - a.count).map((spot) => {
    const [x, y] = project([spot.lng, spot.lat]);
    return {x, y, r: rem * (.34 + Math.min(.4, Math.sqrt(spot.count) * .09)), text: `${spot.name} ${spot.count}`, size: .9375 * rem};
  });
  return placeLabels(spots, names.map(({box}) => box), {width, height});
}

const Dot = ({spot: {x, y, r}}) => html`<g><circle class="wall-spot-ring" cx=${x} cy=${y} r=${r} />
  <circle class="wall-spot-ring second" cx=${x} cy=${y} r=${r} /><circle class="wall-spot" cx=${x} cy=${y} r=${r} /></g>`;

function OuterName({feature, project, width, height, rem}) {
  const [x, y] = labelPoint(feature, project);
  if (x < 2 * rem || y < rem || x > width - 2 * rem || y > height - rem) return null;
  return html`<text class="wall-district-name outer" x=${x} y=${y} text-anchor="middle" font-size=${.9375 * rem}>${feature.properties.name}</text>`;
}

function Scale({most, width, height, rem}) {
  if (!most) return null;
  const x = width - 2.2 * rem, y = height - 7.6 * rem;
  return html`<g aria-hidden="true"><defs><linearGradient id="wall-scale" x1="0" y1="0" x2="0" y2="1">
    <stop offset="0" stop-color=${shade(1)} /><stop offset="1" stop-color=${shade(0)} /></linearGradient></defs>
    <rect x=${x} y=${y} width=${.8 * rem} height=${5.6 * rem} rx=${.15 * rem} fill="url(#wall-scale)" />
    <text class="wall-axis" x=${width - rem} y=${y - .5 * rem} text-anchor="end" font-size=${.875 * rem}>${t("wall.map.open", {n: most})}</text>
    <text class="wall-axis" x=${x + .4 * rem} y=${y + 6.7 * rem} text-anchor="middle" font-size=${.875 * rem}>0</text></g>`;
}
