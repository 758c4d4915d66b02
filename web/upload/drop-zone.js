import { find } from "../core/dom.js";
import { droppedFiles } from "./file-entries.js";

/**
 * Takes what is dropped anywhere on the page.
 *
 * @param {() => string} folder that it goes to
 * @param {(found: import("./file-entries.js").Found[]) => void} onDrop
 */
export function serveDrops(folder, onDrop) {
  const zone = find("#drop", HTMLElement);
  const onDrag = (/** @type {DragEvent} */ event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    find("p", HTMLElement, zone).textContent = `Drop images or folders to upload${folder() && ` into ${folder()}`}`;
    zone.hidden = false;
  };
  addEventListener("dragenter", onDrag);
  addEventListener("dragover", onDrag);
  zone.addEventListener("dragleave", () => (zone.hidden = true));
  addEventListener("drop", async (event) => {
    if (zone.hidden || !event.dataTransfer) return;
    event.preventDefault();
    zone.hidden = true;
    onDrop(await droppedFiles(event.dataTransfer));
  });
}
