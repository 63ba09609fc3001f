import { expect } from "chai";
import fc from "fast-check";
import { openWithSeed, sealWithSeed } from "../kms/seed.ts";
import type { Transformer } from "../transformer.ts";
import { aesCbc } from "./aes-cbc.ts";
import { aesGcm } from "./aes-gcm.ts";
import { secretbox } from "./secretbox.ts";

const key = Buffer.alloc(32, 5);
const at = "/registry/secrets/default/db";
const seeded: Transformer = {
  seal: (value, place) => sealWithSeed(key, value, place),
  open: (stored, place) => ({ value: openWithSeed(key, stored, place), isStale: false }),
};
const providers: readonly [name: string, provider: Transformer, noticesChanges: boolean][] = [
  ["aescbc", aesCbc(key), false],
  ["aesgcm", aesGcm(key), true],
  ["secretbox", secretbox(key), true],
  ["a KMS provider's seed", seeded, true],
];
const bytes = fc.uint8Array({ maxLength: 300 }).map((value) => Buffer.from(value));

for (const [name, provider, noticesChanges] of providers) {
  describe(`any value under ${name}`, () => {
    it("comes back as it was", async () => {
      await fc.assert(
        fc.asyncProperty(bytes, async (value) => {
          const opened = await provider.open(Buffer.from(await provider.seal(value, at)), at);
          expect(opened.value.equals(value)).to.equal(true);
        }),
      );
    });

    it("fails with an error, and nothing else, when it is no sealed one", async () => {
      await fc.assert(
        fc.asyncProperty(bytes, async (garbage) => {
          const opened = await attempt(() => provider.open(garbage, at));
          expect(opened instanceof Error || !noticesChanges).to.equal(true);
        }),
      );
    });

    if (!noticesChanges) return;
    it("does not open after the change of any one bit", async () => {
      await fc.assert(
        fc.asyncProperty(bytes, fc.nat(), async (value, bit) => {
          const sealed = Buffer.from(await provider.seal(value, at));
          const index = Math.floor(bit / 8) % sealed.length;
          sealed[index] = (sealed[index] ?? 0) ^ (1 << (bit % 8));
          expect(await attempt(() => provider.open(sealed, at))).to.be.an.instanceOf(Error);
        }),
      );
    });
  });
}

async function attempt(open: () => unknown): Promise<unknown> {
  try {
    return await open();
  } catch (error) {
    return error;
  }
}
