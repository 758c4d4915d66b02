export { Copies } from "./copies.js";
export { movePicture } from "./growth.js";
export { Panel } from "./panel.js";
export { PartDialog } from "./part-dialog.js";

/** Loads what shows originals as large as the screen, when it is first needed. */
export async function openLightbox(/** @type {Parameters<typeof import("./lightbox.js").open>} */ ...args) {
  const { open } = await import("./lightbox.js");
  return open(...args);
}
