import type { KubeObject } from "@tskube/api";
import { type Informers, type KindName, kinds } from "@tskube/client";
import type { Controller, Keys, WakeRule } from "../controller.ts";

/** Registers the informers a controller needs and calls `wake` for the keys of every change. The returned function ends that. */
export function connectWakeRules(
  controller: Controller,
  informers: Informers,
  wake: (key: string) => void,
): () => void {
  const removers: Array<() => void> = [];
  for (const kind of controller.reads ?? []) informers.dynamic(kinds[kind]);
  for (const [kind, rule] of Object.entries(controller.wakeOn)) {
    const informer = informers.dynamic<KubeObject>(kinds[kind as KindName]);
    removers.push(connect(rule as WakeRule<KubeObject>));

    function connect(rule: WakeRule<KubeObject>): () => void {
      const keysOf = typeof rule === "function" ? rule : rule.keys;
      const passes = typeof rule === "function" ? undefined : rule.onUpdate;
      const wakeAll = (keys: Keys) => {
        for (const key of typeof keys === "string" ? [keys] : (keys ?? [])) wake(key);
      };
      return informer.on({
        add: (object) => wakeAll(keysOf(object)),
        update(old, object) {
          if (passes && !passes(old, object)) return;
          wakeAll(keysOf(old));
          wakeAll(keysOf(object));
        },
        delete: (object) => wakeAll(keysOf(object)),
      });
    }
  }
  return () => {
    for (const remove of removers) remove();
  };
}
