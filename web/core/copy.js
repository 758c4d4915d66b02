import { showToast } from "./toasts.js";

/** @typedef {import("./api.js").Picture} Picture */

/** @type {Record<string, (picture: Picture, bucket: string) => string>} */
const FORMS = {
  key: ({ key }) => key,
  "S3 URI": ({ key }, bucket) => `s3://${bucket}/${key}`,
  link: ({ url }) => new URL(url, location.href).href,
};

/**
 * Serves every button that copies: `data-copy` names a form of the images that it is about, `data-copy-text` is a text.
 *
 * @param {(button: HTMLElement) => Picture[]} picturesOf what a button is about
 * @param {() => Promise<string>} bucket
 */
export function serveCopyButtons(picturesOf, bucket) {
  addEventListener("click", ({ target }) => {
    const button = target instanceof Element ? target.closest("[data-copy], [data-copy-text]") : null;
    if (button instanceof HTMLElement) void copy(button, picturesOf(button), bucket);
  });
}

/**
 * @param {HTMLElement} button
 * @param {Picture[]} pictures
 * @param {() => Promise<string>} bucket
 */
async function copy({ dataset }, pictures, bucket) {
  try {
    const text = dataset.copyText ?? (await linesOf(pictures, dataset.copy ?? "", bucket));
    await navigator.clipboard.writeText(text);
    showToast(`Copied ${text.length > 80 ? `${text.slice(0, 80)}…` : text}`);
  } catch (error) {
    showToast(`Not copied. ${error instanceof Error ? error.message : error}`);
  }
}

/**
 * @param {Picture[]} pictures
 * @param {string} form
 * @param {() => Promise<string>} bucket
 * @returns {Promise<string>} one line per image
 */
async function linesOf(pictures, form, bucket) {
  const name = form === "S3 URI" ? await bucket() : "";
  return pictures.map((picture) => FORMS[form](picture, name)).join("\n");
}
