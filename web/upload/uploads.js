import { ApiError, getImage, requestUpload, sendFile } from "../core/api.js";
import { announce, element, find } from "../core/dom.js";
import { chosenFiles } from "./file-entries.js";
import { explainRejection, formatCount } from "../core/format.js";
import { serveDrops } from "./drop-zone.js";
import { Queue } from "../core/queue.js";
import { urlOf } from "../url/route.js";
import { checksum } from "./checksum.js";
import { UploadRow } from "./row.js";
import { contentType, isMeant, objection } from "./rules.js";
import { showToast } from "../core/toasts.js";
import { UploadSummary } from "./summary.js";

/** @typedef {import("../core/api.js").StoredImage} StoredImage */
/** @typedef {import("../core/api.js").UploadRules} UploadRules */
/** @typedef {import("./file-entries.js").Found} Found */

/** A browser opens about six connections to a host; some stay free for the gallery. */
const CONCURRENCY = 4;
/** Statuses of a name that exists: of the API, or of the storage if another upload came first. */
const TAKEN = [409, 412];
/** Statuses that a retry cannot change: refused by the storage, too large, unsupported type, invalid name. */
const PERMANENT = [400, 413, 415, 422];

/** Files on their way into the bucket and then into the index. */
export class Uploads {
  #list = find("#uploads ul", HTMLUListElement);
  #summary = new UploadSummary({
    onCancel: () => this.#rows.forEach((row) => row.isUnderWay && row.cancel()),
    onRetry: () => this.#rows.forEach((row) => row.canRetry && this.#start(row)),
    onClear: () => this.#clear(),
    onAnswer: (answer) => this.#rows.forEach((row) => row.stage === "conflict" && this.#resolve(row, answer)),
  });
  /** @type {UploadRow[]} */
  #rows = [];
  /** The number of skipped files since the list was cleared. */
  #skipped = 0;
  #queue = new Queue(CONCURRENCY);
  /** @type {UploadRules | undefined} */
  #rules;

  /**
   * @param {import("../core/indexing.js").IndexingPoller} poller
   * @param {object} hooks
   * @param {() => Promise<UploadRules | undefined>} hooks.rules
   * @param {() => string} hooks.folder the prefix that new images go to
   * @param {(image: StoredImage) => void} hooks.onImage called when an image is stored, indexed or rejected
   */
  constructor(poller, hooks) {
    this.poller = poller;
    this.hooks = hooks;
    addEventListener("beforeunload", (event) => this.#onLeave(event));
  }

  /** Lets people choose files and folders, or drop them anywhere on the page. */
  enable() {
    for (const input of document.querySelectorAll(".upload input[type=file]")) {
      if (input instanceof HTMLInputElement) input.addEventListener("change", () => this.#onChosen(input));
    }
    serveDrops(this.hooks.folder, (found) => void this.#add(found));
  }

  /** @param {Found[]} found */
  async #add(found) {
    const folder = this.hooks.folder();
    this.#rules = await this.hooks.rules();
    const meant = found.filter((one) => isMeant(one, this.#rules));
    this.#skipped += found.length - meant.length;
    if (meant.length === 0) return void showToast("There are no images among these files.");
    const rows = meant.map(({ file, path }) => new UploadRow(file, folder + path));
    this.#rows.push(...rows);
    this.#list.append(...rows.map((row) => row.root));
    this.#summary.fold(false);
    for (const row of rows) this.#begin(row);
    announce(`Uploading ${formatCount(rows.length, "image")}.`);
  }

  /** @param {HTMLInputElement} input */
  #onChosen(input) {
    void this.#add(chosenFiles(input.files));
    input.value = "";
  }

  /** @param {BeforeUnloadEvent} event */
  #onLeave(event) {
    if (this.#rows.some((row) => row.isUnderWay)) event.preventDefault();
  }

  /**
   * Files that would be rejected are not sent.
   *
   * @param {UploadRow} row
   */
  #begin(row) {
    const reason = objection(row.file, this.#rules);
    if (reason) this.#fail(row, reason);
    else this.#start(row);
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
      await send(row, contentType(row.file, this.#rules), replace);
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
  #finish(row, { key, state, reason, detail }) {
    if (state === "rejected") return this.#fail(row, explainRejection({ reason, detail }));
    row.show("done", "Can be found", [element("a", { href: urlOf({ key }), textContent: "Show", ariaLabel: `Show ${key}` })]);
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
    const actions = PERMANENT.includes(status) ? [] : [this.#againButton(row, again)];
    this.#fail(row, error instanceof Error ? error.message : String(error), actions);
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
   * @param {import("./summary.js").Answer} how
   */
  #resolve(row, how) {
    if (how === "skip") return this.#end(row, "skipped", "Skipped");
    if (how === "keep") row.rename();
    this.#start(row, how === "replace");
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
   * Rows that need attention come first.
   *
   * @param {UploadRow} row
   * @param {import("./row.js").Stage} stage
   * @param {string} text
   * @param {HTMLElement[]} [actions]
   */
  #end(row, stage, text, actions) {
    row.show(stage, text, actions);
    if (stage === "failed" || stage === "conflict") this.#list.prepend(row.root);
    announce(`${row.key}: ${text}`);
    this.#showSummary();
  }

  /**
   * @param {UploadRow} row
   * @param {() => void} [again]
   */
  #againButton(row, again = () => this.#start(row)) {
    return Object.assign(row.button("Try again", again), { className: "again" });
  }

  #clear() {
    for (const row of this.#rows) if (row.isSettled) row.root.remove();
    this.#rows = this.#rows.filter((row) => !row.isSettled);
    this.#skipped = 0;
    this.#showSummary();
  }

  #showSummary() {
    this.#summary.showSoon(() => ({ rows: this.#rows, skipped: this.#skipped }));
  }
}

/**
 * @param {UploadRow} row
 * @param {string} content_type
 * @param {boolean} replace
 */
async function send(row, content_type, replace) {
  row.startSending();
  const replaced = replace ? { replace: (await getImage(row.key, row.signal)).etag } : {};
  const sha256 = await checksum(row.file);
  const upload = await requestUpload({ key: row.key, content_type, size: row.file.size, sha256, ...replaced }, row.signal);
  await sendFile(upload, row.file, (fraction) => row.showProgress(fraction), row.signal);
}

/** @param {unknown} error an image may not be visible right after its upload */
function ignoreNotFound(error) {
  if (!(error instanceof ApiError && error.status === 404)) throw error;
}
