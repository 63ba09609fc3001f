import { rename } from "node:fs/promises";
import { expect } from "chai";
import { ContainerState } from "../../types.ts";
import type { RuntimeUnderTest } from "./describe-runtime.ts";
import { expectCode } from "./expect-code.ts";
import { eventually, withPod } from "./pod.ts";

const entry = (stream: string, text: string) =>
  new RegExp(`^\\d{4}-\\d\\d-\\d\\dT[\\d:.]+(Z|[+-]\\d\\d:\\d\\d) ${stream} F ${text}$`, "m");

export function describeContainers(under: () => RuntimeUnderTest): void {
  const runtime = () => under().client.runtime;

  describe("containers", () => {
    it("takes a container from created over running to exited", () =>
      withPod(under(), async (pod) => {
        const id = await pod.create("obedient");
        const created = await pod.status(id);
        expect(created.state).to.equal(ContainerState.CONTAINER_CREATED);
        expect(created.startedAt).to.equal(0n);

        await runtime().startContainer(id);
        const running = await pod.status(id);
        expect(running.state).to.equal(ContainerState.CONTAINER_RUNNING);
        expect(running.startedAt >= created.createdAt).to.equal(true);
        expect(running.finishedAt).to.equal(0n);

        // A shell that has not set its trap yet would not hear the signal.
        const isListening = async () => ((await pod.log(id)).includes("listening") ? true : undefined);
        if (under().features.processes) await eventually(isListening);
        await runtime().stopContainer(id, 5);
        const exited = await pod.status(id);
        expect(exited.state).to.equal(ContainerState.CONTAINER_EXITED);
        expect(exited.exitCode).to.equal(0);
        expect(exited.reason).to.equal("Completed");
        expect(exited.finishedAt >= running.startedAt).to.equal(true);
      }));

    it("remembers the exit code of a program that fails", () =>
      withPod(under(), async (pod) => {
        const { exitCode, reason } = await pod.exited(await pod.start("fails"));
        expect({ exitCode, reason }).to.deep.equal({ exitCode: 3, reason: "Error" });
      }));

    it("kills a container that does not stop within its grace", () =>
      withPod(under(), async (pod) => {
        const id = await pod.start("stubborn");
        await runtime().stopContainer(id, 1);
        const { state, exitCode, reason } = await pod.status(id);
        expect({ state, exitCode, reason }).to.deep.equal({
          state: ContainerState.CONTAINER_EXITED,
          exitCode: 137,
          reason: "Error",
        });
      }));

    it("stops and removes what is stopped or gone without complaint", () =>
      withPod(under(), async (pod) => {
        const id = await pod.start("succeeds");
        await pod.exited(id);
        await runtime().stopContainer(id, 1);
        await runtime().removeContainer(id);
        await runtime().removeContainer(id);
        await expectCode(runtime().containerStatus(id), "NOT_FOUND");
      }));

    it("starts a container once only", () =>
      withPod(under(), async (pod) => {
        const id = await pod.start("succeeds");
        await pod.exited(id);
        const error = await runtime()
          .startContainer(id)
          .catch((thrown: unknown) => thrown);
        expect(error).to.be.instanceOf(Error);
      }));

    it("fails to start a program that is not there, and says which", () =>
      withPod(under(), async (pod) => {
        const id = await pod.create("missing");
        const error = await runtime()
          .startContainer(id)
          .catch((thrown: unknown) => thrown);
        expect(String(error)).to.contain("no-such-program");
        const { state, exitCode, reason } = await pod.status(id);
        expect(state).to.equal(ContainerState.CONTAINER_EXITED);
        expect(exitCode).to.equal(128);
        expect(reason).to.equal("StartError");
      }));

    it("refuses an image that is not on the node", () =>
      withPod(under(), (pod) =>
        expectCode(pod.create("obedient", { image: { image: "localhost/no-such-image:1" } }), "NOT_FOUND"),
      ));

    it("lists containers by sandbox, state and label", () =>
      withPod(under(), (other) =>
        withPod(under(), async (pod) => {
          await other.create("obedient");
          const id = await pod.start("obedient");
          const list = (filter: {
            podSandboxId?: string;
            state?: ContainerState;
            labelSelector?: Record<string, string>;
          }) =>
            runtime().listContainers({
              id: "",
              podSandboxId: filter.podSandboxId ?? "",
              state: filter.state === undefined ? undefined : { state: filter.state },
              labelSelector: filter.labelSelector ?? {},
            });
          expect((await list({ podSandboxId: pod.sandboxId })).map((one) => one.id)).to.deep.equal([id]);
          expect((await list({ labelSelector: pod.config.labels })).map((one) => one.id)).to.deep.equal([id]);
          expect(await list({ podSandboxId: pod.sandboxId, state: ContainerState.CONTAINER_EXITED })).to.deep.equal([]);
        }),
      ));

    it("logs both streams in the CRI format", () =>
      withPod(under(), async (pod) => {
        const id = await pod.start("speaks");
        await pod.exited(id);
        const log = await pod.log(id);
        expect(log).to.match(entry("stdout", "to stdout"));
        expect(log).to.match(entry("stderr", "to stderr"));
      }));

    it("goes on in a new log file after rotation", async function () {
      if (!under().features.processes) this.skip(); // the fake runs no processes whose files or signals could be looked at
      await withPod(under(), async (pod) => {
        const command = ["sh", "-c", "i=0; while :; do echo line $i; i=$((i+1)); sleep 0.05; done"];
        const id = await pod.start("obedient", { command });
        const { logPath } = await pod.status(id);
        const hasLines = async () => ((await pod.log(id).catch(() => "")).includes("line") ? true : undefined);
        await eventually(hasLines);
        await rename(logPath, `${logPath}.1`);
        await runtime().reopenContainerLog(id);
        await eventually(hasLines);
      });
    });

    it("runs commands and tells their exit codes", async function () {
      if (!under().features.processes) this.skip(); // the fake runs no processes whose files or signals could be looked at
      await withPod(under(), async (pod) => {
        const id = await pod.start("obedient");
        const { stdout, stderr, exitCode } = await runtime().execSync(
          id,
          ["sh", "-c", "echo out; echo err >&2; exit 4"],
          10,
        );
        expect([stdout.toString(), stderr.toString(), exitCode]).to.deep.equal(["out\n", "err\n", 4]);
      });
    });

    it("gives a command up when its time is over", async function () {
      if (!under().features.processes) this.skip(); // the fake runs no processes whose files or signals could be looked at
      await withPod(under(), async (pod) => {
        const id = await pod.start("obedient");
        const begin = Date.now();
        await expectCode(runtime().execSync(id, ["sleep", "20"], 1), "DEADLINE_EXCEEDED");
        expect(Date.now() - begin).to.be.lessThan(8_000);
      });
    });

    it("has figures for running containers", () =>
      withPod(under(), async (pod) => {
        const id = await pod.start("obedient");
        const stats = await runtime().containerStats(id);
        expect(stats.attributes?.id).to.equal(id);
        expect(stats.cpu?.usageCoreNanoSeconds).to.not.equal(undefined);
        expect(stats.memory?.workingSetBytes).to.not.equal(undefined);
        const listed = await runtime().listContainerStats({ id: "", podSandboxId: pod.sandboxId, labelSelector: {} });
        expect(listed.map(({ attributes }) => attributes?.id)).to.deep.equal([id]);
      }));

    it("does nothing in containers that do not run", () =>
      withPod(under(), async (pod) => {
        const id = await pod.create("obedient");
        const error = await runtime()
          .execSync(id, ["true"], 1)
          .catch((thrown: unknown) => thrown);
        expect(error).to.be.instanceOf(Error);
      }));
  });
}
