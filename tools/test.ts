/**
 * `tskube test`: installs what the tests need, runs every check and suite from the fastest to the slowest, and closes with the counts.
 * `--only NAME,NAME` runs some stages; `--list` names them.
 */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { fetchClientTools } from "../cli/src/kubectl/find-kubectl.ts";
import { toolCache } from "../test/framework/cluster.ts";

interface Stage {
  readonly name: string;
  readonly argv: readonly string[];
  /** A run that takes longer is ended and has failed. */
  readonly timeoutMinutes: number;
  /** mocha counts its tests itself; any other stage is one test. */
  readonly isMocha: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

const mocha = (...args: readonly string[]) => ["npx", "mocha", "--exit", "--reporter", "spec", "--no-color", ...args];

const stages: readonly Stage[] = [
  { name: "types", argv: ["npx", "tsc", "-p", "tsconfig.json"], timeoutMinutes: 5, isMocha: false },
  { name: "lint", argv: ["npm", "run", "--silent", "lint"], timeoutMinutes: 5, isMocha: false },
  { name: "generated", argv: ["npm", "run", "--silent", "generate:check"], timeoutMinutes: 5, isMocha: false },
  { name: "build", argv: ["npm", "run", "--silent", "build"], timeoutMinutes: 5, isMocha: false },
  {
    name: "unit",
    argv: mocha(
      "packages/**/src/**/*.test.ts",
      "services/**/src/**/*.test.ts",
      "cli/src/**/*.test.ts",
      "tools/**/*.test.ts",
      "test/bench/**/*.test.ts",
    ),
    timeoutMinutes: 8,
    isMocha: true,
  },
  {
    name: "integration",
    argv: mocha("--timeout", "60000", "test/integration/**/*.test.ts"),
    timeoutMinutes: 12,
    isMocha: true,
  },
  {
    name: "conformance",
    argv: mocha("test/conformance/**/*.test.ts"),
    timeoutMinutes: 5,
    isMocha: true,
  },
  {
    name: "conformance-process",
    argv: mocha("test/conformance/**/*.test.ts"),
    env: { TSKUBE_CONFORMANCE_ON: "process" },
    timeoutMinutes: 5,
    isMocha: true,
  },
  {
    name: "clients",
    argv: mocha("--timeout", "60000", "test/clients/**/*.test.ts"),
    timeoutMinutes: 5,
    isMocha: true,
  },
  { name: "fuzz", argv: mocha("--timeout", "60000", "test/fuzz/**/*.test.ts"), timeoutMinutes: 3, isMocha: true },
  {
    name: "book",
    argv: mocha("--timeout", "60000", "test/book/**/*.test.ts"),
    timeoutMinutes: 6,
    isMocha: true,
  },
  {
    name: "e2e",
    argv: mocha("test/e2e/bare-machine.test.ts", "test/e2e/main-job.test.ts", "test/e2e/extension-server.test.ts"),
    timeoutMinutes: 15,
    isMocha: true,
  },
  {
    name: "compose",
    argv: mocha("--timeout", "600000", "test/e2e/compose.test.ts"),
    timeoutMinutes: 10,
    isMocha: true,
  },
];

/** Stages with the real kubectl and Helm. */
const needClientTools = new Set([
  "integration",
  "conformance",
  "conformance-process",
  "clients",
  "book",
  "e2e",
  "compose",
]);

/** What suites run that is not Node's. */
const debianPackages = [
  "busybox-static",
  "conntrack",
  "containerd",
  "containernetworking-plugins",
  "docker-compose",
  "docker.io",
  "etcd-server",
  "iproute2",
  "iptables",
  "nftables",
  "runc",
  "tini",
  "util-linux",
];

interface Counts {
  readonly passes: number;
  readonly failures: number;
  readonly pending: number;
}

function installDebianPackages(): void {
  if (!existsSync("/usr/bin/dpkg-query")) {
    console.log("This is not Debian: tests whose programs are missing are skipped and say so.");
    return;
  }
  const missing = debianPackages.filter((name) => {
    const query = spawnSync("dpkg-query", ["-W", "--showformat", "$" + "{db:Status-Status}", name], {
      encoding: "utf8",
    });
    return query.stdout !== "installed";
  });
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0) {
    console.log(
      `These Debian packages are missing and only root can install them: ${missing.join(" ")}. Tests that need them are skipped.`,
    );
    return;
  }
  console.log(`Installing Debian packages that the tests need: ${missing.join(" ")}`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  for (const args of [
    ["update", "-q"],
    ["install", "-y", "-q", "--no-install-recommends", ...missing],
  ]) {
    const result = spawnSync("apt-get", args, { env, encoding: "utf8", timeout: 10 * 60_000 });
    if (result.status !== 0) throw new Error(`apt-get ${args[0]} failed: ${result.stderr}`);
  }
}

/** Runs one stage to its end, showing what it prints, and says what it counted. */
async function runStage(stage: Stage): Promise<Counts> {
  console.log(`\n── ${stage.name} ──`);
  const [program = "", ...args] = stage.argv;
  const child = spawn(program, args, {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, ...stage.env },
    timeout: stage.timeoutMinutes * 60_000,
    killSignal: "SIGKILL",
  });
  let tail = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    process.stdout.write(text);
    tail = (tail + text).slice(-tailChars);
  });
  const [code, signal] = (await once(child, "exit")) as [number | null, string | null];
  if (signal) console.error(`${stage.name} was ended by ${signal} after at most ${stage.timeoutMinutes} minutes`);
  const isGood = code === 0;
  if (!stage.isMocha) return { passes: isGood ? 1 : 0, failures: isGood ? 0 : 1, pending: 0 };
  const counted = {
    passes: countOf("passing", tail),
    failures: countOf("failing", tail),
    pending: countOf("pending", tail),
  };
  // A suite that broke before or after its tests has failed, too.
  return isGood || counted.failures > 0 ? counted : { ...counted, failures: 1 };
}

/** Enough for mocha's summary and the failures after it. */
const tailChars = 256 * 1024;

/** The number in mocha's summary line `  12 passing (3s)`. */
export function countOf(word: "passing" | "failing" | "pending", printed: string): number {
  const found = [...printed.matchAll(new RegExp(`^ {2}(\\d+) ${word}\\b`, "gm"))].at(-1);
  return Number(found?.[1] ?? 0);
}

async function main(args: readonly string[]): Promise<void> {
  if (args.includes("--list")) {
    for (const { name } of stages) console.log(name);
    return;
  }
  const only = args[args.indexOf("--only") + 1]?.split(",");
  const wanted = args.includes("--only") ? stages.filter(({ name }) => only?.includes(name)) : stages;
  installDebianPackages();
  if (wanted.some(({ name }) => needClientTools.has(name))) {
    for (const minor of ["33", "34", "35"] as const) await fetchClientTools(minor, toolCache, console.log);
  }
  const total = { passes: 0, failures: 0, pending: 0 };
  const failed: string[] = [];
  for (const stage of wanted) {
    const counts = await runStage(stage);
    const { passes, failures, pending } = counts;
    total.passes += passes;
    total.failures += failures;
    total.pending += pending;
    if (failures > 0) failed.push(stage.name);
  }
  if (failed.length > 0) console.log(`\nFailed: ${failed.join(", ")}`);
  console.log(
    `\n${total.passes} passed, ${total.failures} failed${total.pending > 0 ? `, ${total.pending} skipped` : ""}`,
  );
  process.exitCode = total.failures > 0 || total.passes === 0 ? 1 : 0;
}

await main(process.argv.slice(2));
