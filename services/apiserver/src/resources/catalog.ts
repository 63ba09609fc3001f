import type { GroupVersionResource } from "@tskube/apimachinery";
import type { GroupResource } from "../registry/objects.ts";
import type { ServedResource } from "./served-resource.ts";

/** All resources that the server stores, by what a request or a plugin names them. */
export class Catalog {
  readonly #served = new Map<string, ServedResource>();
  readonly #byGroup = new Map<string, ServedResource>();

  add(resource: ServedResource): void {
    const { group, version, resource: plural } = resource.info;
    this.#served.set(`${group}/${version}/${plural}`, resource);
    if (!resource.toServed) this.#byGroup.set(`${group}/${plural}`, resource);
  }

  remove(resource: ServedResource): void {
    const { group, version, resource: plural } = resource.info;
    this.#served.delete(`${group}/${version}/${plural}`);
    if (this.#byGroup.get(`${group}/${plural}`) === resource) this.#byGroup.delete(`${group}/${plural}`);
  }

  find({ group, version, resource }: GroupVersionResource): ServedResource | undefined {
    return this.#served.get(`${group}/${version}/${resource}`);
  }

  /** The resource in its stored version; throws for one that is not stored, which only our own code can ask for. */
  stored({ group, resource }: GroupResource): ServedResource {
    const found = this.#byGroup.get(`${group}/${resource}`);
    if (!found) throw new Error(`no stored resource ${resource} in group ${JSON.stringify(group)}`);
    return found;
  }

  all(): readonly ServedResource[] {
    return [...this.#served.values()];
  }
}
