import { createKey, openEmbeddedStore } from "@tskube/store";

/** Writes keys from 32 sides at once and prints the name of each that was acknowledged, until it is killed. */
const directory = process.argv[2] ?? "";
const store = await openEmbeddedStore({ directory });
const begin = await store.currentRevision();
let next = 0;

async function keepCreating(): Promise<void> {
  for (;;) {
    const key = `/registry/crash/${begin}-${next++}`;
    const result = await createKey(store, key, Buffer.from(key));
    process.stdout.write(`${key} ${result.revision}\n`);
  }
}

await Promise.all(Array.from({ length: 32 }, keepCreating));
