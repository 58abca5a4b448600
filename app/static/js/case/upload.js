/* Sending a photograph: shrunk to what a check needs, with progress, and repeatable with the same key after a broken line. */
import {ApiError, newKey} from "../lib/api.js";
import {csrfToken} from "../lib/boot.js";
import {t} from "../lib/i18n.js";

const LONGEST_SIDE = 2048;
const LEAVE_ALONE_BELOW = 1_500_000;
const KEEPS = new Set(["image/jpeg", "image/png", "image/webp"]);
const PATIENCE = 90_000;

/** A JPEG of at most 2048 px for a big or unusual picture (a phone's 12 MB would take a minute over a weak line). */
export async function prepared(file) {
  const picture = await createImageBitmap(file).catch(() => { throw new ApiError({detail: t("case.photo.unreadable", {name: file.name})}); });
  const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
  if (KEEPS.has(file.type) && file.size < LEAVE_ALONE_BELOW && scale === 1) return file;
  const canvas = Object.assign(document.createElement("canvas"), {width: Math.round(picture.width * scale), height: Math.round(picture.height * scale)});
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", .86));
  return new File([blob], `${file.name.replace(/\.\w+$/, "")}.jpg`, {type: "image/jpeg"});
}

/** fetch() cannot report how much of a body has left; XMLHttpRequest can. `onProgress(0…1)`. */
export function sendPhoto(caseId, {file, purpose, key = newKey()}, onProgress) {
  const form = new FormData();
  form.append("purpose", purpose);
  form.append("file", file, file.name);
  const request = new XMLHttpRequest();
  request.open("POST", `/api/v1/cases/${caseId}/attachments`);
  const headers = {Accept: "application/json", "X-CSRF-Token": csrfToken(), "Idempotency-Key": key};
  for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
  request.responseType = "json";
  request.timeout = PATIENCE;
  request.upload.onprogress = ({loaded, total}) => onProgress(total ? loaded / total : 0);
  return new Promise((done, refuse) => {
    request.onload = () => (request.status < 300 ? done(request.response) : refuse(refusal(request)));
    request.onerror = () => refuse(new ApiError({detail: t("api.unreachable"), slug: "offline"}));
    request.ontimeout = () => refuse(new ApiError({detail: t("case.photo.slow"), slug: "timeout"}));
    request.send(form);
  });
}

function refusal({status, response}) {
  const known = {401: "api.signed_out", 403: "api.forbidden", 413: "api.too_large"}[status] ?? "case.photo.failed";
  return new ApiError({status, detail: response?.detail || t(known), problem: response ?? {}});
}
