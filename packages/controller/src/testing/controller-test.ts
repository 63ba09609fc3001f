import { createMetrics, type Logger, silentLogger } from "@tskube/base";
import { FakeClock } from "@tskube/base/testing";
import { createInformers, type ResourceInfo } from "@tskube/client";
import { FakeApi } from "@tskube/client/testing";
import type { ControllerFactory, Deps } from "../controller.ts";
import { startControllers } from "../start-controllers.ts";
import { JournalRecorder } from "./journal-recorder.ts";

export interface ControllerTestOptions {
  readonly resources?: readonly ResourceInfo[];
  readonly logger?: Logger;
  readonly startMs?: number;
}

/** Controllers with everything they need, on objects in memory and a clock that stands still. */
export interface ControllerTest {
  readonly api: FakeApi;
  readonly clock: FakeClock;
  readonly deps: Deps & { readonly events: JournalRecorder };
  /** Starts controllers and lets them do what is to do now. */
  start(...factories: ControllerFactory[]): Promise<void>;
  /** Lets everything that is ready run, and time pass. */
  settle(ms?: number): Promise<void>;
  /** Stops the controllers and waits for their end. */
  stop(): Promise<void>;
}

/** `const t = controllerTest(); t.api.seed(…); await t.start(myController); expect(t.api.writes())…; await t.stop();` */
export function controllerTest(options: ControllerTestOptions = {}): ControllerTest {
  const clock = new FakeClock(options.startMs);
  const api = new FakeApi({ clock, resources: options.resources ?? [] });
  const logger = options.logger ?? silentLogger;
  const client = api.client();
  const informers = createInformers({ client, clock, logger }, { freeze: true });
  const metrics = createMetrics({ processFigures: false });
  const deps = { client, informers, listers: informers.listers, clock, events: new JournalRecorder(), logger, metrics };
  const stopping = new AbortController();
  const running: Promise<void>[] = [];

  return {
    api,
    clock,
    deps,
    async start(...factories) {
      running.push(startControllers(factories, deps, stopping.signal));
      await this.settle();
    },
    async settle(ms = 0) {
      // A write wakes a watch, which wakes a reconcile, which writes: each round lets one such circle turn.
      for (let quiet = 0, seen = api.requests.length; quiet < quietRounds; ) {
        await clock.advance(0);
        quiet = api.requests.length === seen ? quiet + 1 : 0;
        seen = api.requests.length;
      }
      if (ms > 0) {
        await clock.advance(ms);
        await this.settle();
      }
    },
    async stop() {
      stopping.abort();
      await clock.advance(0);
      await Promise.all(running);
    },
  };
}

/** So many rounds without a request mean that nothing more happens by itself. */
const quietRounds = 3;
