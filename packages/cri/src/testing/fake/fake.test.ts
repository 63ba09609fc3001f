import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createCriClient } from "../../client/create-client.ts";
import { serveCri } from "../../server/serve.ts";
import type { ContainerConfig } from "../../types.ts";
import { describeRuntime } from "../suite/describe-runtime.ts";
import { suitePrograms } from "../suite/programs.ts";
import type { FakeBehaviour } from "./behaviour.ts";
import { createFakeCri } from "./create.ts";

const declared: Array<[program: readonly string[], behaviour: FakeBehaviour]> = [
  [suitePrograms.stubborn, { ignoresStop: true }],
  [suitePrograms.succeeds, { exitAfterMs: 0 }],
  [suitePrograms.fails, { exitAfterMs: 0, exitCode: 3 }],
  [suitePrograms.speaks, { exitAfterMs: 0, logs: [{ text: "to stdout" }, { stream: "stderr", text: "to stderr" }] }],
  [suitePrograms.missing, { startError: 'exec: "no-such-program": executable file not found in $PATH' }],
];

function behaviours({ command }: ContainerConfig): FakeBehaviour {
  return declared.find(([program]) => program.join(" ") === command.join(" "))?.[1] ?? {};
}

const make = async (hasEvents: boolean) => {
  const dir = await mkdtemp(join(tmpdir(), "tskube-cri-"));
  const fake = createFakeCri({ present: ["suite:1"], behaviours, hasEvents });
  const socket = join(dir, "cri.sock");
  const server = await serveCri(socket, fake.runtime, fake.images);
  const client = createCriClient(socket);
  return {
    client,
    image: "suite:1",
    logRoot: join(dir, "logs"),
    features: { events: hasEvents, processes: false },
    async close() {
      client.close();
      await server.close();
      await rm(dir, { recursive: true });
    },
  };
};

describeRuntime("fake, over its socket", () => make(true));
describeRuntime("fake without events", () => make(false));
