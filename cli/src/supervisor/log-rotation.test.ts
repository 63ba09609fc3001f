import { appendFileSync, closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { cutLargeLogs } from "./log-rotation.ts";

describe("log rotation", () => {
  it("empties a large log under its writer and keeps what was in it", () => {
    const folder = mkdtempSync(join(tmpdir(), "tskube-logs-"));
    const path = join(folder, "apiserver.log");
    const writer = openSync(path, "a");
    try {
      writeSync(writer, "old line\n");
      appendFileSync(join(folder, "small.log"), "x");
      cutLargeLogs(folder, 5);
      writeSync(writer, "new line\n");
      expect(readFileSync(path, "utf8")).to.equal("new line\n");
      expect(readFileSync(`${path}.1`, "utf8")).to.equal("old line\n");
      expect(readFileSync(join(folder, "small.log"), "utf8")).to.equal("x");
    } finally {
      closeSync(writer);
      rmSync(folder, { recursive: true });
    }
  });
});
