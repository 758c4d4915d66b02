// What every runtime's program speaks; protocol.py says it in words.
import { existsSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";

const STATUS = "/proc/self/status";

/** Say that the model is loaded, then answer requests until the input ends. */
export async function serve({ embed, embedText }) {
  write({});
  for await (const line of createInterface({ input: process.stdin })) {
    write(await answer(JSON.parse(line), embed, embedText));
  }
}

async function answer({ images, text }, embed, embedText) {
  if (text !== undefined) {
    const start = performance.now();
    await embedText(text);
    return { seconds: (performance.now() - start) / 1000 };
  }
  const vectors = [];
  for (const path of images) vectors.push(await embed(path));
  return { vectors };
}

function write(answer) {
  const { user, system } = process.cpuUsage();
  const usage = { cpu: (user + system) / 1e6, memory: peakMemory() };
  process.stdout.write(`${JSON.stringify({ ...answer, ...usage })}\n`);
}

function peakMemory() {
  const status = existsSync(STATUS) ? readFileSync(STATUS, "utf8") : "VmHWM: 0 kB";
  return Number(/VmHWM:\s+(\d+)/.exec(status)[1]) * 1024;
}
