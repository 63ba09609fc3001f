import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { command, output } from "../../framework/command.ts";

const root = join(import.meta.dirname, "../../..");
const isRoot = process.platform === "linux" && process.getuid?.() === 0;

describe("complaints of the tskube command", function () {
  this.timeout(30_000);
  let folder: string;

  before(async () => {
    await output(["node", "--import", "tsx", "tools/build.ts"], { cwd: root, timeoutMs: 60_000 });
    folder = mkdtempSync(join(tmpdir(), "tskube-cli-"));
  });
  after(async () => {
    await tskube(["down", "--delete"]); // what a test that failed may have started
    rmSync(folder, { recursive: true, force: true });
  });

  const tskube = (args: readonly string[], env: Record<string, string> = {}) =>
    command([process.execPath, join(root, "dist/tskube.cjs"), ...args], {
      env: { TSKUBE_HOME: join(folder, "home"), ...env },
    });

  /** One sentence on standard error, no stack, nothing on standard output. */
  async function expectSentence(
    args: readonly string[],
    sentence: RegExp,
    env: Record<string, string> = {},
    code = 1,
  ): Promise<void> {
    const result = await tskube(args, env);
    expect(result.stderr).to.match(sentence);
    expect(result.stderr).to.not.match(/^\s+at /m);
    expect(result.code).to.equal(code);
  }

  it("are one sentence for a cluster that is not there", async () => {
    await expectSentence(["status"], /^tskube: there is no cluster "tskube"; start one with: tskube up\n$/);
    await expectSentence(["node", "kill", "worker-1"], /there is no cluster/);
    expect((await tskube(["down"])).stdout).to.equal('There is no cluster "tskube".\n');
  });

  it("are one sentence for wrong options", async () => {
    await expectSentence(
      ["up", "--runtime", "docker"],
      /^tskube: there is no runtime "docker"; choose auto, containerd or process\n$/,
    );
    await expectSentence(["up", "--name", "Not A Name"], /is no name for a cluster/);
    await expectSentence(["up", "--frobnicate"], /unknown option '--frobnicate'/, {}, 2);
  });

  it("are one sentence for a data folder that cannot be written", async () => {
    writeFileSync(join(folder, "file"), "");
    await expectSentence(
      ["up", "--no-uplink"],
      /^tskube: .*cannot write to .*set TSKUBE_HOME to a folder of yours\n$/m,
      { TSKUBE_HOME: join(folder, "file", "below") },
    );
  });

  it("are one sentence for a disk that is full", async function () {
    if (!isRoot) this.skip(); // a small disk is mounted, which needs root
    const disk = join(folder, "disk");
    mkdirSync(disk);
    await output(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", disk]);
    try {
      await expectSentence(["up", "--no-uplink"], /has only \d+ MiB free and a cluster wants 512; free some/, {
        TSKUBE_HOME: disk,
      });
    } finally {
      await output(["umount", disk]);
    }
  });

  it("are one sentence for a network that the machine has already", async function () {
    if (!isRoot) this.skip(); // an interface is made, which needs root
    await output(["ip", "link", "add", "tskcomplain0", "type", "veth", "peer", "name", "tskcomplain1"]);
    try {
      await output(["ip", "addr", "add", "198.51.100.9/24", "dev", "tskcomplain0"]);
      for (const end of ["tskcomplain0", "tskcomplain1"]) await output(["ip", "link", "set", end, "up"]);
      await expectSentence(
        ["up", "--no-uplink", "--subnet", "198.51.100.0/24"],
        /interface tskcomplain0 has the address 198\.51\.100\.9.*choose another with --subnet/,
      );
    } finally {
      await output(["ip", "link", "del", "tskcomplain0"]);
    }
  });

  it("are one sentence for a broken cluster, which --delete removes", async () => {
    const broken = join(folder, "home", "broken");
    mkdirSync(broken, { recursive: true });
    writeFileSync(join(broken, "cluster.json"), "{");
    await expectSentence(
      ["up", "--name", "broken"],
      /cannot read .*cluster\.json.*tskube down --delete --name broken removes/,
    );
    expect((await tskube(["down", "--delete", "--name", "broken"])).code).to.equal(0);
    await expectSentence(["status", "--name", "broken"], /there is no cluster "broken"/);
  });

  it("are one sentence for a kubeconfig that is no kubeconfig, before anything is started", async () => {
    const kubeconfig = join(folder, "kubeconfig");
    writeFileSync(kubeconfig, "- a\n- list\n");
    await expectSentence(
      ["up", "--no-uplink", "--kubeconfig", kubeconfig],
      /is not a kubeconfig; mend or move it, or choose another file with --kubeconfig/,
    );
    await expectSentence(["status"], /there is no cluster/);
  });

  it("are one sentence for an old Node", async () => {
    const bin = join(folder, "bin");
    mkdirSync(bin);
    // What an old node answers to the two questions that the door asks it.
    writeFileSync(join(bin, "node"), '#!/bin/sh\n[ "$1" = --version ] && echo v18.20.0 && exit 0\nexit 1\n');
    chmodSync(join(bin, "node"), 0o755);
    const result = await command([join(root, "tskube"), "status"], { env: { PATH: `${bin}:/usr/bin:/bin` } });
    expect(result.stderr).to.equal(
      "tskube: Node.js v18.20.0 is too old; install version 20.11 or newer and try again.\n",
    );
    expect(result.code).to.equal(1);
  });
});
