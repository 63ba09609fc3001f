import { expect } from "chai";
import { jsonEncoding } from "./json-encoding.ts";
import { ObjectIndex } from "./object-index.ts";
import { anEntry } from "./testing/entries.ts";

const encoding = jsonEncoding("ConfigMap", "v1");

function filledIndex(count: number): ObjectIndex {
  const index = new ObjectIndex([]);
  for (let i = 0; i < count; i++) index.set(anEntry(`a/m${String(i).padStart(4, "0")}`, i + 1));
  return index;
}

function written(index: ObjectIndex, keep: (i: number) => boolean = () => true) {
  const entries = index.list().filter((_, i) => keep(i));
  const parts = encoding.list(entries, { revision: 7 });
  return { parts, list: JSON.parse(Buffer.concat(parts).toString()), names: entries.map(({ name }) => name) };
}

describe("jsonEncoding", () => {
  it("writes a list with the list's kind and version only", () => {
    const { list } = written(filledIndex(2));
    expect(list).to.deep.equal({
      kind: "ConfigMapList",
      apiVersion: "v1",
      metadata: { resourceVersion: "7" },
      items: [
        { metadata: { resourceVersion: "1", name: "m0000", namespace: "a" } },
        { metadata: { resourceVersion: "2", name: "m0001", namespace: "a" } },
      ],
    });
    expect(written(filledIndex(0)).list.items).to.deep.equal([]);
  });

  it("writes the same objects whether it has whole blocks of them or parts", () => {
    const index = filledIndex(700);
    for (const keep of [() => true, (i: number) => i % 7 > 0, (i: number) => i > 300, (i: number) => i < 300]) {
      const { list, names } = written(index, keep);
      expect(list.items.map((item: { metadata: { name: string } }) => item.metadata.name)).to.deep.equal(names);
    }
  });

  it("sends long lists as few parts and makes only those anew whose objects changed", () => {
    const index = filledIndex(700);
    const { parts } = written(index);
    expect(parts.length).to.be.lessThan(20);
    index.set(anEntry("a/m0650", 1000));
    const again = written(index);
    expect(again.list.items[650].metadata.resourceVersion).to.equal("1000");
    const kept = again.parts.filter((part, i) => part.buffer === parts[i]?.buffer && part.byteLength > 1000);
    expect(kept.length)
      .to.be.greaterThan(4)
      .and.lessThan(parts.length - 1);
  });
});
