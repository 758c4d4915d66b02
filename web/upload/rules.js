import { formatSize, sentence } from "../core/format.js";

/** @typedef {import("../core/api.js").UploadRules} UploadRules */
/** @typedef {import("./file-entries.js").Found} Found */

/** What systems leave beside people's files. */
const CLUTTER = /^(?:\._.*|\.ds_store|thumbs\.db|ehthumbs\.db|desktop\.ini|\.nomedia|\.picasa\.ini)$/i;

/**
 * Folders hold more than images. A file that was picked by itself is listed, and refused with the reason.
 *
 * @param {Found} found
 * @param {UploadRules | undefined} rules
 * @returns {boolean} whether it is meant to be uploaded
 */
export function isMeant({ file, path }, rules) {
  if (CLUTTER.test(file.name)) return false;
  return !path.includes("/") || isImage(file, rules) || (rules !== undefined && endingOf(file) in rules.unread);
}

/**
 * @param {File} file
 * @param {UploadRules | undefined} rules
 * @returns {string} why it would be rejected, in the words of the API; empty if it can be sent
 */
export function objection(file, rules) {
  if (!rules) return "";
  const unread = rules.unread[endingOf(file)];
  if (unread) return sentence(unread);
  if (file.size === 0) return "The file is empty; upload it again.";
  if (file.size > rules.max_bytes) {
    return `${formatSize(file.size)}, at most ${formatSize(rules.max_bytes)} are allowed; store a smaller copy.`;
  }
  return isImage(file, rules) ? "" : `Files of the type ${file.type || endingOf(file) || "unknown"} cannot be searched.`;
}

/**
 * @param {File} file
 * @param {UploadRules | undefined} rules
 * @returns {string} browsers do not know the types of all images
 */
export function contentType(file, rules) {
  return rules?.content_types[endingOf(file)] ?? (file.type || "application/octet-stream");
}

/**
 * @param {File} file
 * @param {UploadRules | undefined} rules
 */
function isImage(file, rules) {
  if (!rules) return file.type.startsWith("image/");
  return endingOf(file) in rules.content_types || Object.values(rules.content_types).includes(file.type);
}

/** @param {File} file */
function endingOf({ name }) {
  return name.includes(".") ? name.split(".").at(-1)?.toLowerCase() ?? "" : "";
}
