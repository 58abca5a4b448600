/* Photographs: what is stored with a case, looked at large, and the box that takes new ones. */
import {dayTime} from "../lib/clock.js";
import {html, useEffect, useRef, useState} from "../lib/html.js";
import {t} from "../lib/i18n.js";
import {Icon} from "../lib/ui-basic.js";
import {Dialog} from "../lib/ui-overlay.js";
import {PhotoCare} from "./photo-care.js";

const caption = (photo) => `${t(`case.photo.${photo.purpose}`)} ${dayTime(photo.at)}`;

/** photos: attachments of a case, oldest first. */
export function Gallery({photos, label, none}) {
  const [large, setLarge] = useState(null);
  if (!photos.length) return none ? html`<p class="t3 s13 photo-none"><${Icon} name="image" />${none}</p>` : null;
  return html`<ul class="shots" aria-label=${label}>${photos.map((photo, i) => html`<li key=${photo.id}>
    <button type="button" class="ph" aria-label=${t("case.photo.open", {name: caption(photo)})}
    onClick=${() => setLarge(i)}><img src=${photo.url} alt="" loading="lazy" /><span>${caption(photo)}</span></button></li>`)}</ul>
    ${large !== null && html`<${Large} photos=${photos} at=${large} onMove=${setLarge} onClose=${() => setLarge(null)} />`}`;
}

function Large({photos, at, onMove, onClose}) {
  const photo = photos[at], name = caption(photo);
  const move = (by) => onMove((at + by + photos.length) % photos.length);
  const keys = (event) => { const by = {ArrowLeft: -1, ArrowRight: 1}[event.key]; if (by) move(by); };
  const care = photo.may_take_back || photo.may_hide ? html`<${PhotoCare} key=${photo.id} photo=${photo} onGone=${onClose} />` : null;
  const footer = (care || photos.length > 1) && html`${care}${photos.length > 1 && html`<button type="button" class="btn" onClick=${() => move(-1)}>${t("case.photo.previous")}</button>
    <span class="grow t2 num photo-count">${at + 1} / ${photos.length}</span><button type="button" class="btn" onClick=${() => move(1)}>
      ${t("case.photo.next")}</button>`}`;
  return html`<${Dialog} title=${name} kind="wide photo-large" onClose=${onClose} footer=${footer} onKeyDown=${keys}>
    <img src=${photo.url} alt=${name} /><//>`;
}

const pictures = (list) => [...(list ?? [])].filter((file) => file.type.startsWith("image/"));

/* A picture in the clipboard belongs to the open form, wherever the caret is; pasted text stays text. */
function usePaste(take) {
  useEffect(() => {
    const paste = (event) => {
      const files = pictures(event.clipboardData?.files);
      if (!files.length) return;
      event.preventDefault();
      take(files);
    };
    document.addEventListener("paste", paste);
    return () => document.removeEventListener("paste", paste);
  }, [take]);
}

/** basket: see basket.js; busy: sending, nothing may be taken out. */
export function PhotoPicker({basket, title, hint, busy}) {
  const [over, setOver] = useState(false);
  usePaste(basket.add);
  const drop = (event) => { event.preventDefault(); setOver(false); if (!busy) basket.add(pictures(event.dataTransfer.files)); };
  return html`<div class="picker" onDragOver=${(e) => { e.preventDefault(); setOver(true); }} onDragLeave=${() => setOver(false)} onDrop=${drop}>
    <div class=${`drop${over ? " over" : ""}`}><${Icon} name="camera" size="l" /><b class="s13">${title}</b><span class="s12 t3 wide-only">
      ${t("case.photo.how")}</span>
      <span class="row drop-buttons"><${Chooser} basket=${basket} busy=${busy} icon="image" text=${t("case.photo.choose")} multiple />
        <${Chooser} basket=${basket} busy=${busy} camera icon="camera" text=${t("case.photo.take")} /></span>
      ${hint && html`<span class="s12 t3">${hint}</span>`}</div>
    <ul class="shots" aria-label=${t("case.photo.chosen")}>
      ${basket.items.value.map((item) => html`<${Chosen} key=${item.key} item=${item} busy=${busy} onRemove=${() => basket.remove(item.key)} />`)}</ul>
    <div role="alert">${basket.refused.value && html`<p class="err"><${Icon} name="circle-alert" size="s" />
      ${basket.refused.value}</p>`}</div></div>`;
}

/* The camera button shows on phones and tablets only (CSS: pointer coarse); a desktop has nothing to take a picture with. */
function Chooser({basket, busy, icon, text, camera, multiple}) {
  const input = useRef(null);
  const take = (event) => { basket.add(pictures(event.target.files)); event.target.value = ""; };
  return html`<button type="button" class=${`btn${camera ? " camera-only" : ""}`} disabled=${busy} onClick=${() => input.current.click()}>
    <${Icon} name=${icon} />${text}</button>
    <input ref=${input} type="file" accept="image/*" hidden multiple=${multiple} capture=${camera ? "environment" : undefined} onChange=${take} />`;
}

function Chosen({item: {preview, state, progress, failure, file}, busy, onRemove}) {
  return html`<li><div class=${`ph ${state}`}><img src=${preview} alt=${t("case.photo.preview", {name: file.name})} />
    ${state === "sending" && html`<${Sending} progress=${progress} />`}
    ${state === "failed" && html`<span class="failed">${failure}</span>`}
    ${!busy && html`<button type="button" class="take-out" aria-label=${t("case.photo.remove", {name: file.name})} onClick=${onRemove}>
      <${Icon} name="x" size="s" /></button>`}</div></li>`;
}

function Sending({progress}) {
  const percent = Math.round(progress * 100);
  return html`<span class="sending num" role="progressbar" aria-label=${t("case.photo.sending")} aria-valuenow=${percent} aria-valuemin="0"
    aria-valuemax="100"><i style=${{transform: `scaleX(${progress})`}}></i>${percent}%</span>`;
}
