import { cri } from "@tskube/proto-gen";
import { expect } from "chai";
import { nodeFronts, podFronts } from "./fronts.ts";
import { parseListeners } from "./listeners.ts";

const line = (local: string, state: string) => `   0: ${local} 00000000:0000 ${state} 00000000:00000000 00:00000000`;

describe("sockets seen from the other side", () => {
  it("are read from what the kernel tells, listening ones only", () => {
    const text = [
      "  sl  local_address rem_address   st",
      line("0200F47F:1F90", "0A"),
      line("00000000:0050", "0A"),
      line("0100007F:1F91", "01"),
      "",
    ].join("\n");
    expect(parseListeners(text)).to.deep.equal([
      { address: "127.244.0.2", port: 8080 },
      { address: "0.0.0.0", port: 80 },
    ]);
  });

  it("are also those for both families, but not those for IPv6 alone", () => {
    const text = [
      "header",
      line(`${"0".repeat(32)}:1F90`, "0A"),
      line("0000000000000000FFFF00000100007F:1F91", "0A"),
      line("00000000000000000000000001000000:1F92", "0A"),
    ].join("\n");
    expect(parseListeners(text)).to.deep.equal([
      { address: "0.0.0.0", port: 8080 },
      { address: "127.0.0.1", port: 8081 },
    ]);
  });

  it("of a pod are at its address, unless they are meant for the pod alone", () => {
    const listeners = [
      { address: "0.0.0.0", port: 80 },
      { address: "127.244.0.2", port: 81 },
      { address: "127.0.0.1", port: 82 },
    ];
    const fronts = podFronts({ ip: "127.244.0.2", listeners, portMappings: [] });
    expect(fronts.map(({ side, address, port }) => [side, address, port])).to.deep.equal([
      ["node", "127.244.0.2", 80],
      ["node", "127.244.0.2", 81],
    ]);
  });

  it("of a pod are at the node's address for host ports", () => {
    const mapping = cri.PortMapping.fromPartial({ containerPort: 80, hostPort: 8080 });
    expect(podFronts({ ip: "127.244.0.2", listeners: [], portMappings: [mapping] })).to.deep.equal([
      { side: "node", address: "0.0.0.0", port: 8080, to: { address: "127.244.0.2", port: 80 } },
    ]);
  });

  it("of the node are at service addresses and at its own, never at its loopback or at pods' addresses", () => {
    const listeners = [
      { address: "127.96.0.7", port: 80 },
      { address: "0.0.0.0", port: 30000 },
      { address: "127.0.0.1", port: 10248 },
      { address: "127.244.0.2", port: 8080 },
    ];
    const seen = nodeFronts(listeners, "192.0.2.2").map(({ address, port }) => `${address}:${port}`);
    expect(seen).to.deep.equal(["127.96.0.7:80", "192.0.2.2:30000"]);
  });

  it("of a node that has only its loopback are at service addresses alone", () => {
    expect(nodeFronts([{ address: "0.0.0.0", port: 30000 }], "127.0.0.1")).to.deep.equal([]);
  });
});
