/* Pass, or send back with a reason. */
import {html, signal, useEffect} from "../lib/html.js";
import {t} from "../lib/i18n.js";
import {bind} from "../lib/keys.js";
import {Button} from "../lib/ui-basic.js";
import {Asking, More, ask} from "../case/more.js";
import {opened} from "../case/opened.js";
import {ReasonDialog} from "../case/reason.js";
import {isPhone, select} from "../case/route.js";
import {busyWith, run, stateOf} from "../case/work.js";
import {after} from "./state.js";

/* The case whose failure is being explained. */
const failing = signal(null);
const stopFailing = () => { failing.value = null; };
/* The case that was reported by telephone and is being passed. */
const looking = signal(null);

const offered = (detail, action) => detail?.actions.find((one) => one.action === action);
/* 核实: does the reported thing exist? Asked before filing, or beside the dispatch of an urgent case. */
const VERIFY = ["confirm_exists", "deny_exists"];
const goOn = (next) => select(isPhone.value ? null : next);

function pass(detail) {
  if (detail.unseen) { looking.value = detail.id; return; }
  // Taken before the push removes the case from the list.
  const next = after(detail.id);
  run(detail, "pass_check", {words: t("inspect.done.pass", {number: detail.number}), then: () => goOn(next)});
}

function passOpened() {
  const {detail} = opened.value;
  if (offered(detail, "pass_check")) pass(detail);
}

export function Verdict({detail}) {
  useEffect(() => bind({id: "inspect.pass", combo: "Ctrl+Enter", label: t("inspect.key.pass"), run: passOpened}), []);
  const busy = busyWith(detail.id), {failure} = stateOf(detail.id), isFailing = failing.value === detail.id;
  const yes = offered(detail, "pass_check"), no = offered(detail, "fail_check");
  if (!detail.actions.length && !failure) return null;
  return html`<footer class="act"><div class="act-error" role="alert">${failure && !isFailing && html`<span class="err">${failure}</span>`}</div>
    ${yes && html`<${Button} size="lg" kind="ok" icon="shield-check" keyOf="inspect.pass" pending=${busy === "pass_check"}
      disabled=${Boolean(busy)} onClick=${() => pass(detail)}>${yes.label}<//>`}
    ${no && html`<${Button} size="lg" icon="undo-2" disabled=${Boolean(busy)} onClick=${() => { failing.value = detail.id; }}>${no.label}<//>`}
    ${VERIFY.map((action) => offered(detail, action)).filter(Boolean).map((one) => html`<${Button} key=${one.action} size="lg" kind=${one.action === "confirm_exists" ? "ok" : ""}
      icon=${one.action === "confirm_exists" ? "check" : "x"} disabled=${Boolean(busy)} onClick=${() => ask(detail, one, () => goOn(after(detail.id)))}>${one.label}<//>`)}
    <${More} detail=${detail} shown=${["pass_check", "fail_check", ...VERIFY]} disabled=${Boolean(busy)} /><${Asking} detail=${detail} />
    ${isFailing && html`<${Fail} detail=${detail} />`}${looking.value === detail.id && html`<${Look} detail=${detail} />`}</footer>`;
}

/* Reported by telephone: there is no photograph to judge by, so the inspector says what is to be seen there. */
function Look({detail}) {
  const next = after(detail.id);
  const texts = {
    title: t("inspect.pass.title"), lead: t("inspect.pass.lead", {unit: detail.unit?.name ?? ""}), label: t("inspect.pass.reason"),
    example: t("inspect.pass.example"), send: t("inspect.pass.send"), words: t("inspect.done.pass", {number: detail.number}),
  };
  return html`<${ReasonDialog} detail=${detail} action="pass_check" icon="shield-check" kind="ok" texts=${texts} photos="check"
    onClose=${() => { looking.value = null; }} onDone=${() => goOn(next)} />`;
}

function Fail({detail}) {
  const next = after(detail.id);
  const texts = {
    title: t("inspect.fail.title"), lead: t("inspect.fail.lead", {unit: detail.unit?.name ?? ""}), label: t("inspect.fail.reason"),
    example: t("inspect.fail.example"), send: t("inspect.fail.send"), words: t("inspect.done.fail", {number: detail.number}),
  };
  return html`<${ReasonDialog} detail=${detail} action="fail_check" icon="undo-2" kind="danger" texts=${texts} photos="check"
    onClose=${stopFailing} onDone=${() => goOn(next)} />`;
}
