import { ApiError, deleteImage } from "../core/api.js";
import { hiddenImages } from "./hidden-images.js";
import { announce } from "../core/dom.js";
import { formatCount, isolated, nameOf } from "../core/format.js";
import { Queue } from "../core/queue.js";
import { showToast } from "../core/toasts.js";

/** @typedef {import("./hidden-images.js").Picture} Picture */
/** @typedef {{pictures: Picture[], toast: {act: () => void, end: () => void}}} Deletion one that can be undone */

/** Many images are deleted a few at a time. */
const CONCURRENCY = 4;

/** Deletes images when the deletion can no longer be undone: when the notice disappears, or the page is left. */
export class Deletions {
  /** @type {Deletion[]} */
  #open = [];
  #queue = new Queue(CONCURRENCY);
  /** Whether deleted images cannot be restored. */
  areFinal = false;

  /** @param {() => void} onChange called when images were hidden or came back */
  constructor(onChange) {
    this.onChange = onChange;
    addEventListener("pagehide", () => this.#leave());
  }

  /** @param {Picture[]} pictures */
  start(pictures) {
    const what = pictures.length === 1 ? isolated(nameOf(pictures[0].key)) : formatCount(pictures.length, "image");
    const text = `${what} deleted${this.areFinal ? " for good: this bucket keeps no versions" : ""}`;
    const toast = showToast(text, {
      action: "Undo",
      onAction: () => this.#undo(deletion),
      onEnd: () => this.#carryOut(deletion),
    });
    const deletion = { pictures, toast };
    this.#open.push(deletion);
    hiddenImages.add(pictures);
    this.onChange();
    announce(`${text}. Control Z takes it back.`);
  }

  /**
   * Carries out what could still be undone.
   *
   * @returns {Promise<void>} once it is done
   */
  settle() {
    for (const { toast } of [...this.#open]) toast.end();
    return this.#queue.idle;
  }

  /** Takes the last deletion back. */
  undo() {
    this.#open.at(-1)?.toast.act();
  }

  /** @param {Deletion} deletion */
  #undo(deletion) {
    this.#close(deletion);
    this.#restore(deletion.pictures);
    announce("Nothing is deleted.");
  }

  /** @param {Deletion} deletion */
  #carryOut(deletion) {
    this.#close(deletion);
    for (const picture of deletion.pictures) this.#queue.add(() => this.#delete(picture));
  }

  /** @param {Deletion} deletion */
  #close(deletion) {
    this.#open = this.#open.filter((other) => other !== deletion);
  }

  /** @param {Picture[]} pictures */
  #restore(pictures) {
    hiddenImages.restore(pictures);
    this.onChange();
  }

  /** @param {Picture} picture */
  async #delete(picture) {
    try {
      await deleteImage(picture.key, { keepalive: true });
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return;
      this.#restore([picture]);
      showToast(`${isolated(picture.key)} is not deleted. ${error instanceof Error ? error.message : error}`, {
        action: "Try again",
        onAction: () => this.start([picture]),
      });
    }
  }

  /** Carries out all deletions when the page is left. */
  #leave() {
    for (const { toast } of [...this.#open]) toast.end();
    this.#queue.flush();
  }
}
