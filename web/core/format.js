const UNITS = ["bytes", "KB", "MB", "GB"];

/**
 * @param {number} bytes
 * @returns {string} for example "2.4 MB"
 */
export function formatSize(bytes) {
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), UNITS.length - 1);
  const value = bytes / 1000 ** power;
  return `${value.toLocaleString(undefined, { maximumFractionDigits: power ? 1 : 0 })} ${UNITS[power]}`;
}

/**
 * @param {number} seconds since the epoch
 * @returns {string}
 */
export function formatTime(seconds) {
  return new Date(seconds * 1000).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
}

/**
 * @param {string} day for example "2024-05-31"
 * @returns {string} for example "31 May 2024"
 */
export function formatDay(day) {
  return new Date(day).toLocaleDateString(undefined, { dateStyle: "medium", timeZone: "UTC" });
}

/**
 * @param {number} seconds since the epoch, by the clock of a camera
 * @returns {string}
 */
export function formatCameraTime(seconds) {
  return new Date(seconds * 1000).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short", timeZone: "UTC" });
}

/**
 * @param {string} key for example "animals/cat.jpg"
 * @returns {string} for example "cat.jpg"
 */
export function nameOf(key) {
  return key.split("/").pop() || key;
}

/**
 * @param {string} name in any script
 * @returns {string} the same for the middle of a sentence, whose direction it leaves alone
 */
export function isolated(name) {
  return `\u2068${name}\u2069`;
}

/**
 * @param {string} prefix for example "animals/cats/"
 * @returns {string} for example "cats"
 */
export function folderName(prefix) {
  return prefix.split("/").at(-2) || "(no name)";
}

/**
 * @param {number} count
 * @param {string} noun
 * @returns {string} for example "1 image", "2,048 images"
 */
export function formatCount(count, noun) {
  return `${count.toLocaleString()} ${noun}${count === 1 ? "" : "s"}`;
}

/**
 * @param {number} count of what is known so far
 * @param {string} noun
 * @returns {string} for example "100+ images"
 */
export function formatAtLeast(count, noun) {
  return `${count.toLocaleString()}+ ${noun}s`;
}

/**
 * @param {string | null | undefined} reason for example "not-a-readable-image"
 * @returns {string} for example "Rejected: not a readable image"
 */
export function formatRejection(reason) {
  return `Rejected: ${reason?.replaceAll("-", " ") ?? "no reason given"}`;
}

/**
 * @param {{reason?: string | null, detail?: string | null}} rejected
 * @returns {string} for example "JPEG XL is not read; save it as JPEG or PNG."
 */
export function explainRejection({ reason, detail }) {
  return detail ? sentence(detail) : `${formatRejection(reason)}.`;
}

/**
 * @param {string} text
 * @returns {string} with a capital and a full stop
 */
export function sentence(text) {
  return `${text[0].toUpperCase()}${text.slice(1)}.`;
}
