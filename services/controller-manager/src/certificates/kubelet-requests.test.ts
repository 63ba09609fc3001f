import { expect } from "chai";
import { clientUsagesProblem, kubeletClientProblem, kubeletServingProblem } from "./kubelet-requests.ts";

const node = { commonName: "system:node:n1", organizations: ["system:nodes"], alternativeNames: [] };
const named = { ...node, alternativeNames: [{ type: "dns" as const, value: "n1" }] };
const clientUsages = ["key encipherment", "digital signature", "client auth"];
const servingUsages = ["key encipherment", "digital signature", "server auth"];

describe("requests for kubelets' certificates", () => {
  it("are taken with and without the usage that only RSA keys have", () => {
    expect(kubeletClientProblem(node, clientUsages)).to.equal(undefined);
    expect(kubeletClientProblem(node, ["client auth", "digital signature"])).to.equal(undefined);
    expect(kubeletServingProblem(named, servingUsages)).to.equal(undefined);
    expect(kubeletServingProblem(named, ["server auth", "digital signature"])).to.equal(undefined);
  });

  const cases: readonly [string, string | undefined, string][] = [
    [
      "another group",
      kubeletClientProblem({ ...node, organizations: ["a"] }, clientUsages),
      "subject organization is not system:nodes",
    ],
    [
      "two groups",
      kubeletServingProblem({ ...named, organizations: ["system:nodes", "a"] }, servingUsages),
      "subject organization is not system:nodes",
    ],
    [
      "another user",
      kubeletClientProblem({ ...node, commonName: "ann" }, clientUsages),
      "subject common name does not begin with system:node:",
    ],
    ["names of a client", kubeletClientProblem(named, clientUsages), "DNS subjectAltNames are not allowed"],
    ["no names of a server", kubeletServingProblem(node, servingUsages), "DNS or IP subjectAltName is required"],
    [
      "a URI of a server",
      kubeletServingProblem(
        { ...named, alternativeNames: [...named.alternativeNames, { type: "url", value: "x:y" }] },
        servingUsages,
      ),
      "URI subjectAltNames are not allowed",
    ],
    [
      "usages of a server",
      kubeletClientProblem(node, servingUsages),
      "usages did not match [client auth digital signature key encipherment]",
    ],
    [
      "more usages",
      kubeletServingProblem(named, [...servingUsages, "client auth"]),
      "usages did not match [digital signature key encipherment server auth]",
    ],
  ];
  for (const [what, problem, message] of cases) {
    it(`are refused with ${what}`, () => expect(problem).to.equal(message));
  }

  it("and of other clients only with usages of clients", () => {
    expect(clientUsagesProblem(clientUsages)).to.equal(undefined);
    expect(clientUsagesProblem(["digital signature"])).to.equal(
      "missing required usage for client certificate: client auth",
    );
    expect(clientUsagesProblem(["client auth", "server auth"])).to.equal(
      "invalid usage for client certificate: server auth",
    );
  });
});
