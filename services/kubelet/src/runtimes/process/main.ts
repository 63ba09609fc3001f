import { runMain } from "@tskube/component";
import { options } from "./config.ts";
import { run } from "./server.ts";

void runMain(
  {
    name: "runtime-process",
    description: "Runs containers by the means of the machine itself, as CRI v1",
    version: "v0.1.0",
    options,
    run: (config, context) => run(config, context, context.signal),
  },
  process,
);
