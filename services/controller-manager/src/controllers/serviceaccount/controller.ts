import { isAlreadyExists, statusCause } from "@tskube/apimachinery";
import { type Controller, type Deps, done, self } from "@tskube/controller";

/** Keeps a service account called `default` in every namespace. */
export function serviceAccountController({ client, listers }: Deps): Controller {
  const { namespaces, serviceaccounts } = listers;
  return {
    name: "serviceaccount",
    workers: 1,
    wakeOn: {
      Namespace: self,
      ServiceAccount: ({ metadata }) => (metadata.name === "default" ? metadata.namespace : undefined),
    },
    async reconcile(name) {
      if (namespaces.get(name)?.status?.phase !== "Active" || serviceaccounts.get(`${name}/default`)) return done;
      try {
        await client.serviceaccounts(name).create({ metadata: { name: "default", namespace: name } });
      } catch (error) {
        if (!isAlreadyExists(error) && !statusCause(error, "NamespaceTerminating")) throw error;
      }
      return done;
    },
  };
}
