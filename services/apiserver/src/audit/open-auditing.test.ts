import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { createMetrics, silentLogger } from "@tskube/base";
import { FakeClock } from "@tskube/base/testing";
import { expect } from "chai";
import { openAuditing } from "./open-auditing.ts";
import { type AuditConfig, auditOptions, validateAuditConfig } from "./options.ts";
import { recorded } from "./testing/events.ts";

const defaults = Object.fromEntries(
  Object.entries(auditOptions).map(([name, option]) => [name, option.default]),
) as AuditConfig;

describe("openAuditing", () => {
  let folder: string;
  let policy: string;
  let stdout: PassThrough;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tskube-auditing-"));
    policy = join(folder, "policy.yaml");
    writeFileSync(policy, "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: Metadata}]\n");
    stdout = new PassThrough();
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const open = (more: Partial<AuditConfig>) =>
    openAuditing(
      { ...defaults, ...more },
      {
        clock: new FakeClock(),
        logger: silentLogger,
        metrics: createMetrics({ processFigures: false }),
        random: () => 0,
        stdout,
      },
    );

  it("opens nothing without a policy, or without a place to write to", async () => {
    expect(await open({})).to.equal(undefined);
    expect(await open({ auditPolicyFile: policy })).to.equal(undefined);
    expect(await open({ auditLogPath: "-" })).to.equal(undefined);
  });

  it("writes to the standard output, or to a file that is there from the start", async () => {
    const printed = await open({ auditPolicyFile: policy, auditLogPath: "-", auditLogFormat: "legacy" });
    await printed?.backend.process([recorded()]);
    await printed?.close();
    expect(String(stdout.read())).to.include(' AUDIT: id="id"');
    const path = join(folder, "logs", "audit.log");
    const written = await open({ auditPolicyFile: policy, auditLogPath: path, auditLogMode: "batch" });
    expect(existsSync(path)).to.equal(true);
    await written?.backend.process([recorded(), recorded()]);
    await written?.close();
    expect(readFileSync(path, "utf8").trimEnd().split("\n")).to.have.length(2);
  });

  const refused: readonly [string, () => Partial<AuditConfig>, RegExp][] = [
    [
      "a policy that is not there",
      () => ({ auditPolicyFile: join(folder, "none"), auditLogPath: "-" }),
      /^loading audit policy file: failed to read file path ".*none"/,
    ],
    [
      "a policy that is wrong",
      () => {
        writeFileSync(policy, "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: []\n");
        return { auditPolicyFile: policy, auditLogPath: "-" };
      },
      /^loading audit policy file: loaded illegal policy with 0 rules: from file /,
    ],
    [
      "a log that cannot be written",
      () => ({ auditPolicyFile: policy, auditLogPath: join(policy, "audit.log") }),
      /^cannot open the audit log /,
    ],
    [
      "a webhook without a kubeconfig",
      () => ({ auditPolicyFile: policy, auditWebhookConfigFile: join(folder, "none") }),
      /^initializing audit webhook: cannot read kubeconfig /,
    ],
  ];
  for (const [what, config, message] of refused) {
    it(`does not start with ${what}`, async () => {
      const error = await open(config()).catch((thrown: unknown) => thrown);
      expect((error as Error).message).to.match(message);
    });
  }
});

describe("flags of audit", () => {
  const problem = (more: Partial<AuditConfig>) => validateAuditConfig({ ...defaults, auditLogPath: "-", ...more });

  it("are good as they are", () => {
    expect(validateAuditConfig(defaults)).to.equal(undefined);
    expect(problem({ auditWebhookConfigFile: "kubeconfig" })).to.equal(undefined);
  });

  const cases: readonly [Partial<AuditConfig>, string][] = [
    [{ auditLogMaxage: -1 }, "--audit-log-maxage -1 can't be a negative number"],
    [
      { auditLogMode: "batch", auditLogBatchBufferSize: 0 },
      "invalid audit batch log buffer size 0, must be a positive number",
    ],
    [
      { auditWebhookConfigFile: "kubeconfig", auditWebhookBatchThrottleQps: 0 },
      "invalid audit batch webhook throttle QPS 0, must be a positive number",
    ],
    [
      { auditLogTruncateMaxBatchSize: 10 },
      "invalid audit truncate log max batch size 10, must be greater than max event size (102400)",
    ],
  ];
  for (const [config, message] of cases) {
    it(`are refused: ${message}`, () => expect(problem(config)).to.equal(message));
  }
});
