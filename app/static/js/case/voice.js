/* What a unit that works by telephone has said about its case. The sound is fetched when somebody presses play. */
import {dayTime} from "../lib/clock.js";
import {html} from "../lib/html.js";
import {t} from "../lib/i18n.js";
import {Icon, Tag} from "../lib/ui-basic.js";

const Note = ({note}) => html`<li><p class="s13"><${Icon} name="phone-incoming" size="s" /><b>${t(`case.voice.${note.purpose}`)}</b>
    <span class="t2 num">${dayTime(note.at)} · ${t("case.voice.seconds", {n: note.seconds})}</span>
    ${!note.submitted && html`<${Tag} kind="yellow">${t("case.voice.draft")}<//>`}</p>
  <audio controls preload="none" src=${note.url} aria-label=${`${t(`case.voice.${note.purpose}`)} ${dayTime(note.at)}`}></audio>
  ${note.text && html`<p class="said">${note.text}</p>`}</li>`;

export const VoiceNotes = ({detail}) => detail.voice_notes?.length > 0 && html`<section><h3 class="lab">${t("case.voice")}</h3>
  <ul class="voice-notes">${detail.voice_notes.map((note) => html`<${Note} key=${note.id} note=${note} />`)}</ul></section>`;

/** For whoever has to check it. */
export const Unseen = ({detail}) => detail.unseen && html`<p class="unseen-note" role="note"><${Icon} name="phone" size="s" /><b>${t("case.voice.unseen")}</b>
  <span class="t2 s13">${t("case.voice.unseen.hint")}</span></p>`;
