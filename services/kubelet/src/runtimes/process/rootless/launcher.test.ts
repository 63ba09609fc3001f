import { expect } from "chai";
import type { ProcessSpec } from "../launch/spec.ts";
import { rootlessEnvironment, userAuthority } from "./authority.ts";
import { rootlessCommand } from "./launcher.ts";

const toolbox = { dir: "/toolbox", command: (tool: string) => [`./${tool}`] };
const program: ProcessSpec = {
  args: ["serve"],
  env: ["A=1"],
  cwd: "/",
  uid: 0,
  gid: 0,
  groups: [5],
  capabilities: ["chown"],
  noNewPrivileges: false,
  tty: false,
};

describe("a program of a container without root", () => {
  it("changes neither user nor groups, of which there is one", () => {
    const words = rootlessCommand(program, toolbox);
    expect(words).to.include("-all,+chown").and.not.include("--reuid").and.not.include("--groups");
    expect(words).to.not.include("./unshare");
  });

  it("is another user in a namespace of its own", () => {
    const words = rootlessCommand({ ...program, uid: 1000, gid: 1001 }, toolbox).join(" ");
    expect(words).to.match(/\.\/setpriv .* \.\/unshare --user --map-user=1000 --map-group=1001 -- \.\/env .* serve$/);
  });

  it("keeps the session that has its terminal", () => {
    expect(rootlessCommand({ ...program, tty: true }, toolbox)).to.not.include("./setsid");
    expect(rootlessCommand(program, toolbox)[0]).to.equal("./setsid");
  });

  it("is started by helpers that enter the user namespace and bear the node's marks", () => {
    expect(userAuthority(42, false).prefix).to.deep.equal([
      "nsenter",
      "--preserve-credentials",
      "--user=/proc/42/ns/user",
      "--",
    ]);
    const environment = rootlessEnvironment({ TSKUBE_NODE: "here:n1", SECRET: "x" });
    expect(environment).to.include({ TSKUBE_NODE: "here:n1", LC_ALL: "C" }).and.not.have.property("SECRET");
  });
});
