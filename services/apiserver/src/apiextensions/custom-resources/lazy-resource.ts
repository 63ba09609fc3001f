import type { ResourceInfo } from "@tskube/api";
import type { ServedResource } from "../../resources/served-resource.ts";

/** A resource that costs nothing until somebody looks into it. */
export class LazyResource implements ServedResource {
  readonly info: ResourceInfo;
  readonly isLazy = true;
  readonly #open: () => ServedResource;

  constructor(info: ResourceInfo, open: () => ServedResource) {
    this.info = info;
    this.#open = open;
  }

  get codec() {
    return this.#open().codec;
  }

  get store() {
    return this.#open().store;
  }

  get cache() {
    return this.#open().cache;
  }

  get broadcaster() {
    return this.#open().broadcaster;
  }

  get strategy() {
    return this.#open().strategy;
  }

  get customJson() {
    return this.#open().customJson;
  }

  get convert() {
    return this.#open().convert;
  }

  get replicas() {
    return this.#open().replicas;
  }

  isSelectable(field: string): boolean {
    return this.#open().isSelectable(field);
  }
}
