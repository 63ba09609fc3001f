import { expect } from "chai";
import { parse } from "yaml";
import { at, type Json } from "../integration/apiserver/open-test-server.ts";
import { definitions, establish, until } from "../integration/crd/establish.ts";
import { hasKubectl, type KubectlDoor, openKubectl } from "../integration/crd/kubectl-door.ts";
import { succeed } from "./check-operations.ts";
import { type Api, openApi } from "./open-api.ts";

const jsonPatch = { "content-type": "application/json-patch+json" };

const foo = parse(`
description: A Foo to test with
type: object
properties:
  spec:
    type: object
    description: What a Foo should be
    properties:
      bars:
        description: Bars and what they are.
        type: array
        items:
          type: object
          required: [name]
          properties:
            name: { type: string, description: What the Bar is called. }
            age: { type: string, description: How old the Bar is. }
            feeling: { type: string, enum: [Great, Down], description: How the Bar feels. }
            bazs: { type: array, description: The Bar's Bazs., items: { type: string } }
  status:
    type: object
    description: What a Foo is
    properties:
      bars:
        description: Bars and how they are.
        type: array
        items:
          type: object
          properties:
            name: { type: string }
            available: { type: boolean }
            quxType: { type: string, pattern: in-tree|out-of-tree }
`) as object;
const waldo = {
  description: "A Waldo to test with",
  type: "object",
  properties: {
    spec: { type: "object", description: "What a Waldo should be", properties: { dummy: { type: "object" } } },
    status: { type: "object", properties: { bars: { type: "array", items: { type: "object" } } } },
  },
};
const keepsRoot = { ...waldo, "x-kubernetes-preserve-unknown-fields": true };
const keepsSpec = {
  description: "Keeps what it does not know of its spec",
  type: "object",
  properties: {
    spec: {
      type: "object",
      description: "What is wanted",
      "x-kubernetes-preserve-unknown-fields": true,
      properties: { dummy: { type: "object" } },
    },
  },
};
const empty = { type: "object", "x-kubernetes-preserve-unknown-fields": true };

const addedByServer = new Set(["apiVersion", "kind", "metadata"]);

/** A published schema without what the server adds to every kind. */
function bare(schema: unknown): object {
  const { properties, "x-kubernetes-group-version-kind": _kinds, ...rest } = schema as Record<string, unknown>;
  const own = Object.entries((properties ?? {}) as object).filter(([name]) => !addedByServer.has(name));
  return own.length > 0 ? { ...rest, properties: Object.fromEntries(own) } : rest;
}

describe("conformance: OpenAPI of custom resources", function () {
  this.timeout(60_000);
  let api: Api;
  let kubectl: KubectlDoor;
  before(async function () {
    if (!hasKubectl) return this.skip();
    api = await openApi();
    kubectl = await openKubectl(api.transport);
  });
  after(async () => {
    kubectl?.close();
    await api?.close();
  });

  interface Defined {
    readonly name: string;
    readonly plural: string;
    readonly kind: string;
    readonly group: string;
    readonly versions: readonly string[];
  }
  let count = 0;

  async function define(schema: object, suffix: string, ...versions: string[]): Promise<Defined> {
    const id = ++count;
    const group = `crd-publish-openapi-test-${suffix}.example.com`;
    const [plural, kind] = [`e2e-test-${id}-crds`, `E2e-test-${id}-crd`];
    const name = `${plural}.${group}`;
    await establish(api, {
      metadata: { name },
      spec: {
        group,
        scope: "Namespaced",
        names: { plural, singular: `e2e-test-${id}-crd`, kind, listKind: `${kind}List` },
        versions: versions.map((version, index) => ({
          name: version,
          served: true,
          storage: index === 0,
          schema: { openAPIV3Schema: schema },
        })),
      },
    });
    const defined = { name, plural, kind, group, versions };
    for (const version of versions) await publishes(defined, version, schema);
    return defined;
  }

  const definitionName = ({ group, kind }: Defined, version: string) =>
    [...group.split(".").reverse(), version, kind].join(".");
  const published = async (defined: Defined, version: string): Promise<Json | undefined> => {
    const { json } = await api.send("GET", "/openapi/v2");
    return at(json, "definitions", definitionName(defined, version)) as Json | undefined;
  };
  /** A kind without a schema is published as any object. */
  const sayable = (schema: object) => (schema === empty ? { type: "object" } : schema);
  async function publishes(defined: Defined, version: string, schema: object): Promise<void> {
    const found = await until(
      () => published(defined, version),
      (one) => one !== undefined,
    );
    // As upstream: of schemas that keep unknown fields, which version 2 cannot tell whole, only that they are published.
    if (schema !== keepsRoot && schema !== keepsSpec) expect(bare(found)).to.deep.equal(sayable(schema));
  }
  const retires = (defined: Defined, version: string) =>
    until(
      () => published(defined, version),
      (one) => one === undefined,
    );
  async function remove(defined: Defined, versions = defined.versions): Promise<void> {
    await succeed(api, 200, "DELETE", `${definitions}/${defined.name}`);
    for (const version of versions) await retires(defined, version);
  }

  async function ok(args: readonly string[], input?: string): Promise<string> {
    const { code, out, err } = await kubectl.run(args, input);
    expect({ args, code, err }).to.deep.equal({ args, code: 0, err: "" });
    return out;
  }
  async function refused(args: readonly string[], input: string, expected: string): Promise<void> {
    const { code, err } = await kubectl.run(args, input);
    expect(code, args.join(" ")).to.equal(1);
    expect(err).to.contain(expected);
  }
  const explains = async (name: string, pattern: RegExp) => expect(await ok(["explain", name])).to.match(pattern);
  const objectOf = ({ group, kind, versions }: Defined, name: string, rest: object) =>
    JSON.stringify({ kind, apiVersion: `${group}/${versions[0]}`, metadata: { name }, ...rest });

  async function createAndApply(defined: Defined, name: string, rest: object): Promise<void> {
    for (const verb of ["create", "apply"]) {
      await ok([verb, "-f", "-"], objectOf(defined, name, rest));
      await ok(["delete", defined.plural, name]);
    }
  }

  it("[sig-api-machinery] CustomResourcePublishOpenAPI [Privileged:ClusterAdmin] works for CRD with validation schema [Conformance]", async () => {
    const defined = await define(foo, "foo", "v1");
    const { plural } = defined;
    await createAndApply(defined, "test-foo", { spec: { bars: [{ name: "test-bar" }] } });
    const wrong: [object, string][] = [
      [{ spec: { bars: [{ name: "b", feeling: "NonExistentValue" }] } }, 'Unsupported value: "NonExistentValue"'],
      [{ spec: { foo: true } }, 'unknown field "spec.foo"'],
      [{ spec: { bars: [{ age: "10" }] } }, "spec.bars[0].name: Required value"],
    ];
    for (const [rest, expected] of wrong) {
      for (const verb of ["create", "apply"]) {
        await refused([verb, "-f", "-"], objectOf(defined, "test-foo", rest), expected);
      }
    }
    await explains(
      plural,
      /DESCRIPTION:[\s\S]*A Foo to test with[\s\S]*FIELDS:[\s\S]*apiVersion.*<string>[\s\S]*APIVersion defines[\s\S]*spec.*<Object>[\s\S]*What a Foo should be/,
    );
    await explains(
      `${plural}.metadata`,
      /DESCRIPTION:[\s\S]*Standard object's metadata[\s\S]*FIELDS:[\s\S]*creationTimestamp.*<string>[\s\S]*CreationTimestamp is a timestamp/,
    );
    await explains(
      `${plural}.spec`,
      /What a Foo should be[\s\S]*FIELDS:[\s\S]*bars.*<\[\]Object>[\s\S]*Bars and what they are/,
    );
    await explains(
      `${plural}.spec.bars`,
      /bars.*<\[\]Object>[\s\S]*Bars and what they are[\s\S]*bazs.*<\[\]string>[\s\S]*The Bar's Bazs[\s\S]*name.*<string>[\s\S]*What the Bar is called/,
    );
    const recursive = await ok(["explain", plural, "--recursive"]);
    expect(recursive).to.match(/spec\t<Object>\n\s+bars\t<\[\]Object>\n\s+age\t<string>/);
    await refused(["explain", `${plural}.spec.bars2`], "", 'field "bars2" does not exist');
    await remove(defined);
  });

  it("[sig-api-machinery] CustomResourcePublishOpenAPI [Privileged:ClusterAdmin] works for CRD without validation schema [Conformance]", async () => {
    const defined = await define(empty, "empty", "v1");
    await createAndApply(defined, "test-cr", { a: { b: [{ c: "d" }] } });
    await explains(defined.plural, /DESCRIPTION:[\s\S]*<empty>/);
    await remove(defined);
  });

  it("[sig-api-machinery] CustomResourcePublishOpenAPI [Privileged:ClusterAdmin] works for CRD preserving unknown fields at the schema root [Conformance]", async () => {
    const defined = await define(keepsRoot, "unknown-at-root", "v1");
    await createAndApply(defined, "test-cr", { a: { b: [{ c: "d" }] } });
    await explains(defined.plural, new RegExp(`KIND:.*${defined.kind}`));
    await remove(defined);
  });

  it("[sig-api-machinery] CustomResourcePublishOpenAPI [Privileged:ClusterAdmin] works for CRD preserving unknown fields in an embedded object [Conformance]", async () => {
    const defined = await define(keepsSpec, "unknown-in-nested", "v1");
    await createAndApply(defined, "test-cr", { spec: { a: null, b: [{ c: "d" }] } });
    await explains(defined.plural, /DESCRIPTION:[\s\S]*Keeps what it does not know of its spec/);
    await remove(defined);
  });

  it("[sig-api-machinery] CustomResourcePublishOpenAPI [Privileged:ClusterAdmin] works for multiple CRDs of different groups [Conformance]", async () => {
    const first = await define(foo, "foo", "v1");
    const second = await define(waldo, "waldo", "v1beta1");
    expect(first.group).not.to.equal(second.group);
    await publishes(first, "v1", foo);
    for (const one of [first, second]) await remove(one);
  });

  it("[sig-api-machinery] CustomResourcePublishOpenAPI [Privileged:ClusterAdmin] works for multiple CRDs of same group but different versions [Conformance]", async () => {
    const both = await define(foo, "multi-ver", "v2", "v3");
    await publishes(both, "v2", foo);
    await remove(both);
    const first = await define(foo, "common-group", "v4");
    const second = await define(waldo, "common-group", "v5");
    await publishes(first, "v4", foo);
    await remove(first);
    await publishes(second, "v5", waldo);
    await remove(second);
  });

  it("[sig-api-machinery] CustomResourcePublishOpenAPI [Privileged:ClusterAdmin] works for multiple CRDs of same group and version but different kinds [Conformance]", async () => {
    const first = await define(foo, "common-group", "v6");
    const second = await define(waldo, "common-group", "v6");
    await publishes(first, "v6", foo);
    await remove(first);
    await publishes(second, "v6", waldo);
    await remove(second);
  });

  it("[sig-api-machinery] CustomResourcePublishOpenAPI [Privileged:ClusterAdmin] updates the published spec when one version gets renamed [Conformance]", async () => {
    const defined = await define(foo, "multi-ver", "v2", "v3");
    const rename = [
      { op: "test", path: "/spec/versions/1/name", value: "v3" },
      { op: "replace", path: "/spec/versions/1/name", value: "v4" },
    ];
    await succeed(api, 200, "PATCH", `${definitions}/${defined.name}`, rename, jsonPatch);
    await publishes(defined, "v4", foo);
    await retires(defined, "v3");
    await publishes(defined, "v2", foo);
    await remove(defined, ["v2", "v4"]);
  });

  it("[sig-api-machinery] CustomResourcePublishOpenAPI [Privileged:ClusterAdmin] removes definition from spec when one version gets changed to not be served [Conformance]", async () => {
    const defined = await define(foo, "multi-to-single-ver", "v5", "v6alpha1");
    const unserve = [{ op: "replace", path: "/spec/versions/1/served", value: false }];
    await succeed(api, 200, "PATCH", `${definitions}/${defined.name}`, unserve, jsonPatch);
    await retires(defined, "v6alpha1");
    await publishes(defined, "v5", foo);
    await remove(defined);
  });
});
