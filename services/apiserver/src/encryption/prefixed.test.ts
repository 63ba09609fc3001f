import { expect } from "chai";
import { type Prefixed, prefixed } from "./prefixed.ts";
import { aesGcm } from "./providers/aes-gcm.ts";
import { identity } from "./providers/identity.ts";

const at = "/registry/secrets/default/db";
const value = Buffer.from("{}");
const way = (prefix: string, byte: number): Prefixed => ({ prefix, transformer: aesGcm(Buffer.alloc(32, byte)) });
const plain: Prefixed = { prefix: "", transformer: identity };

describe("several ways of keeping values", () => {
  it("write by the first and find what another wrote stale", async () => {
    const old = prefixed([way("a:", 1)], "unknown");
    const rotated = prefixed([way("b:", 2), way("a:", 1)], "unknown");
    const sealed = await old.seal(value, at);
    expect(await old.open(sealed, at)).to.deep.equal({ value, isStale: false });
    expect(await rotated.open(sealed, at)).to.deep.equal({ value, isStale: true });
    expect((await rotated.seal(value, at)).subarray(0, 2).toString()).to.equal("b:");
  });

  it("read what is plain only where identity is one of them", async () => {
    expect(await prefixed([way("a:", 1), plain], "unknown").open(value, at)).to.deep.equal({ value, isStale: true });
    expect(await failure(prefixed([way("a:", 1)], "no matching prefix found").open(value, at))).to.equal(
      "no matching prefix found",
    );
  });

  it("go on behind an identity that is there to take encryption away", async () => {
    const sealed = await prefixed([way("k8s:enc:a:", 1)], "unknown").seal(value, at);
    expect(await prefixed([plain, way("k8s:enc:a:", 1)], "unknown").open(sealed, at)).to.deep.equal({
      value,
      isStale: true,
    });
    expect(await failure(prefixed([plain], "no matching prefix found").open(sealed, at))).to.equal(
      "no matching prefix found",
    );
  });

  it("try all with the same prefix and tell what each said", async () => {
    const sealed = await prefixed([way("a:", 1)], "unknown").seal(value, at);
    expect(await prefixed([way("a:", 2), way("a:", 1)], "unknown").open(sealed, at)).to.deep.equal({
      value,
      isStale: true,
    });
    expect(await failure(prefixed([way("a:", 2)], "unknown").open(sealed, at))).to.equal(
      "cipher: message authentication failed",
    );
  });
});

async function failure(attempt: Promise<unknown> | unknown): Promise<string> {
  try {
    await attempt;
    return "none";
  } catch (error) {
    return (error as Error).message;
  }
}
