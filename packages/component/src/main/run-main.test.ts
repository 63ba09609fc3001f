import { EventEmitter } from "node:events";
import { expect } from "chai";
import { baseOptions } from "../options/common.ts";
import { UsageError } from "../options/usage-error.ts";
import { type MainContext, type Program, runMain } from "./run-main.ts";

/** A process that writes down what is done to it. */
function fakeHost(...args: string[]) {
  const events = new EventEmitter();
  const log: string[] = [];
  const host = {
    argv: ["node", "main.js", ...args],
    env: {},
    stdout: { write: (text: string) => log.push(`out ${text.trim()}`) },
    stderr: { write: (text: string) => log.push(`err ${text.trim()}`) },
    on: (event: string, listener: (...args: unknown[]) => void) => events.on(event, listener),
    exit: (code: number) => void log.push(`exit ${code}`),
  };
  return { host, log, emit: (event: string, ...values: unknown[]) => events.emit(event, ...values) };
}

describe("main", () => {
  const program = (run: (context: MainContext) => Promise<void>): Program<typeof baseOptions> => ({
    name: "demo",
    description: "A demonstration",
    version: "1.0.0",
    options: { ...baseOptions },
    run: (_values, context) => run(context),
  });
  const quiet = ["--log-level", "silent"];

  it("exits with 0 when the program ends", async () => {
    const { host, log } = fakeHost(...quiet);
    await runMain(
      program(async () => {}),
      host,
    );
    expect(log).to.deep.equal(["exit 0"]);
  });

  it("exits with 2 and one sentence for a wrong flag, whoever finds it", async () => {
    const flags = fakeHost("--nope");
    await runMain(
      program(async () => expect.fail("ran")),
      flags.host,
    );
    expect(flags.log).to.deep.equal(["err demo: unknown option '--nope'", "exit 2"]);
    const late = fakeHost(...quiet);
    await runMain(
      program(async () => Promise.reject(new UsageError("give --kubeconfig"))),
      late.host,
    );
    expect(late.log).to.deep.equal(["err demo: give --kubeconfig", "exit 2"]);
  });

  it("exits with 1 after a failure", async () => {
    const { host, log } = fakeHost(...quiet);
    await runMain(
      program(async () => Promise.reject(new Error("broken"))),
      host,
    );
    expect(log).to.deep.equal(["exit 1"]);
  });

  it("prints version and help without running", async () => {
    const { host, log } = fakeHost("--version");
    await runMain(
      program(async () => expect.fail("ran")),
      host,
    );
    expect(log).to.deep.equal(["out demo 1.0.0", "exit 0"]);
  });

  for (const name of ["SIGTERM", "SIGINT"]) {
    it(`stops gracefully on ${name}, and at once on the second`, async () => {
      const { host, log, emit } = fakeHost(...quiet);
      let finish: () => void = () => {};
      const running = runMain(
        program(async ({ signal }) => {
          await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
          log.push("stopping");
          await new Promise<void>((resolve) => (finish = resolve));
        }),
        host,
      );
      emit(name);
      await new Promise((resolve) => setImmediate(resolve));
      emit(name);
      finish();
      await running;
      expect(log).to.deep.equal(["stopping", "exit 130", "exit 0"]);
    });
  }

  it("ends when a rejection is left unhandled", async () => {
    const { host, log, emit } = fakeHost(...quiet);
    await runMain(
      program(async () => {
        emit("unhandledRejection", new Error("forgotten"));
      }),
      host,
    );
    expect(log[0]).to.equal("exit 1");
  });
});
