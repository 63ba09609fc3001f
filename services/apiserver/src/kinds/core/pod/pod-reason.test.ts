import type { ContainerStatus, Pod, PodStatus } from "@tskube/api";
import { expect } from "chai";
import { cellsAt } from "../../../http/table-columns.ts";
import { podColumns } from "./columns.ts";
import { podReason } from "./pod-reason.ts";
import { qosClass } from "./qos.ts";

const container = (state: ContainerStatus["state"], more: Partial<ContainerStatus> = {}): ContainerStatus => ({
  name: "c",
  image: "",
  imageID: "",
  ready: false,
  restartCount: 0,
  state,
  ...more,
});
const aPod = (status: PodStatus, more: Partial<Pod["spec"]> = {}, metadata = {}): Pod => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "p", ...metadata },
  spec: { containers: [{ name: "c", image: "i" }], ...more },
  status,
});
const init = { initContainers: [{ name: "i" }, { name: "j" }] };
const going = { deletionTimestamp: "2026-01-01T00:00:00Z" };

describe("podReason", () => {
  const cases: [string, Pod][] = [
    ["Pending", aPod({ phase: "Pending" })],
    ["Evicted", aPod({ phase: "Failed", reason: "Evicted" })],
    [
      "SchedulingGated",
      aPod({ phase: "Pending", conditions: [{ type: "PodScheduled", status: "False", reason: "SchedulingGated" }] }),
    ],
    [
      "CrashLoopBackOff",
      aPod({ phase: "Running", containerStatuses: [container({ waiting: { reason: "CrashLoopBackOff" } })] }),
    ],
    [
      "Error",
      aPod({ phase: "Running", containerStatuses: [container({ terminated: { exitCode: 1, reason: "Error" } })] }),
    ],
    ["ExitCode:3", aPod({ phase: "Running", containerStatuses: [container({ terminated: { exitCode: 3 } })] })],
    [
      "Signal:9",
      aPod({ phase: "Running", containerStatuses: [container({ terminated: { exitCode: 137, signal: 9 } })] }),
    ],
    ["Init:0/2", aPod({ phase: "Pending", initContainerStatuses: [container({ running: {} }, { name: "i" })] }, init)],
    [
      "Init:Error",
      aPod(
        {
          phase: "Pending",
          initContainerStatuses: [container({ terminated: { exitCode: 1, reason: "Error" } }, { name: "i" })],
        },
        init,
      ),
    ],
    ["Running", aPod({ phase: "Running", containerStatuses: [container({ running: {} }, { ready: true })] })],
    ["Terminating", aPod({ phase: "Running" }, {}, going)],
    [
      "Completed",
      aPod(
        { phase: "Succeeded", containerStatuses: [container({ terminated: { exitCode: 0, reason: "Completed" } })] },
        {},
        going,
      ),
    ],
    ["Unknown", aPod({ phase: "Running", reason: "NodeLost" }, {}, going)],
  ];
  for (const [reason, pod] of cases) it(`shows ${reason}`, () => expect(podReason(pod)).to.equal(reason));
});

describe("pod columns", () => {
  it("count ready containers, restarts and how long ago the last was", () => {
    const pod = aPod({
      phase: "Running",
      podIP: "10.0.0.1",
      containerStatuses: [
        container(
          { running: {} },
          {
            ready: true,
            restartCount: 2,
            lastState: { terminated: { exitCode: 1, finishedAt: "2026-01-01T00:00:00Z" } },
          },
        ),
      ],
    });
    expect(cellsAt(podColumns.cells(pod), Date.parse("2026-01-01T00:01:00Z"))).to.deep.equal([
      "p",
      "1/1",
      "Running",
      "2 (60s ago)",
      "<unknown>",
      "10.0.0.1",
      "<none>",
      "<none>",
      "<none>",
    ]);
  });
});

describe("qosClass", () => {
  const withResources = (resources: object) => aPod({}, { containers: [{ name: "c", resources }] });
  it("follows requests and limits", () => {
    expect(qosClass(withResources({}))).to.equal("BestEffort");
    expect(qosClass(withResources({ requests: { cpu: "1" } }))).to.equal("Burstable");
    expect(
      qosClass(withResources({ limits: { cpu: "1", memory: "1Gi" }, requests: { cpu: "1000m", memory: "1024Mi" } })),
    ).to.equal("Guaranteed");
    expect(qosClass(withResources({ limits: { cpu: "1" } }))).to.equal("Burstable");
  });
});
