import type { Node } from "@tskube/api";
import { type Controller, type Deps, done, type Result, self } from "@tskube/controller";
import { type Cidr, formatCidr, parseCidr } from "../../net/cidr.ts";
import { CidrSet } from "./cidr-set.ts";

export interface NodeIpamOptions {
  /** One range per address family. */
  readonly clusterCidrs: readonly Cidr[];
  readonly serviceCidrs: readonly Cidr[];
  /** Of a node's share; absent: by family. */
  readonly maskSize: number | undefined;
}

const defaultMaskSize = { IPv4: 24, IPv6: 64 } as const;

/** Gives every node a share of the pods' addresses, for as long as the node exists. */
export function nodeIpamController({
  clusterCidrs,
  serviceCidrs,
  maskSize,
}: NodeIpamOptions): (deps: Deps) => Controller {
  return ({ client, events, listers }) => {
    const { nodes } = listers;
    const sets = clusterCidrs.map((cidr) => new CidrSet(cidr, maskSize ?? defaultMaskSize[cidr.family]));
    const held = new Map<string, readonly Cidr[]>();
    for (const set of sets) for (const cidr of serviceCidrs) set.occupy(cidr);

    return {
      name: "node-ipam",
      workers: 1, // one at a time, so that a share is never given twice
      wakeOn: { Node: { keys: self, onUpdate: (old, node) => cidrsOf(old).length !== cidrsOf(node).length } },
      start() {
        // What nodes have is known before anything is given out, also after a restart.
        for (const node of nodes.list()) hold(node.metadata.name, cidrsOf(node));
      },
      async reconcile(name) {
        const node = nodes.get(name);
        if (!node) return release(name);
        const present = cidrsOf(node);
        if (present.length > 0) {
          hold(name, present);
          return done;
        }
        return give(node);
      },
    };

    function hold(name: string, cidrs: readonly Cidr[]): void {
      if (cidrs.length === 0 || held.has(name)) return;
      held.set(name, cidrs);
      for (const set of sets) for (const cidr of cidrs) set.occupy(cidr);
    }

    function release(name: string): Result {
      for (const cidr of held.get(name) ?? []) for (const set of sets) set.release(cidr);
      held.delete(name);
      return done;
    }

    async function give(node: Node): Promise<Result> {
      const { name } = node.metadata;
      const shares = held.get(name) ?? sets.flatMap((set) => set.allocate() ?? []);
      held.set(name, shares);
      if (shares.length < sets.length) {
        release(name);
        events.normal(node, "CIDRNotAvailable", `Node ${name} status is now: CIDRNotAvailable`);
        throw new Error(`no range is left for node ${name}`);
      }
      const podCIDRs = shares.map(formatCidr);
      // Kept when this fails: an answer that was lost may have done it, and the next try gives the same.
      await client.nodes().patch(name, { spec: { podCIDR: podCIDRs[0], podCIDRs } });
      return done;
    }
  };
}

function cidrsOf({ spec }: Node): Cidr[] {
  const texts = spec?.podCIDRs ?? (spec?.podCIDR ? [spec.podCIDR] : []);
  return texts.flatMap((text) => parseCidr(text) ?? []);
}
