import type {
  CSIDriver,
  CSINode,
  CSIStorageCapacity,
  PersistentVolume,
  PersistentVolumeClaim,
  StorageClass,
  VolumeAttachment,
  VolumeAttributesClass,
} from "@tskube/api";
import type { TableColumns } from "../../http/table-columns.ts";
import { ageColumn, ageOf, column, nameColumn } from "../cells.ts";

const shortModes: Readonly<Record<string, string>> = {
  ReadWriteOnce: "RWO",
  ReadOnlyMany: "ROX",
  ReadWriteMany: "RWX",
  ReadWriteOncePod: "RWOP",
};
const order = Object.keys(shortModes);

function modesText(modes: readonly string[] | undefined): string {
  const known = [...new Set(modes)]
    .filter((mode) => order.includes(mode))
    .sort((a, b) => order.indexOf(a) - order.indexOf(b));
  return known.map((mode) => shortModes[mode]).join(",");
}

const classColumn = column("StorageClass", "The class of storage.");
const attributesColumn = column("VolumeAttributesClass", "The class of the volume's attributes.");
const modeColumn = column("VolumeMode", "A file system or a block device.", { isWide: true });

export const volumeColumns: TableColumns<PersistentVolume> = {
  definitions: [
    nameColumn,
    column("Capacity", "The size of the volume."),
    column("Access Modes", "How the volume can be used."),
    column("Reclaim Policy", "What becomes of the volume when its claim goes."),
    column("Status", "The phase of the volume."),
    column("Claim", "The claim that has the volume."),
    classColumn,
    attributesColumn,
    column("Reason", "Why the volume is in its phase."),
    ageColumn,
    modeColumn,
  ],
  cells: (volume) => {
    const { spec, status, metadata } = volume;
    const claim = spec?.claimRef;
    return [
      metadata.name,
      spec?.capacity?.["storage"] ?? "",
      modesText(spec?.accessModes),
      spec?.persistentVolumeReclaimPolicy ?? "",
      metadata.deletionTimestamp ? "Terminating" : (status?.phase ?? ""),
      claim ? `${claim.namespace}/${claim.name}` : "",
      metadata.annotations?.["volume.beta.kubernetes.io/storage-class"] ?? spec?.storageClassName ?? "",
      spec?.volumeAttributesClassName ?? "<unset>",
      status?.reason ?? "",
      ageOf(volume),
      spec?.volumeMode ?? "<unset>",
    ];
  },
};

export const claimColumns: TableColumns<PersistentVolumeClaim> = {
  definitions: [
    nameColumn,
    column("Status", "The phase of the claim."),
    column("Volume", "The volume of the claim."),
    column("Capacity", "The size of the volume."),
    column("Access Modes", "How the volume can be used."),
    classColumn,
    attributesColumn,
    ageColumn,
    modeColumn,
  ],
  cells: (claim) => {
    const { spec, status, metadata } = claim;
    const isBound = Boolean(spec?.volumeName);
    return [
      metadata.name,
      metadata.deletionTimestamp ? "Terminating" : (status?.phase ?? ""),
      spec?.volumeName ?? "",
      isBound ? (status?.capacity?.["storage"] ?? "") : "",
      isBound ? modesText(status?.accessModes) : "",
      metadata.annotations?.["volume.beta.kubernetes.io/storage-class"] ?? spec?.storageClassName ?? "",
      spec?.volumeAttributesClassName ?? "<unset>",
      ageOf(claim),
      spec?.volumeMode ?? "<unset>",
    ];
  },
};

export const storageClassColumns: TableColumns<StorageClass> = {
  definitions: [
    nameColumn,
    column("Provisioner", "Who makes volumes of this class."),
    column("ReclaimPolicy", "What becomes of a volume when its claim goes."),
    column("VolumeBindingMode", "When volumes are bound."),
    column("AllowVolumeExpansion", "Whether volumes can grow."),
    ageColumn,
  ],
  cells: (one) => {
    const isDefault = one.metadata.annotations?.["storageclass.kubernetes.io/is-default-class"] === "true";
    return [
      isDefault ? `${one.metadata.name} (default)` : one.metadata.name,
      one.provisioner,
      one.reclaimPolicy ?? "Delete",
      one.volumeBindingMode ?? "Immediate",
      one.allowVolumeExpansion ?? false,
      ageOf(one),
    ];
  },
};

export const attributesClassColumns: TableColumns<VolumeAttributesClass> = {
  definitions: [nameColumn, column("DriverName", "The driver that knows the attributes."), ageColumn],
  cells: (one) => [one.metadata.name, one.driverName, ageOf(one)],
};

export const attachmentColumns: TableColumns<VolumeAttachment> = {
  definitions: [
    nameColumn,
    column("Attacher", "The driver that attaches the volume."),
    column("PV", "The volume that is attached."),
    column("Node", "Where it is attached."),
    column("Attached", "Whether it is.", { type: "boolean" }),
    ageColumn,
  ],
  cells: (one) => [
    one.metadata.name,
    one.spec.attacher,
    one.spec.source.persistentVolumeName ?? "",
    one.spec.nodeName,
    one.status?.attached ?? false,
    ageOf(one),
  ],
};

const boolean = { type: "boolean" } as const;

export const driverColumns: TableColumns<CSIDriver> = {
  definitions: [
    nameColumn,
    column("AttachRequired", "Whether volumes have to be attached.", boolean),
    column("PodInfoOnMount", "Whether the driver is told of the pod.", boolean),
    column("StorageCapacity", "Whether the driver says how much room it has.", boolean),
    column("TokenRequests", "Audiences of the tokens that the driver is given."),
    column("RequiresRepublish", "Whether volumes are published again and again.", boolean),
    column("Modes", "What volumes of the driver live with."),
    ageColumn,
  ],
  cells: (driver) => {
    const { spec } = driver;
    return [
      driver.metadata.name,
      spec.attachRequired ?? true,
      spec.podInfoOnMount ?? false,
      spec.storageCapacity ?? false,
      (spec.tokenRequests ?? []).map(({ audience }) => audience).join(",") || "<unset>",
      spec.requiresRepublish ?? false,
      (spec.volumeLifecycleModes ?? []).join(",") || "<none>",
      ageOf(driver),
    ];
  },
};

export const nodeDriverColumns: TableColumns<CSINode> = {
  definitions: [
    nameColumn,
    column("Drivers", "Drivers indicates the number of CSI drivers registered on the node", { type: "integer" }),
    ageColumn,
  ],
  cells: (node) => [node.metadata.name, (node.spec.drivers ?? []).length, ageOf(node)],
};

export const capacityColumns: TableColumns<CSIStorageCapacity> = {
  definitions: [
    nameColumn,
    column("StorageClassName", "The class that the room is for."),
    column("Capacity", "How much room there is."),
  ],
  cells: (one) => [one.metadata.name, one.storageClassName, one.capacity ?? "<unset>"],
};
