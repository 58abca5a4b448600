/* Signs: tokens, icons, lamps, tags, keys, buttons, banners, progress, countdowns. */
import {t} from "../lib/i18n.js";
import {Banner, Button, Count, Countdown, Icon, Key, Lamp, Progress, Pulse, Tag, html} from "../lib/ui.js";

const COLORS = ["--b900", "--b600", "--b700", "--b50", "--bg", "--surface", "--surface-2", "--line", "--text", "--text-2", "--text-3",
  "--lamp-green", "--lamp-yellow", "--lamp-red", "--lamp-grey", "--g50", "--y50", "--r50", "--v50", "--v600"];
const Swatch = ({name}) => html`<div class="swatch"><i style=${{background: `var(${name})`}}></i><span class="s11 num">${name}</span></div>`;
const Tokens = () => html`<div class="row wrap">${COLORS.map((name) => html`<${Swatch} name=${name} />`)}</div>`;

const SIZES = [["--fs-hint", 11], ["--fs-meta", 12], ["--fs-dense", 13], ["--fs-body", 14], ["--fs-name", 16], ["--fs-limit", 20], ["--fs-timer", 30], ["--fs-figure", 38]];
const Type = () => html`<div class="row wrap baseline">${SIZES.map(([name, px]) => html`<span style=${{fontSize: `var(${name})`}}>${px} 甬城 01:44</span>`)}</div>`;

const NAMES = ["phone", "phone-incoming", "phone-off", "mic", "mic-off", "pause", "play", "headphones", "message-square", "inbox", "map-pin", "locate", "search",
  "file-text", "git-merge", "route", "sparkles", "zap", "siren", "triangle-alert", "circle-check", "circle-alert", "wifi-off", "cloud-off", "clock", "camera", "keyboard"];
const Icons = () => html`<div class="row wrap">${NAMES.map((name) => html`<span class="row s12 t2"><${Icon} name=${name} />${name}</span>`)}</div>
  <div class="row"><${Icon} name="bell" size="s" /><${Icon} name="bell" /><${Icon} name="bell" size="l" /><${Icon} name="refresh-cw" spin /></div>`;

const LAMPS = ["green", "yellow", "red", "grey"];
const Lamps = () => html`<div class="row wrap">${LAMPS.map((color) => html`<${Lamp} color=${color} word />`)}<${Lamp} color="red" live word=${t("parts.flashing")} />${LAMPS.map((color) => html`<${Lamp} color=${color} />`)}</div>`;
const KINDS = ["", "blue", "green", "yellow", "red", "violet", "line"];
const Tags = () => html`<div class="row wrap">${KINDS.map((kind) => html`<${Tag} kind=${kind}>${kind || "plain"}</${Tag}>`)}<${Tag} kind="green" icon="check">${t("agent.form.located")}</${Tag}>
  <${Count} n=${6} /><${Count} n=${2} kind="red" /><${Count} n=${12} kind="blue" /><span class="row s12"><${Pulse} live />${t("agent.phase.talking")}</span><span class="row s12"><${Pulse} />${t("agent.phase.busy")}</span></div>`;
const Keys = () => html`<div class="row wrap"><${Key} of="answer" /><${Key} of="hang-up" /><${Key} of="create" /><${Key}>Ctrl+K</${Key}><${Key}>Alt+1…3</${Key}></div>`;

const Buttons = () => html`<div class="row wrap"><${Button}>${t("ui.cancel")}</${Button}><${Button} kind="primary" icon="zap" keyOf="create">${t("agent.bar.create")}</${Button}><${Button} kind="ok" icon="phone" keyOf="answer">${t("agent.phone.answer")}</${Button}>
    <${Button} kind="danger" icon="phone-off" keyOf="hang-up">${t("agent.phone.hang_up")}</${Button}><${Button} kind="ghost">${t("agent.bar.save")}</${Button}></div>
  <div class="row wrap"><${Button} pending>${t("parts.pending")}</${Button}><${Button} kind="primary" pending>${t("parts.pending")}</${Button}><${Button} disabled>${t("parts.disabled")}</${Button}><${Button} pressed="true">${t("parts.pressed")}</${Button}><${Button} icon="x" label=${t("ui.close")} /></div>
  <div class="row wrap"><${Button} size="sm">26</${Button}><${Button}>34</${Button}><${Button} size="lg">42</${Button}><${Button} size="touch">48</${Button}></div>`;

const Banners = () => html`<${Banner} icon="wifi-off"><b>${t("agent.lost.title", {n: 3})}</b><span class="ell">${t("agent.lost.text")}${t("agent.lost.held", {n: 1})}</span></${Banner}>
  <${Banner} kind="red" icon="log-in">${t("agent.refused.title")}</${Banner}><${Banner} kind="blue" icon="info">${t("agent.phone.hint.ready")}</${Banner}><${Banner} kind="green" icon="circle-check">${t("agent.case.saved")}</${Banner}>`;

const BARS = [["", .4], ["violet", .92], ["violet weak", .38], ["green", .3], ["yellow", .84], ["red", 1]];
const Bars = () => html`<div class="stack">${BARS.map(([kind, value]) => html`<div class="row"><span class="s12 t2 bar-name">${kind || "plain"}</span><${Progress} value=${value} kind=${kind} label=${kind || "plain"} /></div>`)}</div>`;

const inSeconds = (n) => new Date(Date.now() + n * 1000).toISOString();
const DUES = [["green", inSeconds(7440)], ["yellow", inSeconds(754)], ["red", inSeconds(-8280)], ["grey", null]];
const Countdowns = () => html`<div class="row wrap baseline">${DUES.map(([lamp, due]) => html`<${Countdown} due=${due} lamp=${lamp} />`)}${DUES.map(([lamp, due]) => html`<${Countdown} due=${due} lamp=${lamp} small />`)}</div>`;

export const SIGNS = [
  {title: "Tokens", note: "css/tokens.css", draw: Tokens},
  {title: "Type", note: "11 · 12 · 13 · 14 · 16 · 20 · 30 · 38", draw: Type},
  {title: "Icon", note: "lucide, icons.svg", draw: Icons},
  {title: "Lamp", note: "○ ◇ □", draw: Lamps},
  {title: "Tag, Count, Pulse", note: "20 px", draw: Tags},
  {title: "Key", note: "lib/keys.js", draw: Keys},
  {title: "Button", note: "26 · 34 · 42 · 48", draw: Buttons},
  {title: "Banner", note: "role=status / alert", draw: Banners},
  {title: "Progress", note: "0…1", draw: Bars},
  {title: "Countdown", note: "due_at + clock offset", draw: Countdowns},
];
