import { element, find } from "../core/dom.js";
import { clearFiltersButton } from "../list/clear-filters.js";

/** @typedef {import("../core/api.js").Health} Health */

/**
 * @param {Health | undefined} health
 * @param {{prefix: string, filtered: boolean}} shown
 * @returns {HTMLElement[]} what to do where there is no image
 */
export function emptyText(health, { prefix, filtered }) {
  if (filtered) return [element("p", { className: "lead", textContent: "No image meets these filters." }), clearFiltersButton()];
  const command = `aws s3 cp photo.jpg s3://${health?.images_bucket ?? "BUCKET"}/${prefix || (health?.images_prefix ?? "")}`;
  const copy = element("button", { type: "button", textContent: "Copy command" });
  copy.dataset.copyText = command;
  const lead = element("p", { className: "lead", textContent: prefix ? "This folder is empty." : "There are no images yet." });
  return [
    ...(health && health.writes !== "off" ? [dropArea(lead)] : [lead]),
    element("p", { textContent: "Or put images into the bucket with any S3 client; seconds later they can be found." }),
    element("pre", { tabIndex: 0 }, element("code", { textContent: command })),
    copy,
  ];
}

/** @param {HTMLElement} lead */
function dropArea(lead) {
  const choose = element("button", { type: "button", className: "primary", textContent: "Choose images" });
  choose.addEventListener("click", () => find("#upload-input", HTMLInputElement).click());
  const hint = element("p", { textContent: "Drop images or folders anywhere on this page." });
  return element("div", { className: "drop-area" }, lead, hint, choose);
}
