import { FakeClock } from "@tskube/base/testing";
import { expect } from "chai";
import { createReviewClient } from "./review-client.ts";

describe("a server that is asked", () => {
  it("is this cluster only from within one of its pods, whatever kubeconfig lies about", () => {
    const { KUBERNETES_SERVICE_HOST: host } = process.env;
    delete process.env["KUBERNETES_SERVICE_HOST"];
    try {
      expect(() => createReviewClient({ kubeconfig: undefined, timeoutMs: 1_000 }, new FakeClock())).to.throw(
        "unable to load in-cluster configuration, KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT must be defined",
      );
    } finally {
      if (host !== undefined) process.env["KUBERNETES_SERVICE_HOST"] = host;
    }
  });

  it("is named by a file that is there", () => {
    expect(() => createReviewClient({ kubeconfig: "/nowhere", timeoutMs: 1_000 }, new FakeClock())).to.throw(
      "cannot read kubeconfig /nowhere",
    );
  });
});
