import { fetchAsUser } from "./identity.js";
import { excludesOnly } from "../url/terms.js";
import { parameters, searchRequest } from "./search-request.js";
import { store } from "./store.js";

/**
 * @typedef {object} Picture What every answer says about an image.
 * @property {string} key
 * @property {string} url
 * @property {string | null} [thumbnail_url]
 * @property {string | null} [preview_url] where browsers cannot show the original
 * @property {number} [width]
 * @property {number} [height]
 * @property {string} [thumbhash] base64
 * @property {number} [size] bytes
 * @property {number} [uploaded_at] seconds since the epoch
 * @property {number} [taken_at] seconds since the epoch, by the clock of the camera
 * @property {string} [content_type]
 */

/** @typedef {{etag: string, state: "indexed" | "pending" | "rejected", reason?: string, detail?: string}} Stored */
/** @typedef {Picture & Stored} StoredImage */
/**
 * @typedef {object} ListQuery
 * @property {number} [limit]
 * @property {string | null} [cursor]
 * @property {string} [prefix]
 * @property {boolean} [folders] only what is directly in the prefix, and its folders
 * @property {"newest"} [sort] only indexed images
 * @property {import("../url/filters.js").AskedFilters} [filters] only indexed images, the newest first
 */
/** @typedef {{score: number, strength?: number, uncertain?: boolean, duplicates?: Match[]}} Likeness */
/** @typedef {Picture & Likeness} Match */
/** @typedef {{images: StoredImage[], folders?: string[], cursor: string | null}} Page */
/**
 * @typedef {object} TermAnswer
 * @property {boolean} stored
 * @property {boolean} cut whether the text is longer than the model reads
 * @property {string[] | null} [unknown_words] of the text, where the model can tell
 */
/**
 * @typedef {object} SearchAnswer
 * @property {Match[]} matches
 * @property {string | null} cursor
 * @property {TermAnswer[]} terms in the order of the query
 * @property {{certain: number}} [scores] matches of a lower score are less certain
 * @property {string} bundle
 * @property {Record<string, number>} [timings_ms]
 */
/** @typedef {{key: string, etag: string, thumbnail_url: string, width: number, height: number, thumbhash: string}} Thumbnail */
/** @typedef {Thumbnail & {x: number, y: number}} MapPoint x and y are 0…1 */
/** @typedef {{groups: StoredImage[][], cursor: string | null}} DuplicatesPage */
/** @typedef {{key: string, version_id: string, deleted_at: number, size: number, thumbnail_url: string | null}} DeletedImage */
/** @typedef {{images: DeletedImage[], cursor: string | null, available: boolean}} TrashPage */
/** @typedef {{restored: string[], refused: {key: string, reason: string}[]}} Restored */
/** @typedef {{points: MapPoint[], total: number, sampled: boolean, bundle: string}} MapAnswer */
/** @typedef {{url: string, headers: Record<string, string>}} SignedUpload */
/**
 * @typedef {object} UploadRequest
 * @property {string} key
 * @property {string} content_type
 * @property {number} size bytes
 * @property {string} [replace] the etag of the image to replace
 * @property {string} [sha256] base64; the storage then takes no other content
 */
/** @typedef {{client: string, issuer: string, url: string}} SignIn an OpenID provider, and its page that asks who one is */
/**
 * @typedef {object} UploadRules
 * @property {number} max_bytes
 * @property {Record<string, string>} content_types of each ending of a file name that is read
 * @property {Record<string, string>} unread what to do, for each ending of a format that is not read
 */
/**
 * @typedef {object} Health
 * @property {string} status
 * @property {{id: string, name: string, notice: string}} bundle
 * @property {{count: number}} index
 * @property {string} images_bucket
 * @property {string} images_prefix how the key of every image begins
 * @property {"open" | "signed-in"} reads
 * @property {"open" | "signed-in" | "off"} writes
 * @property {UploadRules} uploads
 * @property {SignIn | null} sign_in nothing where nobody needs an account
 */

const JSON_BODY = { "content-type": "application/json" };

/** An answer that is not a success, or no answer at all (status 0). */
export class ApiError extends Error {
  /**
   * @param {number} status
   * @param {string} title
   * @param {string} [detail]
   * @param {number} [retryAfter] seconds after which the server wants to be asked again; 0 if it does not say
   */
  constructor(status, title, detail = "", retryAfter = 0) {
    super(detail || title);
    this.name = "ApiError";
    this.status = status;
    this.title = title;
    this.detail = detail;
    this.retryAfter = retryAfter;
  }
}

/**
 * @param {ListQuery} query
 * @param {AbortSignal} [signal]
 * @returns {Promise<Page>}
 */
export async function listImages({ filters, ...query }, signal) {
  /** @type {Page} */
  const page = await request(`/api/images?${parameters({ ...filters, ...query })}`, { signal });
  store.remember(page.images);
  return page;
}

/**
 * @param {string} key
 * @param {AbortSignal} [signal]
 * @returns {Promise<StoredImage>}
 */
export async function getImage(key, signal) {
  /** @type {StoredImage} */
  const image = await request(imagePath(key), { signal });
  store.remember([image]);
  return image;
}

/**
 * @param {string} key
 * @param {{keepalive?: boolean}} [options] keepalive lets the request outlive the page
 * @returns {Promise<void>}
 */
export function deleteImage(key, { keepalive = false } = {}) {
  return request(imagePath(key), { method: "DELETE", keepalive });
}

/**
 * @param {import("./search-request.js").Query} query
 * @param {AbortSignal} [signal]
 * @returns {Promise<SearchAnswer>}
 */
export async function search(query, signal) {
  const { path, body } = searchRequest(query);
  /** @type {SearchAnswer} */
  const answer = await request(path, body ? { method: "POST", headers: JSON_BODY, body, signal } : { signal });
  const certain = query.options.sort || excludesOnly(query.terms) ? -1 : (answer.scores?.certain ?? -1);
  for (const match of answer.matches) match.uncertain = match.score < certain;
  store.remember(answer.matches.flatMap((match) => [match, ...(match.duplicates ?? [])]));
  return answer;
}

/**
 * @param {UploadRequest} upload
 * @param {AbortSignal} [signal]
 * @returns {Promise<SignedUpload>}
 */
export function requestUpload(upload, signal) {
  return request("/api/uploads", { method: "POST", headers: JSON_BODY, body: JSON.stringify(upload), signal });
}

/**
 * @param {{folder?: string}} query
 * @param {AbortSignal} [signal]
 * @returns {Promise<MapAnswer>} all images, or a sample of many, alike ones near each other
 */
export function getMap(query, signal) {
  return request(`/api/map?${parameters(query)}`, { signal });
}

/**
 * @param {{folder?: string, cursor?: string | null}} query
 * @param {AbortSignal} [signal]
 * @returns {Promise<DuplicatesPage>} of the next 50 images
 */
export async function listDuplicates(query, signal) {
  /** @type {DuplicatesPage} */
  const page = await request(`/api/duplicates?${parameters(query)}`, { signal });
  store.remember(page.groups.flat());
  return page;
}

/**
 * @param {{prefix?: string, cursor?: string | null, limit?: number}} query
 * @param {AbortSignal} [signal]
 * @returns {Promise<TrashPage>}
 */
export function listTrash(query, signal) {
  return request(`/api/trash?${parameters(query)}`, { signal });
}

/**
 * @param {{key: string, version_id: string}[]} images
 * @returns {Promise<Restored>}
 */
export function restoreImages(images) {
  return request("/api/trash/restore", { method: "POST", headers: JSON_BODY, body: JSON.stringify({ images }) });
}

/** @returns {Promise<Health>} */
export function getHealth() {
  return request("/api/health");
}

/**
 * Sends a file to a signed URL. XMLHttpRequest, because fetch reports no upload progress.
 *
 * @param {SignedUpload} upload
 * @param {File} file
 * @param {(fraction: number) => void} onProgress
 * @param {AbortSignal} [signal]
 * @returns {Promise<void>}
 */
export function sendFile(upload, file, onProgress, signal) {
  return new Promise((resolve, reject) => {
    const sending = new XMLHttpRequest();
    sending.open("PUT", upload.url);
    for (const [name, value] of Object.entries(upload.headers)) sending.setRequestHeader(name, value);
    sending.upload.onprogress = (event) => onProgress(event.loaded / event.total);
    sending.onload = () => (sending.status < 300 ? resolve() : reject(storageError(sending)));
    sending.onerror = () => reject(new ApiError(0, "The file could not be sent", "The connection to the storage failed."));
    sending.onabort = () => reject(signal?.reason);
    signal?.addEventListener("abort", () => sending.abort());
    sending.send(file);
  });
}

/**
 * @param {XMLHttpRequest} answered
 * @returns {ApiError} S3 explains itself in XML
 */
function storageError(answered) {
  const message = answered.responseXML?.querySelector("Message")?.textContent ?? "";
  return new ApiError(answered.status, "The storage refused the file", message);
}

/**
 * @param {string} key
 * @returns {string}
 */
function imagePath(key) {
  return `/api/image?key=${encodeURIComponent(key)}`;
}

/**
 * @param {string} path
 * @param {RequestInit} [options]
 */
async function request(path, options = {}) {
  const response = await fetchAsUser(path, options).catch(unreachable);
  if (!response.ok) throw await problem(response);
  const body = response.status === 204 ? undefined : await response.json();
  options.signal?.throwIfAborted();
  return body;
}

/**
 * @param {unknown} error
 * @returns {never}
 */
function unreachable(error) {
  if (error instanceof TypeError) throw new ApiError(0, "The server cannot be reached", "The server cannot be reached.");
  throw error;
}

/**
 * @param {Response} response
 * @returns {Promise<ApiError>} from problem details (RFC 9457), or from the status alone
 */
async function problem(response) {
  const body = await response.json().catch(() => ({}));
  const untitled = response.status === 401 ? "Sign in first." : `The server answered with status ${response.status}.`;
  return new ApiError(response.status, body.title ?? untitled, body.detail, Number(response.headers.get("retry-after")) || 0);
}
