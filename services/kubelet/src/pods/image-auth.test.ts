import type { Secret } from "@tskube/api";
import { expect } from "chai";
import { authsFor } from "./image-auth.ts";

const encode = (value: unknown) =>
  Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64");

function pullSecret(auths: Record<string, unknown>): Secret {
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "pull" },
    type: "kubernetes.io/dockerconfigjson",
    data: { ".dockerconfigjson": encode({ auths }) },
  };
}

describe("credentials of pull secrets", () => {
  const secret = pullSecret({
    "https://index.docker.io/v1/": { auth: encode("hub:pass:word") },
    "registry.example.com": { username: "all", password: "1" },
    "registry.example.com/team": { username: "team", password: "2" },
    "*.wild.example": { username: "wild", password: "3" },
  });
  const users = (image: string) => authsFor(image, [secret]).map(({ username, password }) => `${username}/${password}`);

  it("are those of the image's registry, the closest match first", () => {
    expect(users("registry.example.com/team/app:1")).to.deep.equal(["team/2", "all/1"]);
    expect(users("registry.example.com/teams/app:1")).to.deep.equal(["all/1"]);
    expect(users("a.wild.example/app")).to.deep.equal(["wild/3"]);
    expect(users("other.example/app")).to.deep.equal([]);
  });

  it("know Docker Hub by its old name", () => {
    expect(users("busybox")).to.deep.equal(["hub/pass:word"]);
  });

  it("ignore secrets that cannot be read", () => {
    expect(authsFor("busybox", [{ ...secret, data: { ".dockerconfigjson": encode("{") } }])).to.deep.equal([]);
  });
});
