import { expect } from "chai";
import { at, type TestServer } from "../apiserver/open-test-server.ts";

export const definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

const withinMs = 10_000;

/** Asks until the answer is as wanted, for a bounded time. */
export async function until<T>(ask: () => Promise<T>, isWanted: (answer: T) => boolean): Promise<T> {
  for (const end = Date.now() + withinMs; ; ) {
    const answer = await ask();
    if (isWanted(answer)) return answer;
    if (Date.now() > end) throw new Error(`not as wanted in time: ${JSON.stringify(answer).slice(0, 1_000)}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Creates a definition and waits until its resource is served. */
export async function establish(api: Pick<TestServer, "send">, definition: object): Promise<void> {
  const { status, json } = await api.send("POST", definitions, definition);
  expect(status, JSON.stringify(json)).to.equal(201);
  const name = String(at(json, "metadata", "name"));
  await until(
    () => api.send("GET", `${definitions}/${name}`),
    (answer) => JSON.stringify(at(answer.json, "status", "conditions") ?? []).includes('"Established","status":"True"'),
  );
}
