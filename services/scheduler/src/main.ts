import { runMain } from "@tskube/component";
import { options, readKind } from "./config.ts";
import { run } from "./server.ts";

void runMain(
  {
    name: "kube-scheduler",
    description: "Assigns pods to nodes",
    version: "v1.35.0",
    options,
    readKind,
    run: (config, context) => run(config, context, context.signal),
  },
  process,
);
