import type { LocalSubjectAccessReview, SubjectAccessReview, SubjectAccessReviewSpec } from "@tskube/api";
import { field } from "@tskube/apimachinery";
import { expect } from "chai";
import { validateLocalSubjectAccess, validateSubjectAccess } from "./validate-access-review.ts";

const head = { apiVersion: "authorization.k8s.io/v1" } as const;
const pods = { verb: "list", resource: "pods" };
const withPods = (more: object): SubjectAccessReviewSpec => ({ user: "ann", resourceAttributes: { ...pods, ...more } });

describe("a SubjectAccessReview", () => {
  const cases: readonly [what: string, spec: SubjectAccessReviewSpec, problems: readonly string[]][] = [
    ["asks about a resource", withPods({}), []],
    [
      "asks about one thing",
      { user: "ann" },
      [
        "spec.resourceAttributes: Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified",
      ],
    ],
    [
      "asks not about two things, and about somebody",
      { resourceAttributes: pods, nonResourceAttributes: { path: "/x" } },
      [
        'spec.nonResourceAttributes: Invalid value: {"path":"/x"}: cannot be specified in combination with resourceAttributes',
        'spec.user: Invalid value: "": at least one of user or group must be specified',
      ],
    ],
    ["may narrow by a text", withPods({ labelSelector: { rawSelector: "a=b" } }), []],
    [
      "narrows in one way",
      withPods({ labelSelector: { rawSelector: "a=b", requirements: [{ key: "a", operator: "Exists" }] } }),
      [
        'spec.resourceAttributes.labelSelector.rawSelector: Invalid value: "a=b": may not specified at the same time as requirements',
      ],
    ],
    [
      "does not narrow by nothing",
      withPods({ fieldSelector: {} }),
      [
        "spec.resourceAttributes.fieldSelector.requirements: Required value: when spec.resourceAttributes.fieldSelector is specified, requirements or rawSelector is required",
      ],
    ],
    [
      "has values where the operator wants them",
      withPods({
        fieldSelector: { requirements: [{ key: "", operator: "In" }] },
        labelSelector: {
          requirements: [
            { key: "-", operator: "Exists", values: ["x"] },
            { key: "a", operator: "Newer", values: ["x"] },
          ],
        },
      }),
      [
        "spec.resourceAttributes.fieldSelector.requirements[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
        "spec.resourceAttributes.fieldSelector.requirements[0].key: Required value: must be specified",
        "spec.resourceAttributes.labelSelector.requirements[0].values: Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
        "spec.resourceAttributes.labelSelector.requirements[0].key: Invalid value: \"-\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
      ],
    ],
  ];
  for (const [what, spec, problems] of cases) {
    it(what, () => {
      const review = { ...head, kind: "SubjectAccessReview", spec } as SubjectAccessReview;
      expect(validateSubjectAccess(review).map(field.fieldErrorMessage)).to.deep.equal(problems);
    });
  }

  it("has no name", () => {
    const review = { ...head, kind: "SubjectAccessReview", metadata: { name: "x" }, spec: withPods({}) } as const;
    expect(validateSubjectAccess(review).map(field.fieldErrorMessage)).to.deep.equal([
      'metadata: Invalid value: {"name":"x"}: must be empty',
    ]);
  });

  it("that is local stays in its namespace", () => {
    const review = (spec: SubjectAccessReviewSpec) =>
      ({ ...head, kind: "LocalSubjectAccessReview", metadata: { namespace: "dev" }, spec }) as LocalSubjectAccessReview;
    const problems = (spec: SubjectAccessReviewSpec) =>
      validateLocalSubjectAccess(review(spec)).map(field.fieldErrorMessage);
    expect(problems(withPods({ namespace: "dev" }))).to.deep.equal([]);
    expect(problems(withPods({ namespace: "prod" }))).to.deep.equal([
      'spec.resourceAttributes.namespace: Invalid value: "prod": must match metadata.namespace',
    ]);
    expect(problems({ user: "ann", nonResourceAttributes: { path: "/x" } })).to.deep.equal([
      'spec.nonResourceAttributes: Invalid value: {"path":"/x"}: disallowed on this kind of request',
    ]);
  });
});
