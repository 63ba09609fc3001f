import { isIP } from "node:net";
import { expect } from "chai";
import { PodSandboxState } from "../../types.ts";
import type { RuntimeUnderTest } from "./describe-runtime.ts";
import { expectCode } from "./expect-code.ts";
import { withPod } from "./pod.ts";

export function describeSandboxes(under: () => RuntimeUnderTest): void {
  const runtime = () => under().client.runtime;

  describe("sandboxes", () => {
    it("says its version and that it is ready", async () => {
      const { runtimeName, runtimeApiVersion } = await runtime().version();
      expect(runtimeName).to.not.equal("");
      expect(runtimeApiVersion).to.equal("v1");
      const { status } = await runtime().status();
      const ready = status?.conditions.map(({ type, status: isTrue }) => `${type}=${isTrue}`);
      expect(ready).to.include.members(["RuntimeReady=true", "NetworkReady=true"]);
    });

    it("runs a sandbox with an address of its own", () =>
      withPod(under(), async ({ sandboxId, config }) => {
        const { status } = await runtime().podSandboxStatus(sandboxId);
        expect(status?.state).to.equal(PodSandboxState.SANDBOX_READY);
        expect(status?.metadata).to.deep.equal(config.metadata);
        expect(status?.labels).to.deep.equal(config.labels);
        expect(isIP(status?.network?.ip ?? "")).to.be.greaterThan(0);
        expect((status?.createdAt ?? 0n) > 1_000_000_000_000_000_000n).to.equal(true);
      }));

    it("gives two sandboxes different addresses", () =>
      withPod(under(), (one) =>
        withPod(under(), async (other) => {
          const ipOf = async (id: string) => (await runtime().podSandboxStatus(id)).status?.network?.ip;
          expect(await ipOf(one.sandboxId)).to.not.equal(await ipOf(other.sandboxId));
        }),
      ));

    it("lists sandboxes by id, state and label", () =>
      withPod(under(), async ({ sandboxId, config }) => {
        const ids = async (filter: {
          id?: string;
          state?: { state: PodSandboxState };
          labels?: Record<string, string>;
        }) =>
          (
            await runtime().listPodSandbox({
              id: filter.id ?? "",
              state: filter.state,
              labelSelector: filter.labels ?? {},
            })
          ).map(({ id }) => id);
        expect(await ids({ id: sandboxId })).to.deep.equal([sandboxId]);
        expect(await ids({ labels: config.labels })).to.deep.equal([sandboxId]);
        expect(await ids({ id: sandboxId, state: { state: PodSandboxState.SANDBOX_NOTREADY } })).to.deep.equal([]);
        expect(await ids({ labels: { suite: "other" } })).to.deep.equal([]);
      }));

    it("stops a sandbox with its containers, and again without complaint", () =>
      withPod(under(), async (pod) => {
        const container = await pod.start("stubborn");
        await runtime().stopPodSandbox(pod.sandboxId);
        await runtime().stopPodSandbox(pod.sandboxId);
        const { status } = await runtime().podSandboxStatus(pod.sandboxId);
        expect(status?.state).to.equal(PodSandboxState.SANDBOX_NOTREADY);
        expect((await pod.exited(container)).exitCode).to.equal(137);
      }));

    it("removes a running sandbox with everything in it, and again without complaint", async () => {
      let id = "";
      let container = "";
      await withPod(under(), async (pod) => {
        id = pod.sandboxId;
        container = await pod.start("obedient");
      });
      await runtime().removePodSandbox(id);
      await expectCode(runtime().podSandboxStatus(id), "NOT_FOUND");
      await expectCode(runtime().containerStatus(container), "NOT_FOUND");
    });

    it("refuses containers in a sandbox that is stopped", () =>
      withPod(under(), async (pod) => {
        await runtime().stopPodSandbox(pod.sandboxId);
        const error = await pod.start("obedient").catch((thrown: unknown) => thrown);
        expect(error).to.be.instanceOf(Error);
      }));
  });
}
