import { runMain } from "@tskube/component";
import { options, validate } from "./config.ts";
import { run } from "./server.ts";

void runMain(
  {
    name: "controller-manager",
    description: "Moves the world towards what the objects of the API ask for",
    version: "v1.35.0",
    options,
    validate,
    run: (config, context) => run(config, context, context.signal),
  },
  process,
);
