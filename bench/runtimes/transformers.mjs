// CLIP in transformers.js. "both fp32" embeds as the Pinecone tutorial does: one image at a time
// through both towers, with an empty text, in the library's default precision
// (https://github.com/pinecone-io/image-search-example). "vision q8" is the library at its best:
// the vision tower alone, quantised.
import { basename, dirname } from "node:path";
import {
  AutoModel,
  AutoProcessor,
  AutoTokenizer,
  CLIPTextModelWithProjection,
  CLIPVisionModelWithProjection,
  env,
  RawImage,
} from "@huggingface/transformers";
import { serve } from "./protocol.mjs";

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

await serve({ embed, embedText });
