import { element } from "../core/dom.js";
import { formatCameraTime, formatSize, formatTime } from "../core/format.js";

/** @typedef {import("../core/api.js").StoredImage} StoredImage */

/**
 * @param {StoredImage} image
 * @returns {HTMLElement[]} terms and descriptions
 */
export function facts({ key, width, height, size, content_type, uploaded_at, taken_at }) {
  /** @type {[string, string | undefined | 0][]} */
  const rows = [
    ["Key", key],
    ["Dimensions", width && height && `${width} × ${height}`],
    ["Size", size && formatSize(size)],
    ["Type", content_type],
    ["Taken", taken_at && formatCameraTime(taken_at)],
    ["Uploaded", uploaded_at && formatTime(uploaded_at)],
  ];
  return rows.filter(([, value]) => value).map(([name, value]) =>
    element("div", {}, element("dt", { textContent: name }), element("dd", { textContent: String(value) })));
}
