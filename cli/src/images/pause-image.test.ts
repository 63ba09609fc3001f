import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { pauseImageArchive, pauseProgram } from "./pause-image.ts";

describe("pause image", () => {
  it("holds a program that sleeps with SIGCHLD ignored until it is killed", async function () {
    if (process.platform !== "linux" || !["x64", "arm64"].includes(process.arch)) this.skip(); // an ELF file for this machine is what is tested
    const folder = mkdtempSync(join(tmpdir(), "tskube-pause-"));
    const file = join(folder, "pause");
    writeFileSync(file, pauseProgram(process.arch), { mode: 0o755 });
    const child = spawn(file);
    try {
      const ended = new Promise<string>((resolve) =>
        child.once("exit", (code, signal) => resolve(signal ?? `exit code ${code}`)),
      );
      await new Promise((resolve, reject) => child.once("spawn", resolve).once("error", reject));
      const status = () => readFileSync(`/proc/${child.pid}/status`, "utf8");
      for (let tries = 0; tries < 100 && !/^SigIgn:\s*0*10000$/m.test(status()); tries++)
        await new Promise((resolve) => setTimeout(resolve, 10));
      expect(/^SigIgn:\s*(\S+)$/m.exec(status())?.[1]).to.match(/^0*10000$/);
      expect(/^State:\s*(\S)/m.exec(status())?.[1]).to.equal("S");
      child.kill("SIGKILL");
      expect(await ended).to.equal("SIGKILL");
    } finally {
      child.kill("SIGKILL");
      rmSync(folder, { recursive: true });
    }
  });

  it("is the same archive each time it is made", async () => {
    expect((await pauseImageArchive("x64")).equals(await pauseImageArchive("x64"))).to.equal(true);
    expect((await pauseImageArchive("x64")).equals(await pauseImageArchive("arm64"))).to.equal(false);
  });
});
