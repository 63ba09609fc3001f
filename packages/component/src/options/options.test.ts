import { expect } from "chai";
import { parse } from "yaml";
import { baseOptions, clientOptions, leaderElectionOptions, servingOptions } from "./common.ts";
import { flagName, variableName } from "./names.ts";
import { boolean, integer, list, parseDurationMs, text } from "./option.ts";
import { type ConfigSpec, parseConfig } from "./parse-config.ts";
import { UsageError } from "./usage-error.ts";

const options = {
  ...baseOptions,
  ...clientOptions,
  ...servingOptions({ securePort: 10259 }),
  ...leaderElectionOptions({ resourceName: "kube-scheduler" }),
  percentage: integer("A share", { default: 50, min: 0, max: 100 }),
  isFast: boolean("Faster"),
  featureGates: list("Features"),
  colour: text("A colour"),
};

interface Given {
  readonly args?: readonly string[];
  readonly env?: Record<string, string>;
  readonly file?: string;
  readonly more?: Partial<ConfigSpec<typeof options>>;
}

function parsed({ args = [], env = {}, file, more }: Given) {
  const spec = { name: "scheduler", description: "Assigns pods", version: "1.35.0", options, ...more };
  const readFile = () => {
    if (file === undefined) throw new Error("no such file");
    return file;
  };
  return parseConfig(spec, {
    args: file === undefined ? args : ["--config", "/c.yaml", ...args],
    env,
    readFile,
    parseYaml: (one) => parse(one),
  });
}

function values(given: Given) {
  const result = parsed(given);
  if (result.kind !== "run") throw new Error(`printed ${result.text}`);
  return result.values;
}

describe("options", () => {
  it("are named alike as flags and variables", () => {
    expect(["tlsCertFile", "clientCAFile", "v", "kubeApiQps"].map(flagName)).to.deep.equal([
      "tls-cert-file",
      "client-ca-file",
      "v",
      "kube-api-qps",
    ]);
    expect(variableName("kube-proxy", "tlsCertFile")).to.equal("TSKUBE_KUBE_PROXY_TLS_CERT_FILE");
  });

  it("have their defaults, and values cannot be changed", () => {
    const found = values({});
    expect(found).to.deep.include({
      securePort: 10259,
      leaderElect: true,
      leaderElectLeaseDuration: 15_000,
      kubeconfig: undefined,
      featureGates: [],
    });
    expect(Object.isFrozen(found)).to.equal(true);
  });

  it("come from flags before the environment before the file before defaults", () => {
    const file = "percentage: 10\nisFast: true\nlog-level: debug\ncolour: red\n";
    const env = { TSKUBE_SCHEDULER_PERCENTAGE: "20", TSKUBE_SCHEDULER_COLOUR: "green" };
    const found = values({ args: ["--percentage=30"], env, file });
    expect(found).to.include({ percentage: 30, colour: "green", isFast: true, logLevel: "debug", securePort: 10259 });
  });

  it("are written as upstream's flags are", () => {
    const args = [
      "--is-fast",
      "--leader-elect=false",
      "-v",
      "4",
      "--leader-elect-retry-period",
      "1m30s",
      "--feature-gates",
      "A=true,B=false",
      "--feature-gates=C=true",
    ];
    expect(values({ args })).to.deep.include({
      isFast: true,
      leaderElect: false,
      v: 4,
      leaderElectRetryPeriod: 90_000,
      featureGates: ["A=true", "B=false", "C=true"],
    });
    expect(values({ args: ["--v=2"] }).v).to.equal(2);
  });

  it("take the file's path from the environment as well", () => {
    const found = parseConfig(
      { name: "scheduler", description: "", version: "", options },
      {
        args: [],
        env: { TSKUBE_SCHEDULER_CONFIG: "/c" },
        readFile: (path) => `colour: ${path}`,
        parseYaml: (one) => parse(one),
      },
    );
    expect(found).to.have.nested.property("values.colour", "/c");
  });

  const refused: ReadonlyArray<[string, Given, string]> = [
    ["an unknown flag", { args: ["--nope"] }, "unknown option '--nope'"],
    ["a flag without its value", { args: ["--secure-port"] }, "argument missing"],
    ["a stray word", { args: ["word"] }, "too many arguments"],
    ["a number that is none", { args: ["--percentage", "many"] }, '--percentage must be a number, not "many"'],
    ["a broken number", { args: ["--percentage", "1.5"] }, "--percentage must be a whole number"],
    [
      "a number that is too large",
      { env: { TSKUBE_SCHEDULER_PERCENTAGE: "101" } },
      'TSKUBE_SCHEDULER_PERCENTAGE must be at most 100, not "101"',
    ],
    ["a truth that is none", { args: ["--is-fast=maybe"] }, "--is-fast must be true or false"],
    ["a level that is none", { args: ["--log-level", "loud"] }, "one of debug, info"],
    ["a duration without a unit", { args: ["--leader-elect-retry-period", "15"] }, "a duration such as 15s"],
    ["an unknown setting in the file", { file: "colr: red" }, 'unknown setting "colr"'],
    ["a wrong value in the file", { file: "colour: [1]" }, "colour in /c.yaml must be text, not [1]"],
    [
      "a file that is not there",
      { args: ["--config", "/absent"] },
      "cannot read the configuration file /absent: no such file",
    ],
    ["a file that is no object", { file: "- 1" }, "must hold an object"],
    ["a foreign kind", { file: "apiVersion: v1\nkind: Pod" }, "takes no configuration of kind Pod"],
    [
      "values that do not fit together",
      { more: { validate: (found) => (found.percentage === 50 ? "fifty is odd" : undefined) } },
      "fifty is odd",
    ],
  ];
  for (const [what, given, said] of refused) {
    it(`refuse ${what} in one sentence`, () => {
      expect(() => parsed(given))
        .to.throw(UsageError, said)
        .with.property("message")
        .that.does.not.contain("\n");
    });
  }

  it("are overridden by flags where a component config kind gives them, and the document is handed on", () => {
    const file =
      "apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\npercentageOfNodesToScore: 70\nleaderElection: {leaderElect: false}\n";
    const readKind = (document: Readonly<Record<string, unknown>>) => ({
      percentage: document.percentageOfNodesToScore,
      leaderElect: (document.leaderElection as { leaderElect: boolean }).leaderElect,
    });
    const result = parsed({ file, args: ["--percentage", "80"], more: { readKind } });
    expect(result).to.have.nested.property("values.percentage", 80);
    expect(result).to.have.nested.property("values.leaderElect", false);
    expect(result).to.have.nested.property("document.kind", "KubeSchedulerConfiguration");
  });

  it("explain themselves", () => {
    expect(parsed({ args: ["--version"] })).to.deep.equal({ kind: "print", text: "scheduler 1.35.0\n" });
    const help = parsed({ args: ["--help"] });
    expect(help.kind === "print" && help.text)
      .to.contain("--secure-port <port>")
      .and.to.contain("(default 10259)")
      .and.to.contain("(default 15s)")
      .and.to.contain("TSKUBE_SCHEDULER_SECURE_PORT");
  });

  it("read durations as Go does", () => {
    const cases: ReadonlyArray<[string, number]> = [
      ["0", 0],
      ["15s", 15_000],
      ["1m30s", 90_000],
      ["1.5h", 5_400_000],
      ["250ms", 250],
    ];
    for (const [written, ms] of cases) expect(parseDurationMs(written), written).to.equal(ms);
    for (const written of ["", "s", "1", "1x", "-1s", "1s "])
      expect(() => parseDurationMs(written), written).to.throw("a duration");
  });
});
