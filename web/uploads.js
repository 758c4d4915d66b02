import { ApiError, getImage, requestUpload, sendFile } from "./api.js";
import { announce, element, find } from "./dom.js";
import { formatCount, formatRejection } from "./format.js";
import { addressOf } from "./route.js";
import { settledImage } from "./watch.js";

/** @typedef {import("./api.js").StoredImage} StoredImage */
/** @typedef {{file: File, row: HTMLLIElement, text: HTMLElement, bar: HTMLProgressElement, actions: HTMLElement, settled: boolean}} Upload */

/** A browser opens about six connections to a host; some stay free for the gallery. */
const CONCURRENCY = 4;
/** Trying again cannot help: refused by the storage, too large, not a supported type, not a valid name. */
const PERMANENT = [400, 413, 415, 422];

/** Files on their way into the bucket and then into the index. */
export class Uploads {
  #root = find("#uploads", HTMLElement);
  #list = find("ul", HTMLUListElement, this.#root);
  #drop = find("#drop", HTMLElement);
  /** @type {Upload[]} */
  #uploads = [];
  /** @type {(() => Promise<void>)[]} */
  #queue = [];
  #running = 0;

  /** @param {(image: StoredImage) => void} onImage called when an image is stored, indexed or rejected */
  constructor(onImage) {
    this.onImage = onImage;
    find("#uploads-clear", HTMLButtonElement).addEventListener("click", () => this.#clear());
  }

  /** Lets people choose files or drop them anywhere on the page. */
  enable() {
    const input = find("#upload-input", HTMLInputElement);
    input.addEventListener("change", () => {
      this.add([...(input.files ?? [])]);
      input.value = "";
    });
    addEventListener("dragenter", (event) => this.#onDrag(event));
    addEventListener("dragover", (event) => this.#onDrag(event));
    this.#drop.addEventListener("dragleave", () => (this.#drop.hidden = true));
    addEventListener("drop", (event) => this.#onDrop(event));
  }

  /** @param {File[]} files */
  add(files) {
    if (files.length === 0) return;
    announce(`Uploading ${formatCount(files.length, "image")}.`);
    for (const file of files) this.#start(this.#createUpload(file));
    this.#root.hidden = false;
  }

  /** @param {DragEvent} event */
  #onDrag(event) {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    this.#drop.hidden = false;
  }

  /** @param {DragEvent} event */
  #onDrop(event) {
    if (this.#drop.hidden) return;
    event.preventDefault();
    this.#drop.hidden = true;
    const items = [...(event.dataTransfer?.items ?? [])];
    const files = items.filter((item) => !item.webkitGetAsEntry()?.isDirectory).map((item) => item.getAsFile());
    this.add(files.filter((file) => file !== null));
  }

  /**
   * @param {File} file
   * @returns {Upload}
   */
  #createUpload(file) {
    const text = element("span", { className: "state" });
    const bar = element("progress", { max: 1, value: 0, ariaLabel: `Upload of ${file.name}` });
    const actions = element("span", { className: "actions" });
    const row = element("li", {}, element("span", { className: "name", textContent: file.name }), text, bar, actions);
    const upload = { file, row, text, bar, actions, settled: false };
    this.#uploads.push(upload);
    this.#list.append(row);
    return upload;
  }

  /**
   * @param {Upload} upload
   * @param {boolean} [replace]
   */
  #start(upload, replace = false) {
    show(upload, "Waiting");
    this.#queue.push(() => this.#run(upload, replace));
    this.#next();
  }

  #next() {
    while (this.#running < CONCURRENCY) {
      const task = this.#queue.shift();
      if (!task) return;
      this.#running += 1;
      void task().finally(() => {
        this.#running -= 1;
        this.#next();
      });
    }
  }

  /**
   * Sends one file. Its indexing is followed without holding up the next file.
   *
   * @param {Upload} upload
   * @param {boolean} replace
   */
  async #run(upload, replace) {
    try {
      await send(upload, replace);
      void this.#follow(upload);
    } catch (error) {
      this.#fail(upload, error);
    }
  }

  /** @param {Upload} upload */
  async #follow(upload) {
    show(upload, "Being indexed");
    upload.bar.removeAttribute("value");
    const { name } = upload.file;
    try {
      await getImage(name).then(this.onImage, ignoreNotFound);
      const image = await settledImage(name);
      this.onImage(image);
      finish(upload, image);
    } catch (error) {
      this.#fail(upload, error, () => void this.#follow(upload));
    }
  }

  /**
   * @param {Upload} upload
   * @param {unknown} error
   * @param {() => void} [again]
   */
  #fail(upload, error, again = () => this.#start(upload)) {
    const status = error instanceof ApiError ? error.status : 0;
    if (status === 409) return this.#offerReplace(upload);
    const text = error instanceof Error ? error.message : String(error);
    const actions = PERMANENT.includes(status) ? [] : [button("Try again", upload, again)];
    settle(upload, "failed", text, actions);
  }

  /** @param {Upload} upload */
  #offerReplace(upload) {
    const replace = button("Replace", upload, () => this.#start(upload, true));
    settle(upload, "failed", "An image with this name exists.", [replace]);
  }

  #clear() {
    for (const upload of this.#uploads) if (upload.settled) upload.row.remove();
    this.#uploads = this.#uploads.filter((upload) => !upload.settled);
    this.#root.hidden = this.#uploads.length === 0;
  }
}

/**
 * @param {Upload} upload
 * @param {boolean} replace
 */
async function send(upload, replace) {
  const { name: key, type, size } = upload.file;
  show(upload, "Uploading");
  const content_type = type || "application/octet-stream";
  const form = await requestUpload({ key, content_type, size, ...(replace && { replace }) });
  await sendFile(form, upload.file, (fraction) => {
    upload.bar.value = fraction;
    upload.text.textContent = `Uploading, ${Math.round(fraction * 100)} %`;
  });
}

/**
 * @param {Upload} upload
 * @param {string} text
 */
function show(upload, text) {
  upload.settled = false;
  upload.row.className = "";
  upload.bar.hidden = false;
  upload.text.textContent = text;
  upload.actions.replaceChildren();
}

/**
 * @param {Upload} upload
 * @param {StoredImage} image
 */
function finish(upload, { key, state, reason }) {
  const link = element("a", { href: addressOf({ key }), textContent: "Show", ariaLabel: `Show ${key}` });
  if (state === "rejected") settle(upload, "failed", formatRejection(reason), []);
  else settle(upload, "done", "Can be found", [link]);
}

/**
 * @param {Upload} upload
 * @param {"done" | "failed"} outcome
 * @param {string} text
 * @param {HTMLElement[]} actions
 */
function settle(upload, outcome, text, actions) {
  upload.settled = true;
  upload.row.className = outcome;
  upload.bar.hidden = true;
  upload.text.textContent = text;
  upload.actions.replaceChildren(...actions);
  announce(`${upload.file.name}: ${text}`);
}

/**
 * @param {string} text
 * @param {Upload} upload
 * @param {() => void} onclick
 */
function button(text, upload, onclick) {
  return element("button", { type: "button", textContent: text, ariaLabel: `${text}: ${upload.file.name}`, onclick });
}

/** @param {unknown} error an image may not be visible right after its upload */
function ignoreNotFound(error) {
  if (!(error instanceof ApiError && error.status === 404)) throw error;
}
