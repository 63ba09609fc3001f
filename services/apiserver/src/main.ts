import { runMain } from "@tskube/component";
import { options, validateConfig } from "./config.ts";
import { run } from "./server.ts";
import { gitVersion } from "./version.ts";

void runMain(
  {
    name: "apiserver",
    version: gitVersion,
    description: "The front of the cluster: serves the Kubernetes API from a store",
    options,
    validate: validateConfig,
    run: (config, context) => run(config, context, context.signal),
  },
  process,
);
