import { announce, find } from "../core/dom.js";

/** @typedef {import("./row.js").UploadRow} UploadRow */
/** @typedef {"keep" | "replace" | "skip"} Answer to a name that exists */
/**
 * @typedef {object} Hooks
 * @property {() => void} onCancel
 * @property {() => void} onRetry
 * @property {() => void} onClear
 * @property {(answer: Answer) => void} onAnswer to all names that exist
 */

const ANSWERS = /** @type {const} */ (["keep", "replace", "skip"]);

/** The summary above the list of uploads: their state, and the actions for all of them. */
export class UploadSummary {
  #root = find("#uploads", HTMLElement);
  #text = find("#uploads-summary", HTMLElement);
  #total = find("#uploads-total", HTMLProgressElement);
  #cancel = find("#uploads-cancel", HTMLButtonElement);
  #retry = find("#uploads-retry", HTMLButtonElement);
  #clear = find("#uploads-clear", HTMLButtonElement);
  #conflicts = find("#uploads-conflicts", HTMLElement);
  #fold = find("#uploads-fold", HTMLButtonElement);
  #frame = 0;

  /** @param {Hooks} hooks */
  constructor({ onCancel, onRetry, onClear, onAnswer }) {
    this.#cancel.addEventListener("click", onCancel);
    this.#retry.addEventListener("click", onRetry);
    this.#clear.addEventListener("click", onClear);
    this.#fold.addEventListener("click", () => this.fold(this.#fold.ariaExpanded === "true"));
    for (const answer of ANSWERS) find(`#uploads-${answer}`, HTMLButtonElement).addEventListener("click", () => onAnswer(answer));
  }

  /** @param {boolean} folded whether only this is seen, and not the files */
  fold(folded) {
    this.#fold.ariaExpanded = String(!folded);
    this.#root.classList.toggle("folded", folded);
  }

  /**
   * Once a frame: hundreds of rows may change together.
   *
   * @param {() => {rows: UploadRow[], skipped: number}} now
   */
  showSoon(now) {
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => this.#show(now()));
  }

  /** @param {{rows: UploadRow[], skipped: number}} now */
  #show({ rows, skipped }) {
    const settled = rows.filter((row) => row.isSettled).length;
    const text = outcome(rows, skipped);
    this.#root.hidden = rows.length === 0;
    this.#text.textContent = text;
    Object.assign(this.#total, { max: rows.length || 1, value: settled, hidden: settled === rows.length });
    this.#cancel.hidden = !rows.some((row) => row.isUnderWay);
    this.#retry.hidden = rows.filter((row) => row.canRetry).length < 2;
    this.#conflicts.hidden = count(rows, "conflict") < 2;
    this.#clear.hidden = settled === 0;
    if (settled > 0 && settled === rows.length) announce(text);
  }
}

/**
 * @param {UploadRow[]} rows
 * @param {number} skipped
 * @returns {string} for example "24 uploaded · 6 failed · 3 under way"
 */
function outcome(rows, skipped) {
  const parts = {
    uploaded: count(rows, "done"),
    failed: count(rows, "failed"),
    "to decide": count(rows, "conflict"),
    cancelled: count(rows, "cancelled"),
    skipped: skipped + count(rows, "skipped"),
    "under way": rows.filter((row) => !row.isSettled).length,
  };
  const said = Object.entries(parts).filter(([, number]) => number > 0);
  return said.map(([name, number]) => `${number.toLocaleString()} ${name}`).join(" · ");
}

/**
 * @param {UploadRow[]} rows
 * @param {import("./row.js").Stage} stage
 */
function count(rows, stage) {
  return rows.filter((row) => row.stage === stage).length;
}
