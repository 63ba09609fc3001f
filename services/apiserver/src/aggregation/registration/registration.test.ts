import type { apiextensionsV1, GroupInfo } from "@tskube/api";
import { silentLogger } from "@tskube/base";
import { FakeClock } from "@tskube/base/testing";
import { expect } from "chai";
import { FakeObjects } from "../../auth/testing/fake-objects.ts";
import type { APIService } from "../api-service/api-service.ts";
import { localAvailability, withAvailability } from "../api-service/conditions.ts";
import { planRegistration } from "./plan.ts";
import { startRegistration } from "./run-registration.ts";
import { builtInServices, customServices, managedLabel } from "./wanted.ts";

type Definition = apiextensionsV1.CustomResourceDefinition;

const definitions = "customresourcedefinitions.apiextensions.k8s.io";
const services = "apiservices.apiregistration.k8s.io";
const apiServices = { group: "apiregistration.k8s.io", resource: "apiservices" };

function aGroup(name: string, priority: number, versions: Readonly<Record<string, boolean>>): GroupInfo {
  return {
    name,
    priority,
    versions: Object.entries(versions).map(([version, servedByDefault]) => ({
      group: name,
      version,
      priority: 15,
      servedByDefault,
      resources: [{ group: name, version }] as never,
    })),
  };
}

function aDefinition(group: string, served: Readonly<Record<string, boolean>>): Definition {
  const versions = Object.entries(served).map(([name, isServed]) => ({ name, served: isServed, storage: false }));
  return { metadata: { name: `things.${group}` }, spec: { group, versions } } as unknown as Definition;
}

const groups = [
  aGroup("", 18_000, { v1: true }),
  aGroup("apiregistration.k8s.io", 20_000, { v1: true }),
  aGroup("apps", 17_800, { v1: true, v1beta1: false }),
];

describe("APIServices of what the server answers itself", () => {
  it("stand for every version that is served, but for their own", () => {
    const wanted = builtInServices(groups);
    expect([...wanted.keys()]).to.deep.equal(["v1.", "v1.apps"]);
    expect(wanted.get("v1.")?.spec).to.deep.equal({ version: "v1", groupPriorityMinimum: 18_000, versionPriority: 15 });
    expect(wanted.get("v1.apps")?.metadata.labels).to.deep.equal({ [managedLabel]: "onstart" });
  });

  it("stand for custom resources behind all that is built in", () => {
    const wanted = customServices(
      [aDefinition("example.com", { v1: true, v2: false }), aDefinition("apps", { v1: true, v9: true })],
      (name) => name === "v1.apps",
    );
    expect([...wanted.keys()]).to.deep.equal(["v1.example.com", "v9.apps"]);
    const { metadata, spec } = wanted.get("v1.example.com") ?? { metadata: {} };
    expect(metadata.labels).to.deep.equal({ [managedLabel]: "true" });
    expect(spec).to.deep.include({ groupPriorityMinimum: 1000, versionPriority: 100 });
  });

  describe("are planned", () => {
    const service = (management: string | undefined, priority = 1000): APIService => ({
      apiVersion: "apiregistration.k8s.io/v1",
      kind: "APIService",
      metadata: { name: "v1.a", labels: management === undefined ? {} : { [managedLabel]: management } },
      spec: { group: "a", version: "v1", groupPriorityMinimum: priority, versionPriority: 100 },
    });
    const [onstart, always, theirs] = [service("onstart"), service("true"), service(undefined)];
    const [oldOnstart, oldAlways] = [service("onstart", 1), service("true", 1)];
    const isFirst = { isSettled: false, wasThereAtStart: true };
    const isLater = { isSettled: true, wasThereAtStart: true };
    const cases: readonly (readonly [string, Parameters<typeof planRegistration>[0], string])[] = [
      ["create what is missing", { ...isFirst, wanted: onstart, present: undefined }, "create"],
      ["leave what is right", { ...isFirst, wanted: onstart, present: onstart }, "nothing"],
      ["correct once what is minded at the start", { ...isFirst, wanted: onstart, present: oldOnstart }, "update"],
      ["not correct it again", { ...isLater, wanted: onstart, present: oldOnstart }, "nothing"],
      ["not bring it back before the next start", { ...isLater, wanted: onstart, present: undefined }, "nothing"],
      ["always correct what is always minded", { ...isLater, wanted: always, present: oldAlways }, "update"],
      ["bring it back", { ...isLater, wanted: always, present: undefined }, "create"],
      ["delete what is wanted no more", { ...isLater, wanted: undefined, present: always }, "delete"],
      ["delete what was served before the start", { ...isFirst, wanted: undefined, present: onstart }, "delete"],
      [
        "leave another server's alone",
        { isSettled: false, wasThereAtStart: false, wanted: undefined, present: onstart },
        "nothing",
      ],
      ["leave what users made alone", { ...isFirst, wanted: always, present: theirs }, "nothing"],
      ["leave what users keep alone", { ...isFirst, wanted: undefined, present: theirs }, "nothing"],
    ];
    for (const [name, situation, expected] of cases) {
      it(`to ${name}`, () => expect(planRegistration(situation).do).to.equal(expected));
    }
  });

  describe("are kept", () => {
    const clock = new FakeClock();
    const start = (objects: FakeObjects) => startRegistration(groups, { objects, clock, logger: silentLogger });

    it("and nothing is written when all are right already", async () => {
      const objects = new FakeObjects();
      const first = start(objects);
      await clock.advance(0);
      expect(objects.writes).to.have.members(["create apiservices /v1.", "create apiservices /v1.apps"]);
      expect(first.missing()).to.have.members(["v1.", "v1.apps"]);
      await first.close();
      objects.writes.length = 0;
      const second = start(objects);
      await clock.advance(60_000);
      expect(objects.writes).to.deep.equal([]);
      await second.close();
      expect(clock.pending).to.equal(0);
    });

    it("as missing until they are seen to be available", async () => {
      const objects = new FakeObjects();
      const registration = start(objects);
      await clock.advance(0);
      for (const service of objects.reader<APIService>(apiServices).list()) {
        await objects.updateStatus(apiServices, "", withAvailability(service, localAvailability, 0));
      }
      expect(registration.missing()).to.deep.equal([]);
      await registration.close();
    });

    it("as definitions come, change and go, also against a user's deletion", async () => {
      const objects = new FakeObjects();
      const registration = start(objects);
      await clock.advance(0);
      objects.writes.length = 0;
      objects.put(definitions, aDefinition("example.com", { v1: true }));
      await clock.advance(0);
      objects.put(definitions, aDefinition("example.com", { v1: false, v2: true }));
      await clock.advance(0);
      await objects.delete(apiServices, "", "v2.example.com");
      await clock.advance(0);
      await objects.delete(
        { group: "apiextensions.k8s.io", resource: "customresourcedefinitions" },
        "",
        "things.example.com",
      );
      await clock.advance(0);
      expect(objects.writes.filter((write) => write.includes("apiservices"))).to.deep.equal([
        "create apiservices /v1.example.com",
        "delete apiservices /v1.example.com",
        "create apiservices /v2.example.com",
        "delete apiservices /v2.example.com",
        "create apiservices /v2.example.com",
        "delete apiservices /v2.example.com",
      ]);
      await registration.close();
    });

    it("and those that users made for themselves are let be", async () => {
      const own = { ...[...customServices([aDefinition("example.com", { v1: true })], () => false).values()][0] };
      const objects = new FakeObjects().put(services, { ...own, metadata: { name: "v1.example.com" } } as APIService);
      const registration = start(objects);
      await clock.advance(60_000);
      expect(objects.writes.filter((write) => write.includes("example.com"))).to.deep.equal([]);
      await registration.close();
    });
  });
});
