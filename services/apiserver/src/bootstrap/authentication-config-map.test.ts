import { silentLogger } from "@tskube/base";
import { FakeClock } from "@tskube/base/testing";
import { expect } from "chai";
import { FakeObjects } from "../auth/testing/fake-objects.ts";
import { makeAuthority } from "../auth/testing/make-certificates.ts";
import { authenticationConfigMap, mergeConfigMap } from "./authentication-config-map.ts";
import { keepAuthenticationConfig } from "./keep-authentication-config.ts";

const nowMs = Date.parse("2030-01-01T00:00:00Z");
const configMaps = { group: "", resource: "configmaps" };

describe("what extension API servers are told of authentication", () => {
  let ours: string;
  let theirs: string;
  before(async () => {
    [ours, theirs] = [`${(await makeAuthority("ours")).pem}\n`, `${(await makeAuthority("theirs")).pem}\n`];
  });

  const mapOf = (clientCa: string, names: readonly string[] = ["front-proxy-client"]) =>
    authenticationConfigMap({
      clientCa,
      requestHeader: { clientCa, allowedNames: names, uidHeaders: ["X-Remote-Uid"] },
    });

  it("is the authorities and the headers", () => {
    expect(mapOf(ours).data).to.deep.equal({
      "client-ca-file": ours,
      "requestheader-client-ca-file": ours,
      "requestheader-allowed-names": '["front-proxy-client"]',
      "requestheader-username-headers": '["X-Remote-User"]',
      "requestheader-uid-headers": '["X-Remote-Uid"]',
      "requestheader-group-headers": '["X-Remote-Group"]',
      "requestheader-extra-headers-prefix": '["X-Remote-Extra-"]',
    });
  });

  it("keeps what another apiserver says, so that the two agree in the end", () => {
    const both = mergeConfigMap(mapOf(theirs, ["a"]), mapOf(ours, ["b"]), nowMs);
    expect(both?.data?.["client-ca-file"]).to.equal(theirs + ours);
    expect(both?.data?.["requestheader-allowed-names"]).to.equal('["a","b"]');
    if (!both) return;
    expect(mergeConfigMap(both, mapOf(theirs, ["a"]), nowMs)).to.equal(undefined);
    expect(mergeConfigMap(both, mapOf(ours, ["b"]), nowMs)).to.equal(undefined);
  });

  it("loses certificates that have ended, and what is none", () => {
    const later = Date.parse("2091-01-01T00:00:00Z");
    const broken = { ...mapOf(theirs), data: { "client-ca-file": theirs, "requestheader-allowed-names": "{" } };
    const merged = mergeConfigMap(broken, mapOf(ours), later);
    expect(merged?.data?.["client-ca-file"]).to.equal(ours);
    expect(merged?.data?.["requestheader-allowed-names"]).to.equal('["front-proxy-client"]');
  });

  it("is brought back when somebody deletes or empties it, and not written while it is right", async () => {
    const [objects, clock, stop] = [new FakeObjects(), new FakeClock(nowMs), new AbortController()];
    const kept = keepAuthenticationConfig({ clientCa: ours }, { objects, clock, logger: silentLogger }, stop.signal);
    const wanted = authenticationConfigMap({ clientCa: ours });
    objects.put("configmaps", wanted);
    await clock.advance(60_000);
    expect(objects.writes).to.deep.equal([]);
    await objects.delete(configMaps, "kube-system", "extension-apiserver-authentication");
    await clock.advance(10_000);
    objects.put("configmaps", { ...wanted, data: {} } as typeof wanted);
    await clock.advance(10_000);
    expect(objects.writes.slice(1)).to.deep.equal([
      "create configmaps kube-system/extension-apiserver-authentication",
      "update configmaps kube-system/extension-apiserver-authentication",
    ]);
    stop.abort();
    await kept;
    expect(clock.pending).to.equal(0);
  });
});
