import type { Namespace } from "@tskube/api";
import { isAlreadyExists, isNotFound } from "@tskube/apimachinery";
import type { LocalObjects } from "../../registry/objects.ts";
import type { AdmissionDeps } from "../deps.ts";
import type { AdmissionAttributes, AdmissionPlugin } from "../plugin.ts";

const namespaces = { group: "", resource: "namespaces" };

function isInNamespace({ namespace, group, resource }: AdmissionAttributes): boolean {
  return namespace !== "" && !(group === "" && resource === "namespaces");
}

/** Throws `notFound` for a namespace that the store does not have either. */
async function requireNamespace(name: string, objects: LocalObjects): Promise<void> {
  if (objects.reader<Namespace>(namespaces).get("", name)) return;
  await objects.get<Namespace>(namespaces, "", name);
}

/** Refuses writes to namespaces that do not exist. */
export function namespaceExists({ objects }: AdmissionDeps): AdmissionPlugin {
  return {
    name: "NamespaceExists",
    handles: (attributes) => attributes.operation !== "CONNECT" && isInNamespace(attributes),
    validate: ({ namespace }) => requireNamespace(namespace, objects),
  };
}

/** Makes the namespace that something is created in. */
export function namespaceAutoProvision({ objects }: AdmissionDeps): AdmissionPlugin {
  return {
    name: "NamespaceAutoProvision",
    handles: (attributes) => attributes.operation === "CREATE" && !attributes.dryRun && isInNamespace(attributes),
    async admit({ namespace }) {
      try {
        await requireNamespace(namespace, objects);
      } catch (error) {
        if (!isNotFound(error)) throw error;
        await provide(namespace, objects);
      }
    },
  };
}

async function provide(name: string, objects: LocalObjects): Promise<void> {
  try {
    await objects.create<Namespace>(namespaces, "", { apiVersion: "v1", kind: "Namespace", metadata: { name } });
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
}
