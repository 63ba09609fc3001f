import { runMain } from "@tskube/component";
import { options, readKubeletConfiguration, validate } from "./config.ts";
import { run } from "./server.ts";
import { kubeletVersion } from "./version.ts";

void runMain(
  {
    name: "kubelet",
    description: "Runs the pods of one node",
    version: kubeletVersion,
    options,
    readKind: readKubeletConfiguration,
    validate,
    run: (config, context) => run(config, context, context.signal),
  },
  process,
);
