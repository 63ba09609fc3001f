import type { Binding } from "@tskube/api";
import type { PluginDefinition } from "../../framework/handle.ts";
import { failure } from "../../framework/status.ts";

/** Binds through the pod's `binding` subresource. */
export const defaultBinder: PluginDefinition = {
  name: "DefaultBinder",
  create: (_args, { client }) => ({
    name: "DefaultBinder",
    async bind(_state, { pod }, nodeName, signal) {
      const { namespace = "", name, uid } = pod.metadata;
      try {
        await client
          .pods(namespace)
          .sub<Binding>(name, "binding")
          .create(
            {
              apiVersion: "v1",
              kind: "Binding",
              // With the uid, so that a pod of the same name made since is not meant.
              metadata: { name, namespace, ...(uid && { uid }) },
              target: { kind: "Node", name: nodeName },
            },
            { signal },
          );
        return undefined;
      } catch (error) {
        return failure(error);
      }
    },
  }),
};
