import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@tskube/base";
import { expect } from "chai";
import { watchFile } from "./watch-file.ts";

describe("a file that is watched", () => {
  const directory = mkdtempSync(join(tmpdir(), "tskube-watch-"));
  const path = join(directory, "file");
  after(() => rmSync(directory, { recursive: true }));

  it("is taken up when its text is another, in order, whatever became of the text before", async () => {
    writeFileSync(path, "one");
    const taken: string[] = [];
    const seen = new Map<string, () => void>();
    const when = (text: string) => new Promise<void>((resolve) => seen.set(text, resolve));
    const watch = watchFile(
      { path, current: "one", lookEveryMs: 2 },
      async (text) => {
        taken.push(text);
        seen.get(text)?.();
        if (text === "bad") throw new Error("refused");
      },
      systemClock,
    );
    const replace = (text: string) => {
      const arrived = when(text);
      writeFileSync(join(directory, "next"), text);
      renameSync(join(directory, "next"), path);
      return arrived;
    };
    await replace("bad");
    rmSync(path);
    await replace("two");
    writeFileSync(path, "two");
    await replace("three");
    watch.close();
    expect(taken).to.deep.equal(["bad", "two", "three"]);
  });
});
