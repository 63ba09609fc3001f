import { expect } from "chai";
import type { Send } from "../apiserver/open-test-server.ts";

export const registration = "/apis/admissionregistration.k8s.io/v1";
export const mergePatch = { "content-type": "application/merge-patch+json" };

export interface Hook {
  readonly clientConfig: object;
  readonly rules: readonly object[];
  readonly [more: string]: unknown;
}

export const ruleFor = (resource: string, ...operations: readonly string[]) => ({
  operations: operations.length > 0 ? operations : ["CREATE"],
  apiGroups: [resource.split(".").slice(1).join(".")],
  apiVersions: ["v1"],
  resources: [resource.split(".")[0]],
});

/** A configuration of webhooks, which are named after it. */
export function configurationOf(name: string, ...hooks: readonly Hook[]) {
  return {
    metadata: { name },
    webhooks: hooks.map((hook, index) => ({
      name: `${name}-${index}.k8s.io`,
      sideEffects: "None",
      admissionReviewVersions: ["v1", "v1beta1"],
      ...hook,
    })),
  };
}

/** Writes a configuration and takes it away when `act` is over. */
export async function withWebhooks<T>(
  send: Send,
  kind: "mutating" | "validating",
  configuration: ReturnType<typeof configurationOf>,
  act: () => Promise<T>,
): Promise<T> {
  const path = `${registration}/${kind}webhookconfigurations`;
  const made = await send("POST", path, configuration);
  expect(made.status, made.bytes.toString()).to.equal(201);
  try {
    return await act();
  } finally {
    await send("DELETE", `${path}/${configuration.metadata.name}`);
  }
}
