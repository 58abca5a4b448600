/* Calls per half hour: bars for today, a dashed line for last week's same day, a warm line for the forecast. */
import {html} from "../lib/html.js";
import {t} from "../lib/i18n.js";
import {axis, runs, smooth} from "./scale.js";
import {useSize} from "./size.js";

export const Legend = () => html`<div class="wall-key">
  <span><i class="bar"></i>${t("wall.curve.today")}</span><span><i class="last"></i>${t("wall.curve.last_week")}</span><span><i></i>
    ${t("wall.curve.forecast")}</span></div>`;

export function CallCurve({curve}) {
  const [ref, size] = useSize();
  return html`<div class="wall-fill" ref=${ref}>${size.width > 0 && html`<${Drawing} curve=${curve} ...${size} />`}</div>`;
}

function Drawing({curve, width, height, rem}) {
  const {slots, today, last_week: lastWeek, forecast} = curve;
  const box = {left: 2.8 * rem, right: width - rem, top: .9 * rem, bottom: height - 1.9 * rem};
  const {top, ticks} = axis(Math.max(...[...today, ...lastWeek, ...forecast].map((v) => v || 0)));
  const step = (box.right - box.left) / Math.max(1, slots.length);
  const x = (i) => Math.round((box.left + step * (i + .5)) * 10) / 10;
  const y = (value) => Math.round((box.bottom - value / top * (box.bottom - box.top)) * 10) / 10;
  return html`<svg viewBox=${`0 0 ${width} ${height}`} role="img" aria-label=${summary(curve)}>
    ${ticks.map((tick) => html`<line class="wall-rule" x1=${box.left} x2=${box.right} y1=${y(tick)} y2=${y(tick)} />
      <text class="wall-axis" x=${box.left - .5 * rem} y=${y(tick)} dy=".35em" text-anchor="end" font-size=${.875 * rem}>${tick}</text>`)}
    ${slots.map((slot, i) => hourly(slots, i) && html`<text class="wall-axis" x=${x(i)} y=${height - .6 * rem}
      text-anchor="middle" font-size=${.875 * rem}>${slot}</text>`)}
    ${today.map((value, i) => value > 0 && html`<rect class="wall-bar" x=${x(i) - step * .3} y=${y(value)}
      width=${step * .6} height=${box.bottom - y(value)} rx=${Math.min(3, step * .2)} />`)}
    <${Line} kind="last" values=${lastWeek} x=${x} y=${y} /><${Line} kind="forecast" values=${forecast} x=${x} y=${y} />
  </svg>`;
}

const Line = ({kind, values, x, y}) => runs(values).map((run) => html`
  <path class=${`wall-line ${kind}`} d=${smooth(run.map(([i, value]) => [x(i), y(value)]))} />`);

const total = (values) => values.reduce((sum, value) => sum + (value || 0), 0);
const summary = ({today, last_week: lastWeek}) => t("wall.curve.summary", {today: total(today), last: total(lastWeek)});

/** About eight labels, each on a full hour where the slots have one. */
function hourly(slots, i) {
  const every = Math.max(1, Math.ceil(slots.length / 12 / 2) * 2);
  return i % every === 0;
}
