/* The recorded calls behind a case, for whoever may listen. Each is fetched when somebody presses play: that is noted. */
import {api} from "../lib/api.js";
import {countdownText, dayTime} from "../lib/clock.js";
import {html, useEffect, useState} from "../lib/html.js";
import {t} from "../lib/i18n.js";
import {Icon} from "../lib/ui-basic.js";

function Recording({one}) {
  const [isMissing, setMissing] = useState(false);
  const name = t(one.is_voicemail ? "case.recordings.voicemail" : "case.recordings.call", {at: dayTime(one.at)});
  return html`<li><div class="row s12"><${Icon} name=${one.is_voicemail ? "voicemail" : "phone"} size="s" /><span class="grow ell">${name} <span class="t3">${one.agent}</span></span>
    ${one.seconds ? html`<span class="t3 num">${countdownText(one.seconds)}</span>` : null}</div>
    ${isMissing ? html`<p class="t3 s12" role="status">${t("case.recordings.missing")}</p>`
      : html`<audio class="player" controls preload="none" src=${one.url} aria-label=${name} onError=${() => setMissing(true)}></audio>`}</li>`;
}

export function Recordings({id}) {
  const [found, setFound] = useState([]);
  useEffect(() => {
    let isOpen = true;
    setFound([]);
    api.get(`/cases/${id}/recordings`).then((list) => { if (isOpen) setFound(list); }).catch(() => null);
    return () => { isOpen = false; };
  }, [id]);
  if (!found.length) return null;
  return html`<section class="recordings" aria-label=${t("case.recordings")}><h3 class="lab">${t("case.recordings")}</h3><ul>${found.map((one) => html`<${Recording} key=${one.call_id} one=${one} />`)}</ul></section>`;
}
