// CLIP in transformers.js; program.py says what it speaks. "both fp32" embeds as the Pinecone
// tutorial does: one image at a time through both towers, with an empty text, in the library's
// default precision (https://github.com/pinecone-io/image-search-example). "vision" is
// the library at its best: the vision tower alone, quantised ("q8") or not ("fp32").
import { basename, dirname } from "node:path";
import { createInterface } from "node:readline";
import {
  AutoModel,
  AutoProcessor,
  AutoTokenizer,
  CLIPTextModelWithProjection,
  CLIPVisionModelWithProjection,
  env,
  RawImage,
} from "@huggingface/transformers";

const [folder, threads, towers, dtype] = process.argv.slice(2);
env.allowRemoteModels = false;
env.localModelPath = `${dirname(folder)}/`;
const name = basename(folder);
const options = { dtype, session_options: { intraOpNumThreads: Number(threads) } };
const both = towers === "both";

const model = await (both ? AutoModel : CLIPVisionModelWithProjection).from_pretrained(name, options);
const processor = await AutoProcessor.from_pretrained(name);
const tokenizer = await AutoTokenizer.from_pretrained(name);
let textModel;

async function embed(path) {
  const pixels = await processor(await RawImage.read(path));
  const text = both ? tokenizer([""], { padding: true, truncation: true }) : {};
  const { image_embeds: vector } = await model({ ...text, ...pixels });
  return Array.from(vector.data);
}

async function embedText(text) {
  textModel ??= await CLIPTextModelWithProjection.from_pretrained(name, options);
  const { text_embeds: vector } = await textModel(tokenizer([text], { truncation: true }));
  return Array.from(vector.data);
}

function write(vectors) {
  const { user, system } = process.cpuUsage();
  console.log(JSON.stringify({ vectors, cpu: (user + system) / 1e6 }));
}

write([]);
for await (const line of createInterface({ input: process.stdin })) {
  const { images = [], text } = JSON.parse(line);
  const vectors = text === undefined ? [] : [await embedText(text)];
  for (const path of images) vectors.push(await embed(path));
  write(vectors);
}
