// usage: node get_llama.mjs DIRECTORY   (one with node_modules/node-llama-cpp)
// Asks node-llama-cpp for its CUDA backend, prebuilt only, and prints what it found as one line of JSON.
import {pathToFileURL} from "node:url";
import path from "node:path";

const entry = path.resolve(process.argv[2], "node_modules/node-llama-cpp/dist/index.js");
const {getLlama} = await import(pathToFileURL(entry));

const llama = await getLlama({gpu: "cuda", build: "never", progressLogs: true});
const vram = await llama.getVramState();
console.log(JSON.stringify({
    gpu: llama.gpu,
    buildType: llama.buildType,
    names: await llama.getGpuDeviceNames(),
    total: vram.total,
    free: vram.free,
    backends: process.report.getReport().sharedObjects.filter((file) => file.includes("ggml-cuda"))
}));
await llama.dispose();
