import type { CronJob, Job } from "@tskube/api";
import { formatTime } from "@tskube/apimachinery";
import { kinds } from "@tskube/client";
import { type ControllerTest, controllerTest } from "@tskube/controller/testing";
import { expect } from "chai";
import { cronJobController } from "./controller.ts";

const minute = 60_000;

describe("the cron job controller", () => {
  let t: ControllerTest;
  beforeEach(() => {
    t = controllerTest({ startMs: Date.parse("2030-01-01T00:00:30Z") });
  });
  afterEach(() => t.stop());

  const start = (spec: Partial<CronJob["spec"]> = {}, status?: CronJob["status"]) => {
    t.api.seed("CronJob", {
      apiVersion: "batch/v1",
      kind: "CronJob",
      metadata: { name: "tick", namespace: "default", creationTimestamp: formatTime(t.clock.now()) },
      spec: {
        schedule: "* * * * *",
        timeZone: "Etc/UTC",
        jobTemplate: { metadata: { labels: { app: "tick" } }, spec: { template: { spec: { containers: [] } } } },
        ...spec,
      },
      ...(status && { status }),
    });
    return t.start(cronJobController(1));
  };
  const jobs = () => t.api.store.list(kinds.Job).map((job) => job as unknown as Job);
  const status = async () => (await t.deps.client.cronjobs("default").get("tick")).status;
  const end = async (job: Job | undefined, type: "Complete" | "Failed") => {
    t.api.change("Job", `default/${job?.metadata.name}`, (one) => {
      const now = formatTime(t.clock.now());
      one.status = {
        conditions: [{ type, status: "True" }],
        startTime: now,
        ...(type === "Complete" && { completionTime: now }),
      };
    });
    await t.settle();
  };
  const reasons = () => t.deps.events.lines.map((line) => line.split(" ")[1]);

  it("starts a job at each time of its schedule, named by the minute", async () => {
    await start();
    expect(jobs()).to.have.length(0);
    await t.settle(31_000);
    const [job] = jobs();
    expect(job?.metadata.name).to.equal(`tick-${Date.parse("2030-01-01T00:01:00Z") / minute}`);
    expect(job?.metadata.labels).to.deep.equal({ app: "tick" });
    expect(job?.metadata.annotations).to.deep.equal({
      "batch.kubernetes.io/cronjob-scheduled-timestamp": "2030-01-01T00:01:00Z",
    });
    expect((await status())?.lastScheduleTime).to.equal("2030-01-01T00:01:00Z");
    expect((await status())?.active?.map(({ name }) => name)).to.deep.equal([job?.metadata.name]);
    await t.settle(minute);
    expect(jobs()).to.have.length(2);
  });

  it("takes ended jobs off its list and keeps only its history of them", async () => {
    await start({ successfulJobsHistoryLimit: 1, failedJobsHistoryLimit: 0 });
    for (let i = 0; i < 3; i++) {
      await t.settle(minute);
      await end(jobs().at(-1), i === 1 ? "Failed" : "Complete");
    }
    expect(jobs()).to.have.length(1);
    expect(await status()).to.not.have.property("active");
    expect((await status())?.lastSuccessfulTime).to.match(/^2030-01-01T00:03/);
    expect(reasons().filter((one) => one === "SawCompletedJob")).to.have.length(3);
  });

  it("starts none beside a running one where that is forbidden", async () => {
    await start({ concurrencyPolicy: "Forbid" });
    await t.settle(2 * minute);
    expect(jobs()).to.have.length(1);
    expect(reasons()).to.include("JobAlreadyActive");
    await end(jobs()[0], "Complete");
    expect(jobs()).to.have.length(2);
  });

  it("puts the new one in the place of the running one where asked to", async () => {
    await start({ concurrencyPolicy: "Replace" });
    await t.settle(minute);
    const [first] = jobs();
    await t.settle(minute);
    expect(jobs()).to.have.length(1);
    expect(jobs()[0]?.metadata.name).not.to.equal(first?.metadata.name);
  });

  it("starts nothing while suspended, nor what its deadline has passed", async () => {
    await start({ suspend: true, startingDeadlineSeconds: 15 });
    await t.settle(100_000);
    t.api.change("CronJob", "default/tick", ({ spec }) => {
      spec.suspend = false;
    });
    await t.settle();
    expect(jobs()).to.have.length(1); // 00:02:10 is within fifteen seconds of 00:02:00, and 00:01:00 is lost
  });

  it("starts one job for all runs missed, and says when they are very many", async () => {
    await start({}, { lastScheduleTime: "2029-12-01T00:00:00Z" });
    expect(jobs().map(({ metadata }) => metadata.name)).to.deep.equal([
      `tick-${Date.parse("2030-01-01T00:00:00Z") / minute}`,
    ]);
    expect(reasons()).to.include("TooManyMissedTimes");
  });

  it("says that a schedule makes no sense", async () => {
    await start({ schedule: "every now and then" });
    expect(reasons()).to.deep.equal(["UnparseableSchedule"]);
  });

  it("follows the time of its zone", async () => {
    await start({ schedule: "30 1 * * *", timeZone: "Europe/Berlin" });
    await t.settle(31 * minute);
    expect(jobs()[0]?.metadata.annotations?.["batch.kubernetes.io/cronjob-scheduled-timestamp"]).to.equal(
      "2030-01-01T00:30:00Z",
    );
  });
});
