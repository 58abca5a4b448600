/* The thread of a case: what citizen and centre wrote to each other, and the centre's next SMS. */
import {api} from "../lib/api.js";
import {whenText} from "../lib/clock.js";
import {html, signal, useEffect, useRef, useState} from "../lib/html.js";
import {t} from "../lib/i18n.js";
import {Button, Icon, Tag} from "../lib/ui-basic.js";
import {TextArea} from "../lib/ui-form.js";
import {toast} from "../lib/ui-overlay.js";
import {smsCount} from "./sms.js";

/* Case id -> how often somebody wrote since the page was opened. */
const news = signal({});
const KINDS = new Set(["case.messaged", "case.written_to"]);
/** Told of every event; returns whether it was about a thread. */
export function noteThread({kind, subject}) {
  if (!KINDS.has(kind)) return false;
  news.value = {...news.value, [subject.id]: (news.value[subject.id] ?? 0) + 1};
  return true;
}

const DELIVERY = {queued: "clock", sending: "clock", sent: "check", delivered: "check", failed: "circle-x", unknown: "circle-question-mark"};
const Line = ({line}) => html`<li class=${line.by}><div class="who s12 t3"><span>${line.by === "citizen" ? t("thread.citizen") : line.author}</span>
    <span class="num">${whenText(line.at)}</span><span>${t(`thread.via.${line.channel}`)}</span>
    ${line.delivery && html`<span class=${line.delivery === "failed" ? "red-text" : ""} title=${t(`thread.delivery.${line.delivery}`)}><${Icon} name=${DELIVERY[line.delivery]} size="s" />${line.delivery === "failed" ? t("thread.delivery.failed") : ""}</span>`}
    ${line.waits && html`<${Tag} kind="yellow">${t("thread.waits")}<//>`}</div><p>${line.text}</p></li>`;

function Writer({thread, text, setText, send, busy}) {
  const length = thread.opening.length + text.trim().length;
  return html`<div class="writer"><${TextArea} id="thread-words" rows=${2} maxRows=${5} maxlength=${thread.longest} value=${text} aria-label=${t("thread.write")}
      placeholder=${t("thread.hint", {phone: thread.phone})} onInput=${setText} />
    <div class="row"><span class="t3 s12 num grow">${t("thread.count", {n: text.trim().length, most: thread.longest, sms: smsCount(length)})}</span>
      <${Button} kind="primary" size="sm" icon="send" disabled=${!text.trim()} pending=${busy} onClick=${send}>${t("thread.send")}<//></div></div>`;
}

export function Thread({one}) {
  const [thread, setThread] = useState(null), [refused, setRefused] = useState(""), [text, setText] = useState(""), [busy, setBusy] = useState(false);
  const box = useRef(), turn = news.value[one.id] ?? 0, path = `/cases/${one.id}/messages`;
  useEffect(() => {
    let gone = false;
    api.get(path).then((found) => { if (!gone) { setThread(found); setRefused(""); } }, (error) => { if (!gone) setRefused(error.status === 403 ? error.message : ""); });
    return () => { gone = true; };
  }, [one.id, turn]);
  useEffect(() => { if (box.current) box.current.scrollTop = box.current.scrollHeight; }, [thread?.items.length]);
  const during = async (work) => {
    setBusy(true);
    try { setThread(await work()); return true; } catch (error) { toast(error.message, {kind: "bad"}); return false; } finally { setBusy(false); }
  };
  const send = async () => { if (await during(() => api.post(path, {text: text.trim()}))) setText(""); };
  if (refused) return html`<section class="thread-block"><h3 class="lab">${t("thread.title")}</h3><p class="t3 s13"><${Icon} name="lock" size="s" /> ${refused}</p></section>`;
  if (!thread) return null;
  const waits = thread.items.some((line) => line.waits);
  return html`<section class="thread-block" aria-label=${t("thread.title")}><h3 class="lab row"><span class="grow">${t("thread.title")}</span>
      ${waits && thread.may_write && html`<${Button} size="sm" kind="ghost" icon="check" pending=${busy} onClick=${() => during(() => api.post(`${path}/read`))}>${t("thread.read")}<//>`}</h3>
    ${thread.items.length ? html`<ol class="talk" ref=${box} tabindex="0" aria-label=${t("thread.title")}>${thread.items.map((line) => html`<${Line} key=${line.id} line=${line} />`)}</ol>` : html`<p class="t3 s13">${t("thread.none")}</p>`}
    ${thread.may_write && (thread.why_not ? html`<p class="t3 s13"><${Icon} name="ban" size="s" /> ${thread.why_not}</p>` : html`<${Writer} thread=${thread} text=${text} setText=${setText} send=${send} busy=${busy} />`)}</section>`;
}
