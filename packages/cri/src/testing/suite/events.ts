import { expect } from "chai";
import { type ContainerEventResponse, ContainerEventType } from "../../types.ts";
import type { RuntimeUnderTest } from "./describe-runtime.ts";
import { expectCode } from "./expect-code.ts";
import { eventually, withPod } from "./pod.ts";

export function describeEvents(under: () => RuntimeUnderTest): void {
  const runtime = () => under().client.runtime;

  describe("events", () => {
    it("tells each step of a container's life, with the state of its pod", async function () {
      if (!under().features.events) this.skip(); // containerd before 1.7 has no event stream
      const stop = new AbortController();
      const seen: ContainerEventResponse[] = [];
      const reading = (async () => {
        for await (const event of runtime().containerEvents(stop.signal)) seen.push(event);
      })();
      await withPod(under(), async (pod) => {
        // The stream is open once the first event has come through it; events before that may be missed.
        await eventually(async () => {
          await runtime().removeContainer(await pod.create("obedient"));
          return seen.length > 0 ? true : undefined;
        });
        const id = await pod.start("fails");
        await pod.exited(id);
        await runtime().removeContainer(id);
        const own = () => seen.filter(({ containerId }) => containerId === id);
        await eventually(async () => (own().length === 4 ? true : undefined));
        expect(own().map(({ containerEventType }) => containerEventType)).to.deep.equal([
          ContainerEventType.CONTAINER_CREATED_EVENT,
          ContainerEventType.CONTAINER_STARTED_EVENT,
          ContainerEventType.CONTAINER_STOPPED_EVENT,
          ContainerEventType.CONTAINER_DELETED_EVENT,
        ]);
        const stopped = own()[2];
        expect(stopped?.podSandboxStatus?.id).to.equal(pod.sandboxId);
        expect(stopped?.containersStatuses.find((status) => status.id === id)?.exitCode).to.equal(3);
      });
      stop.abort();
      await reading;
    });

    it("says that it has no events, where it has none", async function () {
      if (under().features.events) this.skip(); // the answer of runtimes without an event stream is what is tested
      const read = async () => {
        for await (const _event of runtime().containerEvents(new AbortController().signal)) break;
      };
      await expectCode(read(), "UNIMPLEMENTED");
    });
  });
}
