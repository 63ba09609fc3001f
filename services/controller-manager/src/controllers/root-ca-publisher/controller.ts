import { isAlreadyExists, isNotFound, statusCause } from "@tskube/apimachinery";
import { type Controller, type Deps, done, self } from "@tskube/controller";

const name = "kube-root-ca.crt";
const description =
  "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.";

/** Keeps the cluster's authority in a ConfigMap of every namespace, where pods' projected volumes take it from. */
export function rootCaPublisher(rootCa: string): (deps: Deps) => Controller {
  const data = { "ca.crt": rootCa };
  return ({ client, informers, listers }) => {
    const { namespaces } = listers;
    // Only these: other ConfigMaps may be large and nobody here reads them.
    const maps = informers.for(
      { group: "", version: "v1", resource: "configmaps", kind: "ConfigMap", namespaced: true } as const,
      { fieldSelector: `metadata.name=${name}` },
    );
    const draft = (namespace: string) => ({
      metadata: { name, namespace, annotations: { "kubernetes.io/description": description } },
      data,
    });
    return {
      name: "root-ca-certificate-publisher",
      workers: 1,
      wakeOn: { Namespace: self },
      start(wake) {
        const wakeNamespace = ({ metadata }: { metadata: { namespace?: string | undefined } }) =>
          wake(metadata.namespace ?? "");
        maps.on({ update: (_, map) => wakeNamespace(map), delete: wakeNamespace });
      },
      async reconcile(namespace) {
        if (namespaces.get(namespace)?.status?.phase !== "Active") return done;
        const found = maps.lister.get(`${namespace}/${name}`);
        const wanted = draft(namespace);
        const isRight =
          Object.keys(found?.data ?? {}).length === 1 &&
          found?.data?.["ca.crt"] === rootCa &&
          found.metadata.annotations?.["kubernetes.io/description"] !== undefined;
        if (isRight) return done;
        try {
          if (!found) await client.configmaps(namespace).create(wanted);
          else
            await client.configmaps(namespace).update({
              ...found,
              data,
              metadata: {
                ...found.metadata,
                annotations: { ...found.metadata.annotations, ...wanted.metadata.annotations },
              },
            });
        } catch (error) {
          if (!isAlreadyExists(error) && !isNotFound(error) && !statusCause(error, "NamespaceTerminating")) throw error;
        }
        return done;
      },
    };
  };
}
