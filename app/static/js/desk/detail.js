/* One case at a unit's desk. */
import {now} from "../lib/clock.js";
import {html} from "../lib/html.js";
import {t} from "../lib/i18n.js";
import {Complaint, Condition, Grounds, PlaceMap, Timeline} from "../case/blocks.js";
import {ChangesNote} from "../case/changes.js";
import {titleOf} from "../case/fields.js";
import {DetailHead, NoCase, Where} from "../case/frame.js";
import {Hero, Marks} from "../case/hero.js";
import {lampNow} from "../case/lamps.js";
import {opened} from "../case/opened.js";
import {Gallery} from "../case/photos.js";
import {Promised} from "../case/promise.js";
import {Recordings} from "../case/recordings.js";
import {Standing} from "../case/standing.js";
import {VoiceNotes} from "../case/voice.js";
import {ActionBar, ResultForm, offers} from "./actions.js";

export function Detail() {
  const {detail, phase} = opened.value;
  if (!detail || phase !== "ready") return html`<${NoCase} hint=${t("desk.none.hint")} />`;
  return html`<section class="card detail" aria-label=${titleOf(detail)}><${DetailHead} one=${detail} lamp=${lampNow(detail, now.value)} />
    <${ChangesNote} />
    <div class="detail-body"><${Hero} one=${detail}><${Marks} one=${detail} /><${Promised} one=${detail} /><//>
      <div class="detail-columns"><div class="detail-main"><${Where} one=${detail} />
        <${Standing} one=${detail} /><${Complaint} one=${detail} /><${Condition} condition=${detail.condition} /><${Photos} detail=${detail} />
        ${offers(detail, "feed_back") ? html`<${ResultForm} key=${detail.id} detail=${detail} />` : html`<${Result} detail=${detail} />`}
          <${VoiceNotes} detail=${detail} /><${Recordings} id=${detail.id} /><${Grounds} one=${detail} /></div>
        <div class="detail-aside"><${Timeline} history=${detail.history} number=${detail.number} /><${PlaceMap} one=${detail} /></div></div></div>
    <${ActionBar} detail=${detail} /></section>`;
}

const Photos = ({detail}) => html`<section><h3 class="lab">${t("case.photos")}</h3>
  <${Gallery} photos=${detail.attachments} label=${t("case.photos")} none=${t("case.photos.none")} /></section>`;

const Result = ({detail}) => detail.result && html`<section><h3 class="lab">${t("desk.result")}</h3><p class="said">${detail.result}</p>
  ${detail.rating && html`<p class="s13 t2">
    ${t("case.rating", {n: detail.rating})}${detail.rating_comment ? ` · ${detail.rating_comment}` : ""}</p>`}</section>`;
