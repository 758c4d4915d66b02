// Pictures as the Pinecone tutorial embeds them: one at a time through all of CLIP, with an empty
// text. The steps are those of https://github.com/pinecone-io/image-search-example; the third
// argument is the precision: fp32, which transformers.js takes by default, or q8, its old default.
import {
  AutoModel,
  AutoProcessor,
  AutoTokenizer,
  CLIPTextModelWithProjection,
  RawImage,
} from "@huggingface/transformers";
import { localModel, serve } from "./protocol.mjs";

const [folder, threads, dtype = "fp32"] = process.argv.slice(2);
const name = localModel(folder);
const options = { dtype, session_options: { intraOpNumThreads: Number(threads) } };

const model = await AutoModel.from_pretrained(name, options);
const tokenizer = await AutoTokenizer.from_pretrained(name);
const processor = await AutoProcessor.from_pretrained(name);
let textModel;

async function embed(path) {
  const image = await RawImage.read(path);
  const imageInputs = await processor(image);
  const textInputs = tokenizer([""], { padding: true, truncation: true });
  const { image_embeds: vector } = await model({ ...textInputs, ...imageInputs });
  return Array.from(vector.data);
}

/** The tutorial searches by picture only; words would go through the text tower alone. */
async function embedText(text) {
  textModel ??= await CLIPTextModelWithProjection.from_pretrained(name, options);
  const { text_embeds: vector } = await textModel(tokenizer([text], { truncation: true }));
  return Array.from(vector.data);
}

await serve({ embed, embedText });
