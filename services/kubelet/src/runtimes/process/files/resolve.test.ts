import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { resolvePath } from "./resolve.ts";
import { dirView, layersView, mountedView } from "./view.ts";

describe("paths in a container", () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "tskube-paths-"));
    for (const name of ["lower/usr/bin", "upper/etc", "volume"]) mkdirSync(join(dir, name), { recursive: true });
    symlinkSync("usr/bin", join(dir, "lower/bin"));
    symlinkSync("/etc", join(dir, "lower/absolute"));
    symlinkSync("../../../../etc", join(dir, "lower/escape"));
    symlinkSync("loop", join(dir, "lower/loop"));
    writeFileSync(join(dir, "lower/usr/bin/sh"), "");
  });
  afterEach(() => rmSync(dir, { recursive: true }));
  const layers = () => layersView([join(dir, "upper"), join(dir, "lower")]);

  const cases: Array<[path: string, resolved: string, isThere: boolean]> = [
    ["/bin/sh", "/usr/bin/sh", true],
    ["/absolute", "/etc", true],
    ["/escape/passwd", "/etc/passwd", false],
    ["/../../usr/./bin/../bin", "/usr/bin", true],
    ["/missing/dir", "/missing/dir", false],
  ];
  for (const [path, resolved, isThere] of cases) {
    it(`resolves ${path} to ${resolved}`, async () => {
      const found = await resolvePath(layers(), path);
      expect(found.path).to.equal(resolved);
      expect(found.entry !== undefined).to.equal(isThere);
    });
  }

  it("gives up on links that lead in circles", async () => {
    const error = await resolvePath(layers(), "/loop").catch((thrown: unknown) => thrown);
    expect(String(error)).to.contain("too many symbolic links");
  });

  it("follows links of a volume inside the container, not on the node", async () => {
    symlinkSync("/etc", join(dir, "volume/out"));
    const view = mountedView(layers(), [{ target: "/data", view: dirView(join(dir, "volume")) }]);
    const { path, entry } = await resolvePath(view, "/data/out");
    expect(path).to.equal("/etc");
    expect(entry?.hostPath).to.equal(join(dir, "upper/etc"));
  });
});
