import type { ListMeta, ObjectMeta } from "./generated/meta/v1.ts";

/** What every object with a place in the API has. */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
}

/** A list as the API answers it. */
export interface KubeList<T> {
  apiVersion: string;
  kind: string;
  metadata: ListMeta;
  items: T[];
}
