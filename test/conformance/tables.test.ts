import { expect } from "chai";
import { at } from "../integration/apiserver/open-test-server.ts";
import { type Api, openApi } from "./open-api.ts";

describe("conformance: tables", () => {
  let api: Api;
  before(async () => {
    api = await openApi();
  });
  after(() => api.close());

  it("[sig-api-machinery] Servers with support for Table transformation should return a 406 for a backend which does not implement metadata [Conformance]", async () => {
    const path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
    const review = { spec: { resourceAttributes: { namespace: "default", resource: "secrets", verb: "get" } } };
    const accept = "application/json;as=Table;v=v1;g=meta.k8s.io";
    const refused = await api.send("POST", path, review, { accept });
    expect([refused.status, at(refused.json, "reason")]).to.deep.equal([406, "NotAcceptable"]);
    const answered = await api.send("POST", path, review, { accept: `${accept},application/json` });
    expect([answered.status, at(answered.json, "kind")]).to.deep.equal([201, "SelfSubjectAccessReview"]);
  });
});
