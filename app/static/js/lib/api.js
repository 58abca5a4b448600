/* All writes go by REST: CSRF header, Idempotency-Key, If-Match, a time-out, and problem+json turned into ApiError. */
import {csrfToken} from "./boot.js";
import {inWords, t} from "./i18n.js";

const BASE = "/api/v1";
const TIMEOUT = 10_000;

export class ApiError extends Error {
  constructor({status = 0, slug = "", detail = "", problem = {}, cause}) {
    super(detail || t("api.failed"), {cause});
    this.status = status;
    this.slug = slug;
    this.problem = problem;
  }

  /* The request may never have arrived, or its answer was lost: safe to repeat with the same Idempotency-Key. */
  get isUnreachable() { return this.status === 0 || [502, 503, 504].includes(this.status); }
  get isStale() { return this.status === 409 && this.slug === "stale-version"; }
}

/* crypto.randomUUID exists in secure contexts only; a hotline's intranet is often plain http. */
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
}

const withQuery = (path, query) => {
  const pairs = Object.entries(query ?? {}).filter(([, v]) => v !== undefined && v !== null && v !== "");
  return BASE + path + (pairs.length ? `?${new URLSearchParams(pairs)}` : "");
};

function headersFor({method, body, version, key}) {
  const headers = {Accept: "application/json"};
  if (method !== "GET") {
    headers["X-CSRF-Token"] = csrfToken();
    headers["Idempotency-Key"] = key ?? newKey();
  }
  if (version !== undefined) headers["If-Match"] = `"${version}"`;
  if (body !== undefined && !(body instanceof FormData)) headers["Content-Type"] = "application/json";
  return headers;
}

async function send(url, options) {
  try {
    return await fetch(url, options);
  } catch (cause) {
    if (options.signal?.reason?.name === "AbortError" && cause.name === "AbortError") throw cause;
    const slow = cause.name === "TimeoutError";
    throw new ApiError({detail: t(slow ? "api.timeout" : "api.unreachable"), slug: slow ? "timeout" : "offline", cause});
  }
}

async function refuse(answer) {
  const problem = await answer.json().catch(() => ({}));
  const slug = String(problem.type ?? "").split("/").pop();
  const known = {401: "api.signed_out", 403: "api.forbidden", 404: "api.gone", 413: "api.too_large", 429: "api.too_many"};
  const fallback = known[answer.status] ?? (answer.status >= 500 ? "api.server" : "api.failed");
  throw new ApiError({status: answer.status, slug, detail: problem.detail || t(fallback), problem});
}

export async function request(method, path, {body, query, version, key, signal, timeout = TIMEOUT} = {}) {
  const limit = AbortSignal.timeout(timeout);
  const answer = await send(withQuery(path, query), {
    method,
    headers: headersFor({method, body, version, key}),
    body: body instanceof FormData || body === undefined ? body : JSON.stringify(body),
    signal: signal ? AbortSignal.any([signal, limit]) : limit,
    credentials: "same-origin",
  });
  if (!answer.ok) await refuse(answer);
  return answer.status === 204 ? null : inWords(await answer.json());
}

export const api = {
  get: (path, query, options) => request("GET", path, {...options, query}),
  post: (path, body = {}, options) => request("POST", path, {...options, body}),
  put: (path, body, options) => request("PUT", path, {...options, body}),
  patch: (path, body, options) => request("PATCH", path, {...options, body}),
  /* A photo over a weak line needs longer than a form. */
  upload: (path, form, options) => request("POST", path, {timeout: 60_000, ...options, body: form}),
};
