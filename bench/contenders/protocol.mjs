// What every contender speaks; protocol.py says it in words.
import { readFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { createInterface } from "node:readline";
import { env } from "@huggingface/transformers";

/** Weights as transformers.js names them: a model of a local folder, never of the network. */
export function localModel(folder) {
  env.allowRemoteModels = false;
  env.localModelPath = `${dirname(folder)}/`;
  return basename(folder);
}

/** Say that the model is loaded, then answer requests until the input ends. */
export async function serve({ embed, embedText }) {
  say({});
  for await (const line of createInterface({ input: process.stdin })) {
    say(await answer(JSON.parse(line), embed, embedText));
  }
}

async function answer({ pictures, text, vectors }, embed, embedText) {
  if (text !== undefined) {
    const start = performance.now();
    await embedText(text);
    return { seconds: (performance.now() - start) / 1000 };
  }
  const found = [];
  for (const picture of pictures) found.push(await embed(picture));
  return vectors ? { vectors: found } : {};
}

function say(answer) {
  const { user, system } = process.cpuUsage();
  const usage = { cpu: (user + system) / 1e6, memory: peakMemory() };
  process.stdout.write(`${JSON.stringify({ ...answer, ...usage })}\n`);
}

function peakMemory() {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))[1]) * 1024;
  } catch {
    return process.resourceUsage().maxRSS * 1024;
  }
}
