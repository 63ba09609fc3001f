import type {
  ControllerRevision,
  DaemonSet,
  Deployment,
  PodTemplate,
  ReplicaSet,
  ReplicationController,
  StatefulSet,
} from "@tskube/api";
import { type StrategyList, strategyFor } from "../strategy-list.ts";
import {
  controllerRevisionColumns,
  daemonSetColumns,
  deploymentColumns,
  podTemplateColumns,
  replicaSetColumns,
  replicationControllerColumns,
  statefulSetColumns,
} from "./columns.ts";
import {
  validateDeployment,
  validateDeploymentStatus,
  validateDeploymentUpdate,
  validateReplicaSet,
  validateReplicaSetUpdate,
  validateReplicaStatus,
} from "./validate-deployment.ts";
import { validateReplicationController, validateTemplateObject } from "./validate-replication-controller.ts";
import {
  validateControllerRevision,
  validateControllerRevisionUpdate,
  validateDaemonSet,
  validateDaemonSetUpdate,
  validateStatefulSet,
  validateStatefulSetUpdate,
} from "./validate-sets.ts";
import { lastingWarnings, namedWarnings, templateObjectWarnings } from "./warnings.ts";

/** What keeps pods running, and the templates it does so by. */
export const workloadStrategies: StrategyList = {
  replicationcontrollers: strategyFor<ReplicationController>({
    warnings: namedWarnings,
    hasGeneration: true,
    returnsDeletedObject: true,
    columns: replicationControllerColumns,
    selectableFields: { "status.replicas": ({ status }) => String(status?.replicas ?? 0) },
    validate: validateReplicationController,
    validateUpdate: validateReplicationController,
    status: { validateUpdate: validateReplicaStatus },
  }),
  podtemplates: strategyFor<PodTemplate>({
    warnings: templateObjectWarnings,
    hasGeneration: true,
    returnsDeletedObject: true,
    columns: podTemplateColumns,
    validate: validateTemplateObject,
    validateUpdate: validateTemplateObject,
  }),
  "controllerrevisions.apps": strategyFor<ControllerRevision>({
    columns: controllerRevisionColumns,
    validate: validateControllerRevision,
    validateUpdate: validateControllerRevisionUpdate,
  }),
  "daemonsets.apps": strategyFor<DaemonSet>({
    warnings: lastingWarnings,
    hasGeneration: true,
    columns: daemonSetColumns,
    validate: validateDaemonSet,
    validateUpdate: validateDaemonSetUpdate,
  }),
  "deployments.apps": strategyFor<Deployment>({
    warnings: namedWarnings,
    hasGeneration: true,
    generationCounts: "annotations",
    columns: deploymentColumns,
    validate: validateDeployment,
    validateUpdate: validateDeploymentUpdate,
    status: { validateUpdate: validateDeploymentStatus },
  }),
  "replicasets.apps": strategyFor<ReplicaSet>({
    warnings: namedWarnings,
    hasGeneration: true,
    columns: replicaSetColumns,
    selectableFields: { "status.replicas": ({ status }) => String(status?.replicas ?? 0) },
    validate: validateReplicaSet,
    validateUpdate: validateReplicaSetUpdate,
    status: { validateUpdate: validateReplicaStatus },
  }),
  "statefulsets.apps": strategyFor<StatefulSet>({
    warnings: lastingWarnings,
    hasGeneration: true,
    columns: statefulSetColumns,
    validate: validateStatefulSet,
    validateUpdate: validateStatefulSetUpdate,
  }),
};
