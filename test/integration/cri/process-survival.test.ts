import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ContainerState, PodSandboxState } from "@tskube/cri";
import { eventually, type RuntimeUnderTest, type SuitePod, startPod } from "@tskube/cri/testing";
import { expect } from "chai";
import { cannotRun, type ProcessNode, startProcessNode, tracesOf } from "./process-runtime.ts";

const why = cannotRun();
const none = { mounts: 0, processes: 0, links: 0, sharedMemory: 0 };

(why ? describe.skip : describe)(`process runtime under hard blows${why ? ` (${why})` : ""}`, () => {
  let node: ProcessNode;
  before(async () => {
    node = await startProcessNode();
  });
  after(() => node.close());

  const pod = () => startPod(under(node));
  const shell = (script: string) => ({ command: ["sh", "-c", script] });

  it("finds running containers again after SIGKILL of the server, and restarts none", async () => {
    const one = await pod();
    const id = await one.start("obedient", shell("echo $$ started; exec sleep 1000"));
    const before = await one.status(id);
    await node.crash();
    await node.restart();
    const status = await one.status(id);
    expect(status.state).to.equal(ContainerState.CONTAINER_RUNNING);
    expect(status.startedAt).to.equal(before.startedAt);
    expect((await one.log(id)).match(/started/g)).to.have.length(1);
    const { exitCode } = await node.client.runtime.execSync(id, ["true"], 5);
    expect(exitCode).to.equal(0);
    await node.client.runtime.stopContainer(id, 1);
    expect((await one.status(id)).exitCode).to.equal(137);
    await one.remove();
  });

  it("knows the exit code and the last words of a container that ended while no server ran", async () => {
    const one = await pod();
    const signal = join(node.dir, "signal");
    const id = await one.start("obedient", {
      ...shell("while ! [ -e /signal/go ]; do sleep 0.02; done; echo last words; exit 42"),
      mounts: [{ hostPath: signal, containerPath: "/signal" }],
    });
    await node.crash();
    await writeFile(join(signal, "go"), "");
    await eventually(() => readFile(join(node.dir, "root/containers", id, "exit"), "utf8").catch(() => undefined));
    await node.restart();
    const { exitCode, reason, finishedAt } = await one.exited(id);
    expect({ exitCode, reason }).to.deep.equal({ exitCode: 42, reason: "Error" });
    expect(finishedAt > 0n).to.equal(true);
    expect(await one.log(id)).to.contain(" stdout F last words\n");
    await one.remove();
  });

  it("keeps the lines of a container that writes while the server is killed again and again, whole, once and in order", async () => {
    const one = await pod();
    const lines = 200_000;
    const id = await one.start("obedient", shell(`i=0; while [ $i -lt ${lines} ]; do echo line $i; i=$((i+1)); done`));
    const blows = 3;
    for (let blow = 0; blow < blows; blow++) {
      await node.crash();
      await node.restart();
    }
    expect((await one.exited(id)).exitCode).to.equal(0);
    // What has been taken out of the pipe and is not in the journal yet dies with the server: at most one such piece with each blow, which
    // may begin and end within a line.
    const text = wholeText(await one.log(id));
    const numbers = text.flatMap((line) => /^line (\d+)$/.exec(line)?.[1] ?? []).map(Number);
    expect(text.length - numbers.length, "torn lines").to.be.at.most(blows);
    const gaps = numbers.filter((number, index) => number !== (numbers[index - 1] ?? -1) + 1);
    expect(gaps.length, "gaps").to.be.at.most(blows);
    expect(numbers.every((number, index) => number > (numbers[index - 1] ?? -1))).to.equal(true);
    expect(numbers.at(-1)).to.equal(lines - 1);
    await one.remove();
  });

  it("takes containers whose processes were all killed for exited, and their sandbox for not ready", async () => {
    const one = await pod();
    const id = await one.start("obedient");
    await node.crash();
    killAll(node);
    await node.restart();
    const { state, exitCode } = await one.status(id);
    expect({ state, exitCode }).to.deep.equal({ state: ContainerState.CONTAINER_EXITED, exitCode: 255 });
    const { status } = await node.client.runtime.podSandboxStatus(one.sandboxId);
    expect(status?.state).to.equal(PodSandboxState.SANDBOX_NOTREADY);
    await one.remove();
    expect(tracesOf(node)).to.deep.equal(none);
  });

  it("reports a container killed for want of memory", async () => {
    const one = await pod();
    const resources = { memoryLimitInBytes: 32n * 1024n * 1024n, memorySwapLimitInBytes: 32n * 1024n * 1024n };
    const id = await one.start("obedient", { ...shell("exec tail /dev/zero"), linux: { resources } });
    const { exitCode, reason } = await one.exited(id);
    expect({ exitCode, reason }).to.deep.equal({ exitCode: 137, reason: "OOMKilled" });
    await one.remove();
  });

  it("starts thirty pods at once, each with its own address, and leaves nothing of them", async () => {
    const begin = performance.now();
    const pods = await Promise.all(Array.from({ length: 30 }, pod));
    await Promise.all(pods.map((one) => one.start("obedient")));
    const tookMs = performance.now() - begin;
    expect(new Set(await Promise.all(pods.map(ipOf))).size).to.equal(30);
    expect(tookMs, "milliseconds for thirty pods").to.be.lessThan(10_000);
    await Promise.all(pods.map((one) => one.remove()));
    expect(tracesOf(node)).to.deep.equal(none);
  });

  async function ipOf({ sandboxId }: SuitePod): Promise<string | undefined> {
    return (await node.client.runtime.podSandboxStatus(sandboxId)).status?.network?.ip;
  }
});

function under(node: ProcessNode): RuntimeUnderTest {
  return {
    client: node.client,
    image: "host",
    logRoot: join(node.dir, "logs"),
    features: { events: true, processes: true },
    close: async () => {},
  };
}

/** The lines that a program wrote, put together from whole and partial entries. */
function wholeText(log: string): string[] {
  const lines: string[] = [];
  let begun = "";
  for (const entry of log.trimEnd().split("\n")) {
    const [, , kind, ...words] = entry.split(" ");
    begun += words.join(" ");
    if (kind === "P") continue;
    lines.push(begun);
    begun = "";
  }
  return lines;
}

/** As a node's end: every process of its pods at once. */
function killAll(node: ProcessNode): void {
  for (const pid of node.processes()) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // Gone with another one.
    }
  }
}
