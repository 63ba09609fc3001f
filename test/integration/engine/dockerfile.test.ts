import { expect } from "chai";
import { packagesOfStage } from "../../framework/engine/dockerfile.ts";

const dockerfile = `ARG BASE=b
FROM node:20 AS a
RUN apt-get update \\
 && apt-get install -y --no-install-recommends one \\
    two \\
 && rm -rf /var/lib/apt/lists/*
FROM node:20 AS b
COPY x /x
`;

describe("packages of a Dockerfile's stage", () => {
  it("are what apt-get is told to install, over several lines", () => {
    expect(packagesOfStage(dockerfile, "a")).to.deep.equal(["one", "two"]);
  });

  it("are an error when there are none", () => {
    expect(() => packagesOfStage(dockerfile, "b")).to.throw("no stage b");
    expect(() => packagesOfStage(dockerfile, "c")).to.throw("no stage c");
  });
});
