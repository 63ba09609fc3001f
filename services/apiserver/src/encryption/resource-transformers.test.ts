import { parseGroupResource } from "@tskube/apimachinery";
import { expect } from "chai";
import { identity } from "./providers/identity.ts";
import { resourceTransformers } from "./resource-transformers.ts";
import { placeOf } from "./storage-key.ts";
import type { Transformer } from "./transformer.ts";

/** Told from others by its name alone. */
const named = (name: string): Transformer & { readonly name: string } => ({ ...identity, name });

describe("the way a resource is kept in", () => {
  const cases: readonly [entries: readonly string[][], resource: string, entry: number | undefined][] = [
    [[["secrets"]], "secrets", 0],
    [[["secrets"]], "configmaps", undefined],
    [[["secrets"]], "secrets.example.com", undefined],
    [[["*."]], "secrets", 0],
    [[["*."]], "deployments.apps", undefined],
    [[["*.apps"]], "deployments.apps", 0],
    [[["*.*"]], "widgets.example.com", 0],
    [[["secrets"], ["*.*"]], "secrets", 0],
    [[["secrets"], ["*.*"]], "pods", 1],
    [[["secrets"], ["secrets"]], "secrets", 0],
    // Behind a wildcard that means it too, a name is not looked at.
    [[["*."], ["secrets"]], "secrets", 0],
    [[["*.*"], ["secrets", "*.apps"]], "secrets", 0],
    [[["*.apps"], ["secrets"]], "secrets", 1],
  ];
  for (const [entries, resource, index] of cases) {
    it(`${resource} among ${JSON.stringify(entries)} is ${index === undefined ? "plain" : `entry ${index}`}`, () => {
      const transformers = entries.map((_, at) => named(String(at)));
      const chosen = resourceTransformers(
        entries.map((resources, at) => ({ resources, transformerFor: () => transformers[at] as Transformer })),
      ).for(parseGroupResource(resource));
      expect(chosen).to.equal(index === undefined ? identity : transformers[index]);
    });
  }
});

describe("the place of a stored value", () => {
  const cases: readonly [key: string, upstreamKey: string | undefined][] = [
    ["/registry/core/secrets/default/db", "/registry/secrets/default/db"],
    ["/registry/core/nodes/n1", "/registry/minions/n1"],
    ["/registry/core/services/default/web", "/registry/services/specs/default/web"],
    ["/registry/core/endpoints/default/web", "/registry/services/endpoints/default/web"],
    ["/registry/core/replicationcontrollers/default/rc", "/registry/controllers/default/rc"],
    ["/registry/networking.k8s.io/ingresses/default/i", "/registry/ingress/default/i"],
    ["/registry/apps/deployments/default/web", "/registry/deployments/default/web"],
    ["/registry/example.com/widgets/default/w", "/registry/example.com/widgets/default/w"],
    [
      "/registry/apiextensions.k8s.io/customresourcedefinitions/widgets.example.com",
      "/registry/apiextensions.k8s.io/customresourcedefinitions/widgets.example.com",
    ],
    ["/registry/ranges/serviceips/10.96.0.1", undefined],
    ["/registry/masterleases/172.30.0.1", undefined],
    ["/other/core/secrets/default/db", undefined],
  ];
  for (const [key, expected] of cases) {
    it(`${key} is ${expected ?? "none"}`, () => expect(placeOf(key)?.upstreamKey(key)).to.equal(expected));
  }
});
