// Averages the weights of networks of one architecture that were trained on several styles from the same beginning: one step of Reptile
// (Nichol et al. 2018, arXiv 1803.02999), a network from which a new style takes fewer steps. The metadata names what was averaged.
//   node scripts/release/average_weights.mjs OUT.safetensors IN.safetensors...
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";

const [out, ...inputs] = process.argv.slice(2);
if (inputs.length < 2) throw new Error("expected an output and two or more .safetensors files");

const files = inputs.map((path) => {
  const bytes = readFileSync(path);
  const headerBytes = Number(bytes.readBigUInt64LE(0));
  const { __metadata__: metadata, ...tensors } = JSON.parse(bytes.subarray(8, 8 + headerBytes).toString());
  const data = bytes.subarray(8 + headerBytes);
  const values = new Float32Array(data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength));
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  return { path, metadata, tensors, values, sha256, style: JSON.parse(metadata["pocketstyle.run"]).style };
});
const [first] = files;
const shapes = JSON.stringify(first.tensors);
for (const file of files)
  if (JSON.stringify(file.tensors) !== shapes || Object.values(file.tensors).some(({ dtype }) => dtype !== "F32"))
    throw new Error(`${file.path}: expected the tensors of ${first.path}, as float32`);

const mean = first.values.map((_, i) => files.reduce((sum, { values }) => sum + values[i], 0) / files.length);
const metadata = {
  ...first.metadata,
  "pocketstyle.run": JSON.stringify({ average_of: files.map(({ style, sha256 }) => ({ style, sha256 })) }),
};
const header = Buffer.from(JSON.stringify({ __metadata__: metadata, ...first.tensors }));
const padding = Buffer.from(" ".repeat((8 - (header.length % 8)) % 8));
const length = Buffer.alloc(8);
length.writeBigUInt64LE(BigInt(header.length + padding.length));
writeFileSync(out, Buffer.concat([length, header, padding, Buffer.from(mean.buffer)]));
console.log(`${out}: the mean of ${files.map(({ style }) => style).join(", ")}`);
