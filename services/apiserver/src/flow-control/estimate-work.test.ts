import { expect } from "chai";
import { requestInfo } from "../filters/request-info.ts";
import { estimateWork } from "./estimate-work.ts";

describe("the cost of a request", () => {
  const cases: [what: string, method: string, target: string, stored: number, watchers: number, work: number[]][] = [
    ["a get", "GET", "/api/v1/namespaces/n/pods/p", 5_000, 0, [1, 0, 0]],
    ["a path", "GET", "/version", 5_000, 0, [1, 0, 0]],
    ["a list of few", "GET", "/api/v1/pods", 50, 0, [1, 0, 0]],
    ["a list of all", "GET", "/api/v1/pods", 450, 0, [5, 0, 0]],
    ["a list of very many", "GET", "/api/v1/pods", 50_000, 0, [10, 0, 0]],
    ["a list of one by its name", "GET", "/api/v1/pods?fieldSelector=metadata.name%3Dp", 50_000, 0, [1, 0, 0]],
    ["a page", "GET", "/api/v1/pods?limit=100&continue=x", 50_000, 0, [2, 0, 0]],
    ["a page of a version", "GET", "/api/v1/pods?limit=200&resourceVersion=7", 50_000, 0, [4, 0, 0]],
    ["a page under a selector", "GET", "/api/v1/pods?limit=100&continue=x&labelSelector=a", 400, 0, [5, 0, 0]],
    ["a watch with its state", "GET", "/api/v1/pods?watch=1", 450, 0, [5, 0, 0]],
    ["a watch list", "GET", "/api/v1/pods?watch=1&sendInitialEvents=true&resourceVersion=7", 450, 0, [5, 0, 0]],
    ["a watch that goes on", "GET", "/api/v1/pods?watch=1&resourceVersion=7", 450, 0, [1, 0, 0]],
    ["a write that nobody watches", "PUT", "/api/v1/namespaces/n/pods/p", 0, 9, [1, 0, 0]],
    ["a write that many watch", "PUT", "/api/v1/namespaces/n/pods/p", 0, 35, [1, 4, 5]],
    ["a write that very many watch", "POST", "/api/v1/namespaces/n/pods", 0, 1_000, [1, 10, 50]],
    ["a token", "POST", "/api/v1/namespaces/n/serviceaccounts/a/token", 0, 1_000, [1, 0, 0]],
  ];
  for (const [what, method, target, stored, watchers, work] of cases) {
    it(`of ${what} is ${work[0]} seats, and ${work[1]} for ${work[2]} ms after`, () => {
      const [path = "", text = ""] = target.split("?");
      const query = new URLSearchParams(text);
      const counts = { objects: () => stored, watchers: () => watchers };
      const { initialSeats, finalSeats, additionalMs } = estimateWork(
        requestInfo(method, path, query),
        query,
        counts,
        10,
      );
      expect([initialSeats, finalSeats, additionalMs]).to.deep.equal(work);
    });
  }
});
