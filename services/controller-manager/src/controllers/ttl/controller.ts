import { type Controller, type Deps, done, self } from "@tskube/controller";
import { stepFor, steps } from "./steps.ts";

const annotation = "node.alpha.kubernetes.io/ttl";

/** Tells kubelets, on their nodes, how long they may go on with secrets and config maps they have read: the longer, the more nodes ask. */
export function ttlController({ client, listers }: Deps): Controller {
  const { nodes } = listers;
  let step = 0;

  return {
    name: "ttl",
    wakeOn: { Node: self },
    async reconcile(name) {
      const node = nodes.get(name);
      if (!node) return done;
      // Other nodes learn of a new step when they report themselves next.
      step = stepFor(nodes.list().length, step);
      const seconds = String(steps[step]?.seconds);
      if (node.metadata.annotations?.[annotation] === seconds) return done;
      await client.nodes().patch(name, { metadata: { annotations: { [annotation]: seconds } } });
      return done;
    },
  };
}
