import type { Container, KubeObject, Namespace, Pod } from "@tskube/api";
import { deepEqual, type FieldError, field, Path } from "@tskube/apimachinery";
import { validatePodResize, validateWholePod } from "../kinds/core/pod/validate-pod.ts";
import type { UpdateRules } from "../registry/strategy.ts";

/** Puts back everything of `object` that the rule does not let change. */
function settle(object: KubeObject, settled: KubeObject): void {
  for (const name of Object.keys(object)) delete (object as unknown as Record<string, unknown>)[name];
  Object.assign(object, settled);
}

/** `pods/NAME/ephemeralcontainers`: adds containers for debugging; what is there stays. */
export const ephemeralContainers: UpdateRules<KubeObject> = {
  prepareForUpdate(object, old) {
    const { spec } = object as Pod;
    const before = old as Pod;
    settle(object, {
      ...before,
      metadata: object.metadata,
      spec: { ...before.spec, ephemeralContainers: spec.ephemeralContainers },
    } as Pod);
  },
  validateUpdate(object, old): FieldError[] {
    const path = Path.of("spec", "ephemeralContainers");
    const after = (object as Pod).spec.ephemeralContainers ?? [];
    const kept = ((old as Pod).spec.ephemeralContainers ?? []).flatMap((container) => {
      const same = after.find(({ name }) => name === container.name);
      if (!same) return [field.forbidden(path, `existing ephemeral containers "${container.name}" may not be removed`)];
      if (deepEqual(same, container)) return [];
      return [field.forbidden(path, `existing ephemeral containers "${container.name}" may not be changed`)];
    });
    return [...validateWholePod((object as Pod).spec), ...kept];
  },
};

/** `pods/NAME/resize`: changes what containers may use while they run. */
export const resize: UpdateRules<KubeObject> = {
  prepareForUpdate(object, old) {
    const { spec } = object as Pod;
    const before = old as Pod;
    settle(object, {
      ...before,
      metadata: object.metadata,
      spec: {
        ...before.spec,
        containers: resized(before.spec.containers, spec.containers),
        ...(before.spec.initContainers && {
          initContainers: resized(before.spec.initContainers, spec.initContainers ?? []),
        }),
      },
    } as Pod);
  },
  validateUpdate: (object, old) => validatePodResize(object as Pod, old as Pod),
};

function resized(before: readonly Container[], after: readonly Container[]): Container[] {
  return before.map((container) => {
    const wanted = after.find(({ name }) => name === container.name);
    if (!wanted) return container;
    return { ...container, resources: wanted.resources, resizePolicy: wanted.resizePolicy ?? container.resizePolicy };
  });
}

/** `namespaces/NAME/finalize`: lets go of a namespace that has been emptied. */
export const finalize: UpdateRules<KubeObject> = {
  prepareForUpdate(object, old) {
    const { spec } = object as Namespace;
    const before = old as Namespace;
    settle(object, {
      ...before,
      metadata: object.metadata,
      spec: { ...before.spec, finalizers: spec?.finalizers },
    } as Namespace);
  },
};
