// transformers.js at its best: the vision tower alone, quantised; one picture at a time.
import {
  AutoProcessor,
  AutoTokenizer,
  CLIPTextModelWithProjection,
  CLIPVisionModelWithProjection,
  RawImage,
} from "@huggingface/transformers";
import { localModel, serve } from "./protocol.mjs";

const [folder, threads] = process.argv.slice(2);
const name = localModel(folder);
const options = { dtype: "q8", session_options: { intraOpNumThreads: Number(threads) } };

const model = await CLIPVisionModelWithProjection.from_pretrained(name, options);
const processor = await AutoProcessor.from_pretrained(name);
let text;

async function embed(path) {
  const inputs = await processor(await RawImage.read(path));
  const { image_embeds: vector } = await model(inputs);
  return Array.from(vector.data);
}

async function embedText(words) {
  text ??= {
    tokenizer: await AutoTokenizer.from_pretrained(name),
    model: await CLIPTextModelWithProjection.from_pretrained(name, options),
  };
  const { text_embeds: vector } = await text.model(text.tokenizer([words], { truncation: true }));
  return Array.from(vector.data);
}

await serve({ embed, embedText });
