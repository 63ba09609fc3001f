import type { CelInput } from "@bufbuild/cel";
import type { KubeObject } from "@tskube/api";
import type { Authorizer } from "../../auth/authorizer.ts";
import type { AdmissionAttributes } from "../plugin.ts";
import type { ServedVersion } from "../served-version.ts";
import { admissionRequest } from "../webhooks/review.ts";
import { type Authorization, checkValue } from "./authorizer-functions.ts";
import { toCel } from "./expression.ts";

/** What an expression about one write may name. */
export interface Bindings {
  readonly authorization: Authorization;
  values(): Record<string, CelInput>;
}

/** `object`, `oldObject`, `request`, `authorizer` and what else is given; each is made once, when the first expression runs. */
export function bindingsOf(
  attributes: AdmissionAttributes,
  version: ServedVersion,
  authorizer: Authorizer,
  more: Readonly<Record<string, unknown>> = {},
): Bindings {
  let values: Record<string, CelInput> | undefined;
  const shown = (object: KubeObject | undefined) => toCel(object && version.toServed(object));
  return {
    authorization: { authorizer, user: attributes.user },
    values() {
      values ??= {
        object: shown(attributes.object),
        oldObject: shown(attributes.oldObject),
        request: toCel({ ...admissionRequest(attributes, version), object: undefined, oldObject: undefined }),
        authorizer: checkValue({}, { requestResource: checkValue(requestCheck(attributes)) }),
        ...Object.fromEntries(Object.entries(more).map(([name, value]) => [name, toCel(value)])),
      };
      return values;
    },
  };
}

function requestCheck({ group, version, resource, subresource, namespace, name }: AdmissionAttributes) {
  return { group, version, resource, subresource, namespace, name, isResource: true };
}
