export { type KubeletConfig, options as kubeletOptions, readKubeletConfiguration } from "./config.ts";
export { run, type ServerDeps } from "./server.ts";
