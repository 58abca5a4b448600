/* After filing: the number to read out, the unit and its reason, the deadline. */
import {dueText} from "../lib/clock.js";
import {t} from "../lib/i18n.js";
import {Button, Countdown, Icon, html, useEffect, useRef} from "../lib/ui.js";
import {startAnother} from "./form-state.js";
import {NextMatter} from "./matters.js";
import {nextMessage, openNext} from "./messages.js";
import {PromiseLine} from "../case/promise-form.js";
import {myCases, openCaseId, view} from "./state.js";

const Line = ({label, children}) => html`<div class="fact"><span class="t3 s12">${label}</span><div>${children}</div></div>`;

function Next({f}) {
  if (view.value !== "messages") return html`<${Button} icon="plus" keyOf="another" onClick=${() => startAnother(f)}>${t("agent.created.another")}</${Button}>`;
  const next = nextMessage();
  return html`<${Button} icon="arrow-right" disabled=${!next} onClick=${openNext}>${t(next ? "agent.created.next_sms" : "agent.created.no_more_sms")}</${Button}>`;
}

export function Created({f, detail}) {
  const box = useRef();
  useEffect(() => { box.current.focus(); }, []);
  return html`<div class="body grow created" ref=${box} tabindex="-1" role="status" aria-label=${t("agent.created.title")}>
    <div class="done"><span class="tick"><${Icon} name="check" size="l" /></span><div><h3>${t(detail.reopens ? "agent.created.reopened" : "agent.created.title")}</h3><p class="t2 s13">${t("agent.created.read_out")}</p></div></div>
    <div class="number num">${detail.number}</div>
    <div class="facts"><${Line} label=${t("agent.created.class")}><b>${detail.class_name}</b> <span class="t2">${detail.condition?.text ?? ""}</span></${Line}>
      <${Line} label=${t("agent.created.unit")}><b>${detail.unit?.name ?? t("agent.created.no_unit")}</b></${Line}>
      <${Line} label=${t("agent.created.why")}>${detail.routing?.explanation ?? "—"}</${Line}>
      <${Line} label=${t("agent.created.due")}><span class="row"><b class="num">${dueText(detail.due_at)}</b><span class="t2">${detail.limit_text}</span><${Countdown} due=${detail.due_at} lamp=${detail.lamp} small /></span></${Line}>
      <${Line} label=${t("agent.created.told")}><${PromiseLine} one=${detail} onChange=${(fresh) => { f.created.value = fresh; myCases.upsert(fresh); }} /></${Line}>
      <${Line} label=${t("agent.created.address")}>${detail.address}</${Line}></div>
    <div class="row wrap"><${NextMatter} f=${f} /><${Next} f=${f} /><${Button} kind="ghost" icon="history" onClick=${() => { openCaseId.value = detail.id; }}>${t("agent.created.open")}</${Button}></div></div>`;
}

export const Waiting = () => html`<div class="body grow created"><div class="done wait"><span class="tick"><${Icon} name="cloud-off" size="l" /></span>
  <div><h3>${t("agent.waiting.title")}</h3><p class="t2 s13">${t("agent.waiting.text")}</p></div></div></div>`;
