/* Lists and figures. */
import {t} from "../lib/i18n.js";
import {EmptyState, Figures, Lamp, VirtualList, html} from "../lib/ui.js";

const FIGURES = [{value: 46, label: t("agent.shift.calls")}, {value: 38, label: t("agent.shift.cases")}, {value: "02:51", label: t("agent.shift.avg_talk")}, {value: 1, label: t("agent.caller.overdue"), alarm: true}];
const rows = (n) => Array.from({length: n}, (_, i) => ({id: i, color: ["green", "yellow", "red", "grey"][i % 4]}));
const line = (row) => html`<div class="row demo-row" role="listitem" key=${row.id}><${Lamp} color=${row.color} word /><span class="num">NB261124-${String(row.id).padStart(5, "0")}</span></div>`;
const Lists = () => html`<div class="stack two"><div class="demo-list"><${VirtualList} rows=${rows(8)} rowHeight=${32} label="8" render=${line} /></div><div class="demo-list"><${VirtualList} rows=${rows(5000)} rowHeight=${32} label="5000" render=${line} /></div></div>`;
const Empty = () => html`<div class="stack two"><${EmptyState} icon="circle-check" title=${t("agent.queue.empty")} hint=${t("agent.queue.empty_hint")} /><${EmptyState} icon="inbox" title=${t("agent.sms.none")} /></div>`;
const History = () => html`<ul class="timeline"><li><span><b>派遣</b> <span class="t2">系统</span></span><span class="t3 s12 num">11-24 12:05</span><p class="note">海曙区环境卫生管理中心</p></li><li><span><b>立案</b> <span class="t2">陈晓雨</span></span><span class="t3 s12 num">11-24 12:04</span></li></ul>`;

export const DATA = [
  {title: "Figures", note: "kp", draw: () => html`<${Figures} figures=${FIGURES} />`},
  {title: "VirtualList", note: "8 · 5,000", draw: Lists},
  {title: "EmptyState", note: "", draw: Empty},
  {title: "Timeline", note: "", draw: History},
];
