import type { FlowSchema, PriorityLevelConfiguration } from "@tskube/api";
import type { TableColumns } from "../../http/table-columns.ts";
import { ageColumn, ageOf, column, nameColumn, orNone } from "../cells.ts";

export const flowSchemaColumns: TableColumns<FlowSchema> = {
  definitions: [
    nameColumn,
    column("PriorityLevel", "The priority level that matching requests have."),
    column("MatchingPrecedence", "Which schema wins when several match: the lowest number.", { type: "integer" }),
    column("DistinguisherMethod", "How matching requests are told apart into flows."),
    ageColumn,
    column("MissingPL", "Whether the priority level does not exist."),
  ],
  cells: ({ spec, status, ...object }) => [
    object.metadata.name,
    spec.priorityLevelConfiguration.name,
    spec.matchingPrecedence,
    orNone(spec.distinguisherMethod?.type),
    ageOf(object),
    status?.conditions?.find(({ type }) => type === "Dangling")?.status ?? "?",
  ],
  /** As requests are held against them. */
  compare: (a, b) =>
    a.spec.matchingPrecedence - b.spec.matchingPrecedence || (a.metadata.name < b.metadata.name ? -1 : 1),
};

export const priorityLevelColumns: TableColumns<PriorityLevelConfiguration> = {
  definitions: [
    nameColumn,
    column("Type", "Whether requests of the level are limited."),
    column("NominalConcurrencyShares", "The level's share of the seats that all levels have."),
    column("Queues", "The number of queues."),
    column("HandSize", "How many of the queues a flow can use."),
    column("QueueLengthLimit", "How many requests can wait in a queue."),
    ageColumn,
  ],
  cells: ({ spec, ...object }) => {
    const { limited } = spec;
    const queuing = limited?.limitResponse?.queuing;
    return [
      object.metadata.name,
      spec.type,
      limited?.nominalConcurrencyShares ?? "<none>",
      queuing?.queues ?? "<none>",
      queuing?.handSize ?? "<none>",
      queuing?.queueLengthLimit ?? "<none>",
      ageOf(object),
    ];
  },
};
