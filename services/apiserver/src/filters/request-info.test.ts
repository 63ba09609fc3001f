import { expect } from "chai";
import { requestInfo } from "./request-info.ts";

const info = (method: string, target: string) => {
  const [path = "", query = ""] = target.split("?");
  return requestInfo(method, path, new URLSearchParams(query));
};

describe("requestInfo", () => {
  const cases: [string, string, object][] = [
    ["GET", "/api/v1/pods", { verb: "list", group: "", version: "v1", namespace: "", resource: "pods", name: "" }],
    ["GET", "/api/v1/pods?watch=true", { verb: "watch" }],
    ["GET", "/api/v1/watch/pods", { verb: "watch", resource: "pods" }],
    ["GET", "/api/v1/namespaces/ns/pods/p", { verb: "get", namespace: "ns", name: "p", subresource: "" }],
    ["PUT", "/api/v1/namespaces/ns/pods/p/status", { verb: "update", name: "p", subresource: "status" }],
    ["DELETE", "/apis/apps/v1/namespaces/ns/deployments", { verb: "deletecollection", group: "apps" }],
    ["GET", "/api/v1/namespaces", { verb: "list", resource: "namespaces", namespace: "" }],
    ["GET", "/api/v1/namespaces/ns", { verb: "get", resource: "namespaces", name: "ns", namespace: "ns" }],
    ["PUT", "/api/v1/namespaces/ns/finalize", { resource: "namespaces", name: "ns", subresource: "finalize" }],
    ["GET", "/api/v1/pods?fieldSelector=metadata.name%3Dp", { verb: "list", name: "p" }],
    [
      "GET",
      "/api/v1/namespaces/n/services/https:s:1/proxy/a/b%2Fc",
      { name: "https:s:1", subresource: "proxy", rest: "/a/b%2Fc" },
    ],
    ["GET", "/api/v1/nodes/n/proxy", { subresource: "proxy", rest: "" }],
    ["POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", { verb: "create", isResource: true }],
  ];
  for (const [method, target, expected] of cases) {
    it(`reads ${method} ${target}`, () => expect(info(method, target)).to.include({ isResource: true, ...expected }));
  }

  for (const path of ["/api", "/apis", "/apis/apps", "/apis/apps/v1", "/api/v1", "/healthz", "/openapi/v3/api/v1"]) {
    it(`takes ${path} for no resource`, () => expect(info("GET", path)).to.include({ isResource: false, verb: "get" }));
  }
});
