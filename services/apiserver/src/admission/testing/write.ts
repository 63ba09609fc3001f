import type { KubeObject, Pod } from "@tskube/api";
import { FakeClock } from "@tskube/base/testing";
import type { Authorizer } from "../../auth/authorizer.ts";
import { userNamed } from "../../auth/testing/ask.ts";
import { FakeObjects } from "../../auth/testing/fake-objects.ts";
import type { AdmissionDeps } from "../deps.ts";
import type { AdmissionAttributes, AdmissionPlugin } from "../plugin.ts";

export interface RecordedWrite extends AdmissionAttributes {
  readonly warnings: string[];
  readonly notes: Record<string, string>;
}

type Overrides = Partial<Omit<AdmissionAttributes, "warn" | "annotate">>;

/** A write of `what` (`pods`, `leases.coordination.k8s.io`, `pods/status`): a create by an ordinary user unless `more` says otherwise. */
export function write(what: string, object: KubeObject | undefined, more: Overrides = {}): RecordedWrite {
  const [path = "", ...group] = what.split(".");
  const [resource = "", subresource = ""] = path.split("/");
  const metadata = (object ?? more.oldObject)?.metadata;
  const warnings: string[] = [];
  const notes: Record<string, string> = {};
  return {
    operation: "CREATE",
    group: group.join("."),
    version: "v1",
    resource,
    subresource,
    kind: (object ?? more.oldObject)?.kind ?? "",
    requested: { group: group.join("."), version: "v1" },
    namespace: metadata?.namespace ?? "",
    name: metadata?.name ?? "",
    user: userNamed("ann"),
    dryRun: false,
    object,
    oldObject: undefined,
    options: {},
    warnings,
    notes,
    warn: (message) => void warnings.push(message),
    annotate: (key, value) => {
      notes[key] = value;
    },
    ...more,
  };
}

/** Runs both passes of one plugin; resolves with the message of its refusal, or empty text. */
export async function admit(plugin: AdmissionPlugin, attributes: AdmissionAttributes): Promise<string> {
  if (!plugin.handles(attributes)) return "";
  const { signal } = new AbortController();
  try {
    await plugin.admit?.(attributes, signal);
    await plugin.validate?.(attributes, signal);
    return "";
  } catch (error) {
    return (error as Error).message;
  }
}

/** Pods and nodes are all the kinds there are. */
const findResource: AdmissionDeps["findResource"] = ({ group, version, kind }) =>
  group === "" && (kind === "Pod" || kind === "Node")
    ? { group, version, resource: `${kind.toLowerCase()}s`, namespaced: kind === "Pod" }
    : undefined;

export function depsWith(objects = new FakeObjects(), isAllowed: (name: string) => boolean = () => true) {
  const authorizer: Authorizer = {
    name: "test",
    authorize: ({ name }) =>
      isAllowed(name) ? { allowed: true, reason: "" } : { allowed: false, denied: false, reason: "" },
  };
  return { objects, authorizer, clock: new FakeClock(), findResource } satisfies AdmissionDeps & {
    objects: FakeObjects;
  };
}

export function object<T extends KubeObject = KubeObject>(
  kind: string,
  name: string,
  more: object = {},
  namespace = "dev",
): T {
  return { apiVersion: "v1", kind, metadata: { name, ...(namespace ? { namespace } : {}) }, ...more } as unknown as T;
}

export function podOf(spec: object = {}, name = "web"): Pod {
  return object<Pod>("Pod", name, { spec: { containers: [{ name: "c", image: "i" }], ...spec } });
}
