/* SMS that wait for an agent: the list, and the words of the one that is open. */
import {whenText} from "../lib/clock.js";
import {t} from "../lib/i18n.js";
import {Count, EmptyState, Icon, Tag, VirtualList, html, useEffect} from "../lib/ui.js";
import {suggestion} from "./form-state.js";
import {Marked} from "./marks.js";
import {Ask, Slots} from "./dialogue.js";
import {inWords} from "./suggest.js";
import {drafts, openDraftId, waitingDrafts} from "./state.js";

const ROW = 62;
const likely = ({suggestion: found}) => (found?.candidates?.[0] ? inWords(found.candidates[0]).name : t("agent.case.unclassified"));
const Row = ({d}) => html`<button type="button" class="sms-row" aria-current=${d.id === openDraftId.value ? "true" : undefined} onClick=${() => { openDraftId.value = d.id; }}>
  <span class="row"><${Icon} name="message-square" size="s" /><b class="ell grow">${likely(d)}</b><span class="t3 s12 num">${whenText(d.opened_at)}</span></span>
  <span class="ell t2 s13">${d.description}</span></button>`;

const Words = ({draft}) => html`<div class="tr sms" tabindex="0" role="region" aria-label=${t("agent.sms.text")}>
  <div class="u c"><div class="m"><span>${t("agent.sms.from")}</span><span class="num">${whenText(draft.opened_at)}</span></div><p><${Marked} text=${draft.description} suggestion=${suggestion.value} /></p></div></div>`;

export function Messages() {
  const waiting = waitingDrafts.value;
  const draft = drafts.get(openDraftId.value);
  useEffect(() => { if (!openDraftId.value && waiting.length) openDraftId.value = waiting[0].id; }, [waiting.length]);
  return html`<section class="card fill" aria-label=${t("agent.nav.messages")}><header><${Icon} name="inbox" /><h2>${t("agent.nav.messages")}</h2><${Count} n=${waiting.length} kind=${waiting.length ? "blue" : ""} />
      <span class="grow"></span>${waiting.length ? html`<${Tag} kind="line">${t("agent.sms.oldest_first")}</${Tag}>` : null}</header>
    ${waiting.length ? html`<${VirtualList} rows=${waiting} rowHeight=${ROW} label=${t("agent.nav.messages")} role="group" render=${(d) => html`<${Row} key=${d.id} d=${d} />`} />`
      : html`<${EmptyState} icon="inbox" title=${t("agent.sms.none")} hint=${t("agent.sms.none_hint")} />`}
    ${draft && html`<${Words} draft=${draft} /><${Ask} /><${Slots} words="" />`}</section>`;
}
