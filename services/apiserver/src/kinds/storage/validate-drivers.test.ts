import type { CSIDriver, CSINode, VolumeAttachment, VolumeAttributesClass } from "@tskube/api";
import { expect } from "chai";
import { checkCases, completed, texts } from "../testing/errors-of.ts";
import {
  validateAttachment,
  validateAttachmentUpdate,
  validateAttributesClass,
  validateAttributesClassUpdate,
  validateDriver,
  validateDriverUpdate,
  validateNodeDrivers,
  validateNodeDriversUpdate,
} from "./validate-drivers.ts";

const driver = ["storage.k8s.io/v1", "CSIDriver"] as const;
const node = ["storage.k8s.io/v1", "CSINode"] as const;
const attachment = ["storage.k8s.io/v1", "VolumeAttachment"] as const;
const attributes = ["storage.k8s.io/v1", "VolumeAttributesClass"] as const;

describe("a storage driver", () => {
  checkCases<CSIDriver>(driver, validateDriver, [
    ["needs nothing but its name", { spec: {} }, []],
    [
      "lives and asks as is known",
      {
        spec: {
          fsGroupPolicy: "Some",
          volumeLifecycleModes: ["Forever"],
          tokenRequests: [{ audience: "a" }, { audience: "a", expirationSeconds: 1 }],
        },
      },
      [
        'spec.fsGroupPolicy: Unsupported value: "Some": supported values: "ReadWriteOnceWithFSType", "File", "None"',
        'spec.tokenRequests[1].audience: Duplicate value: "a"',
        "spec.tokenRequests[1].expirationSeconds: Invalid value: 1: may not specify a duration less than 10 minutes",
        'spec.volumeLifecycleModes: Unsupported value: "Forever": supported values: "Persistent", "Ephemeral"',
      ],
    ],
  ]);

  it("attaches or not for ever", () => {
    const old = completed<CSIDriver>(...driver, { spec: {} });
    const changed = completed<CSIDriver>(...driver, { spec: { attachRequired: false } });
    expect(texts(validateDriverUpdate(changed, old))).to.deep.equal([
      "spec.attachedRequired: Invalid value: false: field is immutable",
    ]);
  });
});

describe("a node's storage drivers", () => {
  const drivers = (...list: object[]) => ({ spec: { drivers: list } });
  checkCases<CSINode>(node, validateNodeDrivers, [
    [
      "have a name and the node's, once",
      drivers({ name: "d", nodeID: "" }, { name: "d", nodeID: "n", allocatable: { count: -1 } }),
      [
        "spec.drivers[0].nodeID: Required value",
        "spec.drivers[1].allocatable.count: Invalid value: -1: must be greater than or equal to 0",
        'spec.drivers[1].name: Duplicate value: "d"',
      ],
    ],
  ]);

  it("stay as they are but for what they hold", () => {
    const of = (one: object) => completed<CSINode>(...node, drivers({ name: "d", nodeID: "n", ...one }));
    expect(texts(validateNodeDriversUpdate(of({ allocatable: { count: 3 } }), of({})))).to.deep.equal([]);
    expect(texts(validateNodeDriversUpdate(of({ nodeID: "m" }), of({})))[0]).to.match(
      /^CSINode: Invalid value: .*: field is immutable$/,
    );
  });
});

describe("an attachment", () => {
  checkCases<VolumeAttachment>(attachment, validateAttachment, [
    [
      "is of one volume to one node by one driver",
      { spec: { attacher: "", nodeName: "", source: {} } },
      [
        "spec.attacher: Required value",
        "spec.source: Required value: must specify exactly one of inlineVolumeSpec and persistentVolumeName",
        "spec.nodeName: Required value",
      ],
    ],
  ]);

  it("stays what it is", () => {
    const of = (nodeName: string) =>
      completed<VolumeAttachment>(...attachment, {
        spec: { attacher: "d", nodeName, source: { persistentVolumeName: "v" } },
      });
    expect(texts(validateAttachmentUpdate(of("b"), of("a")))[0]).to.match(
      /^spec: Invalid value: .*: field is immutable$/,
    );
  });
});

describe("a class of volume attributes", () => {
  checkCases<VolumeAttributesClass>(attributes, validateAttributesClass, [
    [
      "has a driver and parameters",
      { driverName: "" },
      ["driverName: Required value", "parameters: Required value: must contain at least one key/value pair"],
    ],
  ]);

  it("never changes", () => {
    const of = (iops: string) =>
      completed<VolumeAttributesClass>(...attributes, { driverName: "d", parameters: { iops } });
    expect(texts(validateAttributesClassUpdate(of("2"), of("1")))).to.deep.equal([
      "parameters: Forbidden: updates to parameters are forbidden.",
    ]);
  });
});
