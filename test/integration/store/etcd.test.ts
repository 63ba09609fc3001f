import { openEtcdStore } from "@tskube/store";
import { describeStore } from "@tskube/store/testing";
import { type EtcdProcess, startEtcd } from "./etcd-process.ts";

describe("etcd store", () => {
  let etcd: EtcdProcess;
  before(async () => {
    etcd = await startEtcd();
  });
  after(() => etcd?.stop());

  describeStore("keeps the contract", async () =>
    openEtcdStore({ endpoints: etcd.endpoints, watchLimits: { maxEvents: 10_000, maxBytes: 32 * 1024 * 1024 } }),
  );
});
