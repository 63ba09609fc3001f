import { deepEqual, dns1123SubdomainErrors, type FieldError, fieldErrorMessage } from "@tskube/apimachinery";
import type { Strategy } from "../../registry/strategy.ts";
import { mainRules } from "../../resources/status-rules.ts";
import type { Findings } from "../cel/rules.ts";
import { customColumns } from "./columns.ts";
import { parseJsonPath } from "./json-path.ts";
import { scaleErrors } from "./replicas.ts";
import type { CustomObject, CustomVersion } from "./version.ts";

/** How objects of a version of a custom resource are written, checked, selected and shown. */
export function customStrategy(custom: CustomVersion): Strategy {
  const { validator, version, hasStatus } = custom;
  const tell = collectWarnings();
  const { scale } = version.subresources ?? {};
  const scaled = (object: object) => (scale ? scaleErrors(object, scale) : []);
  const validate = (object: object) => [...tell.of(object, validator.check(object)), ...scaled(object)];
  const validateUpdate = (object: object, old: object) => [
    ...tell.of(object, validator.check(object, old)),
    ...scaled(object),
  ];
  const validateStatus = (object: object, old: object) => [
    ...tell.of(object, validator.checkStatus(object, old)),
    ...scaled(object),
  ];
  const own: Strategy = {
    hasGeneration: true,
    requiresResourceVersion: true,
    validateName: dns1123SubdomainErrors,
    columns: customColumns(version.additionalPrinterColumns),
    selectableFields: selectableFields(custom),
    prepareForCreate(object) {
      if (hasStatus) delete (object as CustomObject)["status"];
    },
    validate,
    validateUpdate,
    status: { validateUpdate: validateStatus },
    warnings: (object) => tell.taken(object),
  };
  if (hasStatus) return { ...own, ...mainRules(own) };
  return {
    ...own,
    // Without a subresource the status is a field like any other, whose changes count.
    prepareForUpdate(object, old) {
      const [now, before] = [object as CustomObject, old as CustomObject];
      if (!deepEqual(now["status"], before["status"])) {
        now.metadata.generation = (before.metadata.generation ?? 0) + 1;
      }
    },
  };
}

/** Keeps what validation warns of until the registry asks for an object's warnings. */
function collectWarnings() {
  const warnings = new WeakMap<object, readonly string[]>();
  return {
    of(object: object, found: Findings): FieldError[] {
      warnings.set(object, found.warnings.map(fieldErrorMessage));
      return [...found.errors];
    },
    taken: (object: object) => warnings.get(object) ?? [],
  };
}

function selectableFields({ version }: CustomVersion): NonNullable<Strategy["selectableFields"]> {
  return Object.fromEntries(
    (version.selectableFields ?? []).map(({ jsonPath }) => {
      const path = parseJsonPath(jsonPath);
      const read = (object: object) => {
        const [found] = path(object);
        return found === undefined || found === null ? "" : String(found);
      };
      return [jsonPath.replace(/^\./, ""), read];
    }),
  );
}
