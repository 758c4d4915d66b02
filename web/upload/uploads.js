import { ApiError, getImage, requestUpload, sendFile } from "../core/api.js";
import { announce, element, find } from "../core/dom.js";
import { chosenFiles, droppedFiles } from "./file-entries.js";
import { formatCount, formatRejection } from "../core/format.js";
import { Queue } from "../core/queue.js";
import { addressOf } from "../address/route.js";
import { UploadRow } from "./row.js";

/** @typedef {import("../core/api.js").StoredImage} StoredImage */
/** @typedef {import("./file-entries.js").Found} Found */

/** A browser opens about six connections to a host; some stay free for the gallery. */
const CONCURRENCY = 4;
/** By the API, or by the storage when another upload came first. */
const TAKEN = [409, 412];
/** Trying again cannot help: refused by the storage, too large, not a supported type, not a valid name. */
const PERMANENT = [400, 413, 415, 422];

/** Files on their way into the bucket and then into the index. */
export class Uploads {
  #root = find("#uploads", HTMLElement);
  #list = find("ul", HTMLUListElement, this.#root);
  #summary = find("#uploads-summary", HTMLElement);
  #total = find("#uploads-total", HTMLProgressElement);
  #cancelAll = find("#uploads-cancel", HTMLButtonElement);
  #retryAll = find("#uploads-retry", HTMLButtonElement);
  #clearAll = find("#uploads-clear", HTMLButtonElement);
  #drop = find("#drop", HTMLElement);
  #conflicts = find("#uploads-conflicts", HTMLElement);
  #fold = find("#uploads-fold", HTMLButtonElement);
  /** @type {UploadRow[]} */
  #rows = [];
  #queue = new Queue(CONCURRENCY);
  #frame = 0;

  /**
   * @param {import("../core/indexing.js").IndexingPoller} poller
   * @param {object} hooks
   * @param {() => string} hooks.folder the prefix that new images go to
   * @param {(image: StoredImage) => void} hooks.onImage called when an image is stored, indexed or rejected
   */
  constructor(poller, hooks) {
    this.poller = poller;
    this.hooks = hooks;
    this.#clearAll.addEventListener("click", () => this.#clear());
    this.#cancelAll.addEventListener("click", () => this.#rows.forEach((row) => row.isUnderWay && row.cancel()));
    this.#retryAll.addEventListener("click", () => this.#failed().forEach((row) => this.#start(row)));
    this.#fold.addEventListener("click", () => this.#setFolded(this.#fold.ariaExpanded === "true"));
    for (const name of /** @type {const} */ (["keep", "replace", "skip"])) {
      find(`#uploads-${name}`, HTMLButtonElement).addEventListener("click", () => this.#resolveAll(name));
    }
    addEventListener("beforeunload", (event) => this.#onLeave(event));
  }

  /** Lets people choose files and folders, or drop them anywhere on the page. */
  enable() {
    for (const input of document.querySelectorAll(".upload input[type=file]")) {
      if (input instanceof HTMLInputElement) input.addEventListener("change", () => this.#onChosen(input));
    }
    addEventListener("dragenter", (event) => this.#onDrag(event));
    addEventListener("dragover", (event) => this.#onDrag(event));
    this.#drop.addEventListener("dragleave", () => (this.#drop.hidden = true));
    addEventListener("drop", (event) => void this.#onDrop(event));
  }

  /** @param {Found[]} found */
  #add(found) {
    if (found.length === 0) return announce("There are no pictures among these files.");
    const folder = this.hooks.folder();
    const rows = found.map(({ file, path }) => new UploadRow(file, folder + path));
    this.#rows.push(...rows);
    this.#list.append(...rows.map((row) => row.root));
    this.#setFolded(false);
    for (const row of rows) this.#start(row);
    announce(`Uploading ${formatCount(rows.length, "image")}.`);
  }

  /** @param {HTMLInputElement} input */
  #onChosen(input) {
    this.#add(chosenFiles(input.files));
    input.value = "";
  }

  /** @param {DragEvent} event */
  #onDrag(event) {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    const folder = this.hooks.folder();
    find("p", HTMLElement, this.#drop).textContent = `Drop images or folders to upload${folder && ` into ${folder}`}`;
    this.#drop.hidden = false;
  }

  /** @param {DragEvent} event */
  async #onDrop(event) {
    if (this.#drop.hidden || !event.dataTransfer) return;
    event.preventDefault();
    this.#drop.hidden = true;
    this.#add(await droppedFiles(event.dataTransfer));
  }

  /** @param {BeforeUnloadEvent} event */
  #onLeave(event) {
    if (this.#rows.some((row) => row.isUnderWay)) event.preventDefault();
  }

  /**
   * @param {UploadRow} row
   * @param {boolean} [replace]
   */
  #start(row, replace = false) {
    row.restart();
    this.#queue.add(() => this.#run(row, replace));
    row.signal.addEventListener("abort", () => this.#end(row, "cancelled", "Cancelled", [this.#againButton(row)]));
    this.#showSummary();
  }

  /**
   * Sends one file. Its indexing is followed without holding up the next file.
   *
   * @param {UploadRow} row
   * @param {boolean} replace
   */
  async #run(row, replace) {
    const { signal } = row;
    if (signal.aborted) return;
    try {
      await send(row, replace);
      void this.#follow(row);
    } catch (error) {
      if (!signal.aborted) this.#explain(row, error);
    }
  }

  /** @param {UploadRow} row */
  async #follow(row) {
    row.show("indexing", "Being indexed");
    try {
      await getImage(row.key).then(this.hooks.onImage, ignoreNotFound);
      const [image] = await this.poller.follow(async () => [await getImage(row.key)]);
      this.hooks.onImage(image);
      this.#finish(row, image);
    } catch (error) {
      this.#explain(row, error, () => void this.#follow(row));
    }
  }

  /**
   * @param {UploadRow} row
   * @param {StoredImage} image
   */
  #finish(row, { key, state, reason }) {
    if (state === "rejected") return this.#fail(row, formatRejection(reason));
    row.show("done", "Can be found", [element("a", { href: addressOf({ key }), textContent: "Show", ariaLabel: `Show ${key}` })]);
    this.#showSummary();
  }

  /**
   * @param {UploadRow} row
   * @param {unknown} error
   * @param {() => void} [again]
   */
  #explain(row, error, again) {
    const status = error instanceof ApiError ? error.status : 0;
    if (TAKEN.includes(status)) return this.#askAbout(row);
    this.#fail(row, textOf(error, row.file), PERMANENT.includes(status) ? [] : [this.#againButton(row, again)]);
  }

  /** @param {UploadRow} row whose name is taken */
  #askAbout(row) {
    this.#end(row, "conflict", "An image with this name exists.", [
      row.button("Keep both", () => this.#resolve(row, "keep")),
      row.button("Replace", () => this.#resolve(row, "replace")),
      row.button("Skip", () => this.#resolve(row, "skip")),
    ]);
  }

  /**
   * @param {UploadRow} row
   * @param {"keep" | "replace" | "skip"} how
   */
  #resolve(row, how) {
    if (how === "skip") return this.#end(row, "cancelled", "Skipped");
    if (how === "keep") row.rename();
    this.#start(row, how === "replace");
  }

  /** @param {"keep" | "replace" | "skip"} how */
  #resolveAll(how) {
    for (const row of this.#rows) if (row.stage === "conflict") this.#resolve(row, how);
  }

  /**
   * @param {UploadRow} row
   * @param {string} text
   * @param {HTMLElement[]} [actions]
   */
  #fail(row, text, actions = []) {
    this.#end(row, "failed", text, actions);
  }

  /**
   * What somebody has to look at comes first.
   *
   * @param {UploadRow} row
   * @param {"failed" | "conflict" | "cancelled"} stage
   * @param {string} text
   * @param {HTMLElement[]} [actions]
   */
  #end(row, stage, text, actions) {
    row.show(stage, text, actions);
    if (stage !== "cancelled") this.#list.prepend(row.root);
    announce(`${row.key}: ${text}`);
    this.#showSummary();
  }

  /** @param {boolean} folded */
  #setFolded(folded) {
    this.#fold.ariaExpanded = String(!folded);
    this.#root.classList.toggle("folded", folded);
  }

  /**
   * @param {UploadRow} row
   * @param {() => void} [again]
   */
  #againButton(row, again = () => this.#start(row)) {
    return Object.assign(row.button("Try again", again), { className: "again" });
  }

  /** @returns {UploadRow[]} those that another try may help */
  #failed() {
    return this.#rows.filter((row) => row.root.querySelector(".again"));
  }

  #clear() {
    for (const row of this.#rows) if (row.isSettled) row.root.remove();
    this.#rows = this.#rows.filter((row) => !row.isSettled);
    this.#showSummary();
  }

  /** Once a frame: hundreds of rows may change together. */
  #showSummary() {
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => this.#drawSummary());
  }

  #drawSummary() {
    const settled = this.#rows.filter((row) => row.isSettled).length;
    this.#root.hidden = this.#rows.length === 0;
    this.#summary.textContent = this.#outcome();
    Object.assign(this.#total, { max: this.#rows.length || 1, value: settled, hidden: settled === this.#rows.length });
    this.#cancelAll.hidden = !this.#rows.some((row) => row.isUnderWay);
    this.#retryAll.hidden = this.#failed().length < 2;
    this.#conflicts.hidden = this.#count("conflict") < 2;
    this.#clearAll.hidden = settled === 0;
    if (settled > 0 && settled === this.#rows.length) announce(this.#outcome());
  }

  /** @returns {string} for example "24 uploaded · 6 failed · 3 under way" */
  #outcome() {
    const parts = {
      uploaded: this.#count("done"),
      failed: this.#count("failed"),
      "with a name that exists": this.#count("conflict"),
      cancelled: this.#count("cancelled"),
      "under way": this.#rows.filter((row) => !row.isSettled).length,
    };
    const said = Object.entries(parts).filter(([, count]) => count > 0);
    return said.map(([name, count]) => `${count.toLocaleString()} ${name}`).join(" · ");
  }

  /** @param {import("./row.js").Stage} stage */
  #count(stage) {
    return this.#rows.filter((row) => row.stage === stage).length;
  }
}

/**
 * @param {UploadRow} row
 * @param {boolean} replace
 */
async function send(row, replace) {
  const { type, size } = row.file;
  row.startSending();
  const content_type = type || "application/octet-stream";
  const replaced = replace ? { replace: (await getImage(row.key, row.signal)).etag } : {};
  const upload = await requestUpload({ key: row.key, content_type, size, ...replaced }, row.signal);
  await sendFile(upload, row.file, (fraction) => row.showProgress(fraction), row.signal);
}

/**
 * @param {unknown} error
 * @param {File} file
 */
function textOf(error, { type }) {
  const text = error instanceof Error ? error.message : String(error);
  return text.startsWith("content_type") ? `Files of the type ${type || "unknown"} cannot be searched.` : text;
}

/** @param {unknown} error an image may not be visible right after its upload */
function ignoreNotFound(error) {
  if (!(error instanceof ApiError && error.status === 404)) throw error;
}
