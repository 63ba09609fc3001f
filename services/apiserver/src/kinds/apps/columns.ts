import type {
  Container,
  ControllerRevision,
  DaemonSet,
  Deployment,
  PodTemplate,
  ReplicaSet,
  ReplicationController,
  StatefulSet,
} from "@tskube/api";
import { type LabelSelectorLike, labelSelectorAsSelector } from "@tskube/apimachinery";
import type { TableColumns } from "../../http/table-columns.ts";
import { ageColumn, ageOf, column, labelsText, nameColumn } from "../cells.ts";

const containersColumn = column("Containers", "Names of each container in the template.", { isWide: true });
const imagesColumn = column("Images", "Images referenced by each container in the template.", { isWide: true });
const selectorColumn = column("Selector", "Label selector of the pods.", { isWide: true });

const integer = { type: "integer" } as const;

function containerCells(containers: readonly Container[] | undefined): [string, string] {
  const all = containers ?? [];
  return [all.map(({ name }) => name).join(","), all.map(({ image }) => image ?? "").join(",")];
}

function selectorCell(selector: unknown): string {
  const text = labelSelectorAsSelector(selector as LabelSelectorLike | undefined).toString();
  return text || "<none>";
}

export const deploymentColumns: TableColumns<Deployment> = {
  definitions: [
    nameColumn,
    column("Ready", "Number of the pod with ready state"),
    column("Up-to-date", "Total number of non-terminated pods that have the desired template.", integer),
    column("Available", "Total number of available pods.", integer),
    ageColumn,
    containersColumn,
    imagesColumn,
    selectorColumn,
  ],
  cells: (deployment) => {
    const { spec, status } = deployment;
    return [
      deployment.metadata.name,
      `${status?.readyReplicas ?? 0}/${spec?.replicas ?? 0}`,
      status?.updatedReplicas ?? 0,
      status?.availableReplicas ?? 0,
      ageOf(deployment),
      ...containerCells(spec?.template.spec?.containers),
      selectorCell(spec?.selector),
    ];
  },
};

const replicaSetHead = [
  nameColumn,
  column("Desired", "The number of desired pods.", integer),
  column("Current", "The most recently observed number of replicas.", integer),
  column("Ready", "The number of pods with a Ready condition.", integer),
  ageColumn,
  containersColumn,
  imagesColumn,
  selectorColumn,
];

export const replicaSetColumns: TableColumns<ReplicaSet> = {
  definitions: replicaSetHead,
  cells: (set) => [
    set.metadata.name,
    set.spec?.replicas ?? 0,
    set.status?.replicas ?? 0,
    set.status?.readyReplicas ?? 0,
    ageOf(set),
    ...containerCells(set.spec?.template?.spec?.containers),
    selectorCell(set.spec?.selector),
  ],
};

export const replicationControllerColumns: TableColumns<ReplicationController> = {
  definitions: replicaSetHead,
  cells: (controller) => [
    controller.metadata.name,
    controller.spec?.replicas ?? 0,
    controller.status?.replicas ?? 0,
    controller.status?.readyReplicas ?? 0,
    ageOf(controller),
    ...containerCells(controller.spec?.template?.spec?.containers),
    labelsText(controller.spec?.selector),
  ],
};

export const statefulSetColumns: TableColumns<StatefulSet> = {
  definitions: [
    nameColumn,
    column("Ready", "Number of the pod with ready state"),
    ageColumn,
    containersColumn,
    imagesColumn,
  ],
  cells: (set) => [
    set.metadata.name,
    `${set.status?.readyReplicas ?? 0}/${set.spec?.replicas ?? 0}`,
    ageOf(set),
    ...containerCells(set.spec?.template.spec?.containers),
  ],
};

export const daemonSetColumns: TableColumns<DaemonSet> = {
  definitions: [
    nameColumn,
    column("Desired", "The number of nodes that should run the daemon pod.", integer),
    column("Current", "The number of nodes that run the daemon pod and should.", integer),
    column("Ready", "The number of nodes with a ready daemon pod.", integer),
    column("Up-to-date", "The number of nodes with a daemon pod of the current template.", integer),
    column("Available", "The number of nodes with an available daemon pod.", integer),
    column("Node Selector", "The labels of nodes that should run the daemon pod."),
    ageColumn,
    containersColumn,
    imagesColumn,
    selectorColumn,
  ],
  cells: (set) => {
    const { spec, status } = set;
    return [
      set.metadata.name,
      status?.desiredNumberScheduled ?? 0,
      status?.currentNumberScheduled ?? 0,
      status?.numberReady ?? 0,
      status?.updatedNumberScheduled ?? 0,
      status?.numberAvailable ?? 0,
      labelsText(spec?.template.spec?.nodeSelector),
      ageOf(set),
      ...containerCells(spec?.template.spec?.containers),
      selectorCell(spec?.selector),
    ];
  },
};

export const podTemplateColumns: TableColumns<PodTemplate> = {
  definitions: [
    nameColumn,
    column("Containers", "Names of each container in the template."),
    column("Images", "Images referenced by each container in the template."),
    column("Pod Labels", "The labels for the pod template."),
  ],
  cells: ({ metadata, template }) => [
    metadata.name,
    ...containerCells(template?.spec?.containers),
    labelsText(template?.metadata?.labels),
  ],
};

export const controllerRevisionColumns: TableColumns<ControllerRevision> = {
  definitions: [
    nameColumn,
    column("Controller", "Controller of the object"),
    column("Revision", "The revision that the data are of."),
    ageColumn,
  ],
  cells: (revision) => [revision.metadata.name, controllerOf(revision), revision.revision, ageOf(revision)],
};

/** `statefulset.apps/web`, as one would ask kubectl for it. */
function controllerOf({ metadata }: ControllerRevision): string {
  const owner = metadata.ownerReferences?.find(({ controller }) => controller);
  if (!owner) return "<none>";
  const [group] = owner.apiVersion.includes("/") ? owner.apiVersion.split("/") : [""];
  const kind = owner.kind.toLowerCase();
  return `${group ? `${kind}.${group}` : kind}/${owner.name}`;
}
