/** Runs tasks a few at a time, in the order in which they were added. */
export class Queue {
  /** @type {(() => Promise<void>)[]} */
  #tasks = [];
  #running = 0;
  /** @type {(() => void)[]} */
  #waiting = [];

  /** @param {number} width how many run at a time */
  constructor(width) {
    this.width = width;
  }

  /** @param {() => Promise<void>} task must not reject */
  add(task) {
    this.#tasks.push(task);
    this.#next();
  }

  /** Starts all remaining tasks at once, because the page is being left. */
  flush() {
    while (this.#tasks.length > 0) this.#start();
  }

  /** @returns {Promise<void>} once there is nothing left to do */
  get idle() {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#tellIfIdle();
    });
  }

  #tellIfIdle() {
    if (this.#running > 0) return;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  #next() {
    if (this.#running < this.width) this.#start();
  }

  #start() {
    const task = this.#tasks.shift();
    if (!task) return;
    this.#running += 1;
    void task().finally(() => {
      this.#running -= 1;
      this.#next();
      this.#tellIfIdle();
    });
  }
}
