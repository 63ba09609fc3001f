import type { CronJob, Job } from "@tskube/api";
import { checkCases } from "../testing/errors-of.ts";
import { jobs } from "./job-strategy.ts";
import { validateCronJob } from "./validate-cron-job.ts";
import { validateJob } from "./validate-job.ts";

const template = { spec: { restartPolicy: "Never", containers: [{ name: "c", image: "i" }] } };
const job = (spec: object) => ({ metadata: { name: "x", uid: "u" }, spec: { template, ...spec } });
const indexed = (spec: object) => job({ completionMode: "Indexed", completions: 5, ...spec });
const failing = (rule: object, more: object = {}) => job({ podFailurePolicy: { rules: [rule] }, ...more });
const rule0 = "spec.podFailurePolicy.rules[0]";

/** As the registry does before it asks. */
function validatePrepared(one: Job) {
  jobs.prepareForCreate?.(one);
  return validateJob(one);
}

describe("a job", () => {
  checkCases<Job>(["batch/v1", "Job"], validatePrepared, [
    ["needs no more than a template", job({}), []],
    [
      "is managed by a name below a domain",
      job({ managedBy: "me" }),
      ['spec.managedBy: Invalid value: "me": must be a domain-prefixed path (such as "acme.io/foo")'],
    ],
    [
      "has limits per index only with indexes",
      job({ backoffLimitPerIndex: 1 }),
      ["spec.backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode"],
    ],
    [
      "fails no more indexes than it has",
      indexed({ backoffLimitPerIndex: 1, maxFailedIndexes: 6 }),
      ["spec.maxFailedIndexes: Invalid value: 6: must be less than or equal to completions"],
    ],
    [
      "with very many indexes says how many may fail",
      indexed({ completions: 200_000, parallelism: 20_000, backoffLimitPerIndex: 1 }),
      [
        "spec.maxFailedIndexes: Required value: must be specified when completions is above 100000",
        "spec.parallelism: Invalid value: 20000: must be less than or equal to 10000 when completions are above 100000 and used with backoff limit per index",
      ],
    ],
    [
      "looks at failures by exit codes or conditions",
      failing({ action: "FailJob" }),
      [`${rule0}: Invalid value: specifying one of OnExitCodes and OnPodConditions is required`],
    ],
    [
      "looks at exit codes in order, once each, and not at success",
      failing({ action: "FailIndex", onExitCodes: { containerName: "d", operator: "In", values: [5, 0, 5] } }),
      [
        `${rule0}.action: Invalid value: "FailIndex": requires the backoffLimitPerIndex to be set`,
        `${rule0}.onExitCodes.containerName: Invalid value: "d": must be one of the container or initContainer names in the pod template`,
        `${rule0}.onExitCodes.values[1]: Invalid value: 0: must not be 0 for the In operator`,
        `${rule0}.onExitCodes.values[2]: Duplicate value: 5`,
        `${rule0}.onExitCodes.values: Invalid value: [5,0,5]: must be ordered`,
      ],
    ],
    [
      "knows few actions and statuses",
      failing({ action: "Cry", onPodConditions: [{ type: "Disrupted", status: "Maybe" }] }),
      [
        `${rule0}.action: Unsupported value: "Cry": supported values: "Count", "FailIndex", "FailJob", "Ignore"`,
        `${rule0}.onPodConditions[0].status: Unsupported value: "Maybe": supported values: "False", "True", "Unknown"`,
      ],
    ],
    [
      "that looks at failures replaces pods only when they have failed",
      failing(
        { action: "Count", onExitCodes: { operator: "NotIn", values: [0] } },
        { podReplacementPolicy: "TerminatingOrFailed" },
      ),
      ['spec.podReplacementPolicy: Unsupported value: "TerminatingOrFailed": supported values: "Failed"'],
    ],
    [
      "succeeds early only with indexes",
      job({ successPolicy: { rules: [{ succeededCount: 1 }] } }),
      ['spec.successPolicy: Invalid value: {"rules":[{"succeededCount":1}]}: requires indexed completion mode'],
    ],
    [
      "succeeds early by what can be",
      indexed({
        successPolicy: { rules: [{ succeededIndexes: "0,2-3", succeededCount: 4 }, {}, { succeededIndexes: "3,1" }] },
      }),
      [
        "spec.successPolicy.rules[0].succeededCount: Invalid value: 4: must be less than or equal to 3 (the number of indexes in the specified succeededIndexes field)",
        "spec.successPolicy.rules[1]: Required value: at least one of succeededCount or succeededIndexes must be specified",
        'spec.successPolicy.rules[2].succeededIndexes: Invalid value: "3,1": error parsing succeededIndexes: non-increasing order, previous: 3, current: 1',
      ],
    ],
    [
      "has pods whose names are hosts'",
      { ...indexed({}), metadata: { name: "a.b", uid: "u" } },
      ['metadata.name: Invalid value: "a.b": will not able to create pod with invalid DNS label: a.b-4'],
    ],
  ]);
});

describe("a cron job", () => {
  checkCases<CronJob>(["batch/v1", "CronJob"], validateCronJob, [
    [
      "makes jobs that are right",
      { spec: { schedule: "@daily", jobTemplate: { spec: { template, backoffLimitPerIndex: 2 } } } },
      ["spec.jobTemplate.spec.backoffLimitPerIndex: Invalid value: 2: requires indexed completion mode"],
    ],
  ]);
});
