import type { CriClient } from "../../client/create-client.ts";
import { describeContainers } from "./containers.ts";
import { describeEvents } from "./events.ts";
import { describeImages } from "./images.ts";
import type { SuitePrograms } from "./programs.ts";
import { describeSandboxes } from "./sandboxes.ts";

export { suitePrograms } from "./programs.ts";

/** A runtime as the suite needs it. */
export interface RuntimeUnderTest {
  readonly client: Pick<CriClient, "runtime" | "images">;
  /** An image that is on the node and in which `suitePrograms` run. */
  readonly image: string;
  /** Where pods may log; the suite makes directories in it. */
  readonly logRoot: string;
  readonly features: {
    /** GetContainerEvents. */
    readonly events: boolean;
    /** Its programs are real ones: their effects can be seen. */
    readonly processes: boolean;
  };
  close(): Promise<void>;
}

/** What every runtime behind CRI must do, as the kubelet relies on it. \`makeRuntime\` is called once. */
export function describeRuntime(name: string, makeRuntime: () => Promise<RuntimeUnderTest>): void {
  describe(`CRI runtime ${name}`, () => {
    let made: RuntimeUnderTest | undefined;
    before(async function () {
      this.timeout(60_000);
      made = await makeRuntime();
    });
    after(async function () {
      this.timeout(60_000);
      await made?.close();
    });
    const runtime = () => {
      if (!made) throw new Error("the runtime was not made");
      return made;
    };
    describeSandboxes(runtime);
    describeContainers(runtime);
    describeEvents(runtime);
    describeImages(runtime);
  });
}

export type { SuitePrograms };
