import type { Job, Pod } from "@tskube/api";
import { kinds } from "@tskube/client";
import { type ControllerTest, controllerTest } from "@tskube/controller/testing";
import { expect } from "chai";
import { jobController } from "./controller.ts";
import { indexOf } from "./kinds.ts";

function aJob(spec: Partial<Job["spec"]> = {}): Job {
  const labels = { "batch.kubernetes.io/job-name": "work" };
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name: "work", namespace: "default", generation: 1 },
    spec: {
      parallelism: 1,
      completions: 1,
      backoffLimit: 6,
      completionMode: "NonIndexed",
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { restartPolicy: "Never", containers: [{ name: "c", image: "w:1" }] } },
      ...spec,
    },
  };
}

describe("the job controller", () => {
  let t: ControllerTest;
  beforeEach(() => {
    t = controllerTest();
  });
  afterEach(() => t.stop());

  const start = (spec: Partial<Job["spec"]> = {}) => {
    t.api.seed("Job", aJob(spec));
    return t.start(jobController(1));
  };
  const pods = () => t.api.store.list(kinds.Pod).map((pod) => pod as unknown as Pod);
  const running = () => pods().filter(({ status }) => status?.phase !== "Succeeded" && status?.phase !== "Failed");
  const indexes = () => running().map(indexOf);
  const status = async () => (await t.deps.client.jobs("default").get("work")).status;
  const conditions = async () =>
    Object.fromEntries(((await status())?.conditions ?? []).map((one) => [`${one.type}=${one.status}`, one.reason]));
  const end = async (pod: Pod | undefined, phase: string, exitCode = phase === "Failed" ? 1 : 0) => {
    t.api.change("Pod", `default/${pod?.metadata.name}`, (one) => {
      const terminated = { exitCode, finishedAt: new Date(t.clock.now()).toISOString() };
      one.status = { phase, containerStatuses: [{ name: "c", state: { terminated } }] } as Pod["status"];
    });
    await t.settle();
  };
  const change = async (edit: (spec: Job["spec"]) => void) => {
    t.api.change("Job", "default/work", ({ spec }) => edit(spec));
    await t.settle();
  };

  it("runs as many at once as may run, until enough have succeeded", async () => {
    await start({ completions: 3, parallelism: 2 });
    expect(running()).to.have.length(2);
    expect(await status()).to.deep.include({ active: 2, ready: 0 });
    for (let i = 0; i < 3; i++) await end(running()[0], "Succeeded");
    expect(running()).to.have.length(0);
    const final = await status();
    expect(final).to.deep.include({ succeeded: 3, uncountedTerminatedPods: {} });
    expect(final?.completionTime).to.be.a("string");
    expect(await conditions()).to.deep.equal({
      "SuccessCriteriaMet=True": "CompletionsReached",
      "Complete=True": "CompletionsReached",
    });
    expect(pods().flatMap(({ metadata }) => metadata.finalizers ?? [])).to.deep.equal([]);
    expect(t.deps.events.lines.at(-1)).to.equal("Normal Completed default/work: Job completed");
  });

  it("waits longer with each failure and gives up at its limit", async () => {
    await start({ backoffLimit: 1 });
    await end(running()[0], "Failed");
    expect(running()).to.have.length(0);
    await t.settle(9_900);
    expect(running()).to.have.length(0);
    await t.settle(200);
    expect(running()).to.have.length(1);
    await end(running()[0], "Failed");
    expect(await conditions()).to.deep.equal({
      "FailureTarget=True": "BackoffLimitExceeded",
      "Failed=True": "BackoffLimitExceeded",
    });
    expect((await status())?.failed).to.equal(2);
    expect(t.deps.events.lines.at(-1)).to.equal(
      "Warning BackoffLimitExceeded default/work: Job has reached the specified backoff limit",
    );
  });

  it("does every index once", async () => {
    await start({ completions: 3, parallelism: 3, completionMode: "Indexed" });
    expect(indexes()).to.have.members([0, 1, 2]);
    const [pod] = pods();
    expect(pod?.spec.containers[0]?.env?.[0]?.name).to.equal("JOB_COMPLETION_INDEX");
    expect(pod?.spec.hostname).to.equal(`work-${pod && indexOf(pod)}`);
    for (const one of [...pods()]) await end(one, "Succeeded");
    expect(await status()).to.deep.include({ succeeded: 3, completedIndexes: "0-2" });
    expect(await conditions()).to.include.keys("Complete=True");
  });

  it("counts failures of each index apart where asked to, and finishes the others", async () => {
    await start({
      completions: 2,
      parallelism: 2,
      completionMode: "Indexed",
      backoffLimit: 2 ** 31 - 1,
      backoffLimitPerIndex: 0,
    });
    await end(
      running().find((pod) => indexOf(pod) === 0),
      "Failed",
    );
    expect(indexes()).to.deep.equal([1]);
    await end(running()[0], "Succeeded");
    expect(await status()).to.deep.include({ failedIndexes: "0", completedIndexes: "1" });
    expect(await conditions()).to.include({ "Failed=True": "FailedIndexes" });
  });

  it("ends early by its success policy, and takes away what still runs", async () => {
    const successPolicy = { rules: [{ succeededIndexes: "0", succeededCount: 1 }] };
    await start({ completions: 3, parallelism: 3, completionMode: "Indexed", successPolicy });
    await end(
      running().find((pod) => indexOf(pod) === 0),
      "Succeeded",
    );
    await t.settle();
    expect(running().filter(({ metadata }) => !metadata.deletionTimestamp)).to.have.length(0);
    expect(await conditions()).to.include({ "SuccessCriteriaMet=True": "SuccessPolicy" });
  });

  it("obeys its failure policy: some exits end it at once, some do not count", async () => {
    const rules = [
      { action: "FailJob", onExitCodes: { operator: "In", values: [42] } },
      { action: "Ignore", onExitCodes: { operator: "In", values: [7] } },
    ];
    await start({ backoffLimit: 0, podFailurePolicy: { rules } });
    await end(running()[0], "Failed", 7);
    expect(running()).to.have.length(1);
    await end(running()[0], "Failed", 42);
    const failed = (await status())?.conditions?.find(({ type }) => type === "Failed");
    expect(failed?.reason).to.equal("PodFailurePolicy");
    expect(failed?.message).to.match(
      /^Container c for pod default\/work-\w+ failed with exit code 42 matching FailJob rule at index 0$/,
    );
  });

  it("is stopped by its deadline", async () => {
    await start({ activeDeadlineSeconds: 30 });
    expect(running()).to.have.length(1);
    await t.settle(31_000);
    expect(await conditions()).to.include({ "FailureTarget=True": "DeadlineExceeded" });
    expect(running().filter(({ metadata }) => !metadata.deletionTimestamp)).to.have.length(0);
  });

  it("has no pods while suspended, and none of them counts as failed", async () => {
    await start({ parallelism: 2, completions: 2 });
    await change((spec) => {
      spec.suspend = true;
    });
    expect(running()).to.have.length(0);
    expect(await conditions()).to.deep.equal({ "Suspended=True": "JobSuspended" });
    expect((await status())?.startTime).to.equal(undefined);
    await change((spec) => {
      spec.suspend = false;
    });
    expect(running()).to.have.length(2);
    expect((await status())?.failed).to.equal(undefined);
    expect(await conditions()).to.deep.equal({ "Suspended=False": "JobResumed" });
  });

  it("lets pods go whose job is gone", async () => {
    await start();
    expect(pods()[0]?.metadata.finalizers).to.deep.equal(["batch.kubernetes.io/job-tracking"]);
    t.api.remove(kinds.Job, "default/work");
    await t.settle();
    expect(pods()[0]?.metadata.finalizers ?? []).to.deep.equal([]);
  });

  it("leaves jobs to other controllers that are named", async () => {
    await start({ managedBy: "example.com/queue" });
    expect(pods()).to.have.length(0);
  });
});
