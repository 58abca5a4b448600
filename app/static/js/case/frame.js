/* The frame of an open case: its head, and what stands there when no case is open. */
import {html} from "../lib/html.js";
import {t} from "../lib/i18n.js";
import {Button, EmptyState, Icon, Lamp, Tag} from "../lib/ui-basic.js";
import {titleOf, where} from "./fields.js";
import {opened, reload} from "./opened.js";
import {isPhone, select} from "./route.js";

const leave = () => select(null);

export const DetailHead = ({one, lamp}) => html`<header class="detail-head">
  ${isPhone.value && html`<${Button} kind="ghost" icon="chevron-left" label=${t("case.back")} onClick=${leave} />`}
  <${Lamp} color=${lamp} live=${lamp === "red"} /><h2 class="ell">${titleOf(one)}</h2><span class="t3 num s13 wide-only">
    ${one.number}</span><span class="grow"></span>
  <${Tag} kind=${one.state === "dispatched" ? "blue" : ""}>${one.state_label}<//></header>`;

/* The whole place: a long address does not fit into the head, nor does the number on a telephone. */
export const Where = ({one}) => html`<p class="s13 t2 where"><${Icon} name="map-pin" size="s" /><span>${isPhone.value && html`<span class="num">${one.number}</span> · `}${where(one, {district: true})}</span></p>`;

export function NoCase({hint}) {
  const {phase, failure} = opened.value;
  const faces = {
    loading: {icon: "refresh-cw", title: t("case.loading")},
    gone: {icon: "ban", title: t("case.gone"), hint: failure},
    failed: {icon: "wifi-off", title: t("case.failed"), hint: failure},
  };
  return html`<section class="card detail" aria-label=${t("case.none.title")} aria-busy=${phase === "loading" ? "true" : "false"}>
    <${EmptyState} ...${faces[phase] ?? {icon: "inbox", title: t("case.none.title"), hint}}>
    ${phase === "failed" && html`<${Button} icon="refresh-cw" onClick=${reload}>${t("case.again")}<//>`}
    ${isPhone.value && html`<${Button} icon="chevron-left" onClick=${leave}>${t("case.back")}<//>`}<//></section>`;
}
