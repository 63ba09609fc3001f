import { openInMemoryStore } from "@tskube/store/testing";
import { expect } from "chai";
import { at, type Json, openServerOver } from "../integration/apiserver/open-test-server.ts";

const templates = "/api/v1/namespaces/default/podtemplates";

describe("conformance: API chunking", () => {
  it("[sig-api-machinery] Servers with support for API chunking should support continue listing from the last key if the original version has been compacted away, though the list is inconsistent [Conformance] [Slow]", async () => {
    const store = await openInMemoryStore();
    const api = await openServerOver(store);
    const count = 40;
    for (let index = 0; index < count; index++) {
      const metadata = { name: `template-${String(index).padStart(4, "0")}` };
      const template = { spec: { containers: [{ name: "test", image: "test2" }] } };
      const { status } = await api.send("POST", templates, { metadata, template });
      expect(status).to.equal(201);
    }
    const page = async (limit: number, token: string) =>
      api.send("GET", `${templates}?limit=${limit}${token && `&continue=${encodeURIComponent(token)}`}`);
    const tokenOf = (json: Json) => String(at(json, "metadata", "continue") ?? "");
    const tenth = count / 10;

    const first = await page(tenth, "");
    const firstToken = tokenOf(first.json);
    const firstVersion = String(at(first.json, "metadata", "resourceVersion"));
    await api.send("DELETE", `${templates}/template-0039`);
    await store.compact(await store.currentRevision());

    const expired = await page(tenth, firstToken);
    expect([expired.status, at(expired.json, "reason")]).to.deep.equal([410, "Expired"]);
    const inconsistent = tokenOf(expired.json);
    expect(inconsistent).to.not.equal("");

    const second = await page(tenth, inconsistent);
    expect(second.status).to.equal(200);
    const secondVersion = at(second.json, "metadata", "resourceVersion");
    expect(secondVersion).to.not.equal(firstVersion);
    expect(at(second.json, "metadata", "remainingItemCount")).to.equal(count - 1 - 2 * tenth);
    const seen = [...(at(first.json, "items") as Json[]), ...(at(second.json, "items") as Json[])];
    const rest = await page(count, tokenOf(second.json));
    expect(at(rest.json, "metadata", "resourceVersion")).to.equal(secondVersion);
    expect(tokenOf(rest.json)).to.equal("");
    seen.push(...(at(rest.json, "items") as Json[]));
    expect(seen.map((item) => at(item, "metadata", "name"))).to.deep.equal(
      Array.from({ length: count - 1 }, (_, index) => `template-${String(index).padStart(4, "0")}`),
    );
    await api.close();
    await store.close();
  });
});
