import { createHash } from "node:crypto";
import type { Pod } from "@tskube/api";
import {
  configHashAnnotation,
  configMirrorAnnotation,
  configSeenAnnotation,
  configSourceAnnotation,
} from "../runtime/names.ts";

/** The pod that a manifest of the node describes. Its name bears the node's, and its uid follows from the file's content: another content is another pod. */
export function staticPod(
  manifest: unknown,
  options: { readonly nodeName: string; readonly path: string; readonly nowMs: number },
): Pod {
  const { nodeName, path, nowMs } = options;
  const parsed = manifest as Partial<Pod> | null;
  if (parsed?.kind !== "Pod" || !parsed.metadata?.name || !parsed.spec?.containers?.length)
    throw new Error(`${path} holds no pod`);
  const hash = createHash("md5")
    .update(JSON.stringify([nodeName, path, parsed]))
    .digest("hex");
  const { metadata, spec } = parsed;
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      ...metadata,
      name: `${metadata.name}-${nodeName}`,
      namespace: metadata.namespace || "default",
      uid: metadata.uid || hash,
      annotations: {
        ...metadata.annotations,
        [configHashAnnotation]: hash,
        [configSourceAnnotation]: "file",
        [configSeenAnnotation]: new Date(nowMs).toISOString(),
      },
    },
    spec: {
      ...spec,
      nodeName,
      restartPolicy: spec.restartPolicy ?? "Always",
      dnsPolicy: spec.dnsPolicy ?? "ClusterFirst",
      terminationGracePeriodSeconds: spec.terminationGracePeriodSeconds ?? 30,
      enableServiceLinks: spec.enableServiceLinks ?? true,
      containers: spec.containers.map((container) => ({
        terminationMessagePath: "/dev/termination-log",
        terminationMessagePolicy: "File",
        ...container,
      })),
      // A static pod must be able to start and stay when the control plane is away.
      tolerations: [...(spec.tolerations ?? []), { operator: "Exists", effect: "NoExecute" }],
    },
  };
}

/** The API object that shows a static pod to users; owned by the node, so that it goes with it. */
export function mirrorOf(pod: Pod, node: { readonly name: string; readonly uid: string } | undefined): Pod {
  const { annotations, labels, name, namespace } = pod.metadata;
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name,
      namespace,
      ...(labels && { labels }),
      annotations: { ...annotations, [configMirrorAnnotation]: annotations?.[configHashAnnotation] ?? "" },
      ...(node && {
        ownerReferences: [{ apiVersion: "v1", kind: "Node", name: node.name, uid: node.uid, controller: true }],
      }),
    },
    spec: pod.spec,
  };
}

/** Whether a mirror shows this very static pod and not a former content of its file. */
export function isMirrorOf(mirror: Pod, pod: Pod): boolean {
  return mirror.metadata.annotations?.[configMirrorAnnotation] === pod.metadata.annotations?.[configHashAnnotation];
}
