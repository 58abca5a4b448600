/* What may be done about a wrong photograph: its sender takes it back, a supervisor hides it with a reason. */
import {api} from "../lib/api.js";
import {html, useState} from "../lib/html.js";
import {t} from "../lib/i18n.js";
import {Button, Icon} from "../lib/ui-basic.js";
import {toast} from "../lib/ui-overlay.js";

export function PhotoCare({photo, onGone}) {
  const [asking, setAsking] = useState(false), [reason, setReason] = useState(""), [busy, setBusy] = useState(false);
  const send = async (path, body, done) => {
    setBusy(true);
    try {
      await api.post(`/attachments/${photo.id}/${path}`, body);
      toast(t(done), {kind: "good"});
      onGone();
    } catch (error) {
      toast(error.message, {kind: "bad"});
      setBusy(false);
    }
  };
  if (asking) {
    return html`<input class="in grow" value=${reason} maxlength="200" aria-label=${t("case.photo.why_hide")} placeholder=${t("case.photo.why_hide")} ref=${(el) => el?.focus()} onInput=${(e) => setReason(e.target.value)} />
      <${Button} kind="danger" disabled=${reason.trim().length < 2} pending=${busy} onClick=${() => send("hide", {reason: reason.trim()}, "case.photo.hidden")}>${t("case.photo.hide")}<//>`;
  }
  return html`${photo.may_take_back && html`<${Button} icon="undo-2" pending=${busy} onClick=${() => send("take-back", undefined, "case.photo.taken_back")}>${t("case.photo.take_back")}<//>`}
    ${photo.may_hide && html`<${Button} icon="eye-off" onClick=${() => setAsking(true)}>${t("case.photo.hide")}<//>`}`;
}
