import type { Clock } from "@tskube/base";
import type { FlowControl } from "../flow-control.ts";
import type { PriorityLevel } from "../priority-level.ts";
import type { FlowQueue } from "../queueing/flow-queue.ts";
import type { Ticket } from "../queueing/ticket.ts";
import { renderTable } from "./render-table.ts";

/** What stands in for the index of a request that is not in a queue. */
const notQueued = -1;

export function dumpPriorityLevels(control: FlowControl): string {
  const header = [
    "PriorityLevelName",
    "ActiveQueues",
    "IsIdle",
    "IsQuiescing",
    "WaitingRequests",
    "ExecutingRequests",
    "DispatchedRequests",
    "RejectedRequests",
    "TimedoutRequests",
    "CancelledRequests",
  ];
  return renderTable(
    header,
    levelsOf(control).map(({ name, queueSet, isQuiescing }) => [
      name,
      queueSet.activeQueues,
      queueSet.isIdle,
      isQuiescing,
      queueSet.waiting,
      queueSet.executing.size,
      queueSet.counts.dispatched,
      queueSet.counts.rejected,
      queueSet.counts.timedOut,
      queueSet.counts.cancelled,
    ]),
  );
}

export function dumpQueues(control: FlowControl): string {
  const header = [
    "PriorityLevelName",
    "Index",
    "PendingRequests",
    "ExecutingRequests",
    "SeatsInUse",
    "NextDispatchR",
    "InitialSeatsSum",
    "MaxSeatsSum",
    "TotalWorkSum",
  ];
  const rows = levelsOf(control).flatMap(({ name, queueSet }) =>
    queueSet.queues.map((queue) => [
      name,
      queue.index,
      queue.waiting.size,
      queue.executing,
      queue.seatsInUse,
      seatSeconds(queue.nextDispatch),
      initialSeatsOf(queue),
      queue.seatsWaiting,
      seatSeconds(queue.workWaiting),
    ]),
  );
  return renderTable(header, rows);
}

export function dumpRequests(control: FlowControl, clock: Clock, withDetails: boolean): string {
  const header = [
    "PriorityLevelName",
    "FlowSchemaName",
    "QueueIndex",
    "RequestIndexInQueue",
    "FlowDistingsher",
    "ArriveTime",
    "InitialSeats",
    "FinalSeats",
    "AdditionalLatency",
    "StartTime",
  ];
  const details = ["UserName", "Verb", "APIPath", "Namespace", "Name", "APIVersion", "Resource", "SubResource"];
  const rows = levelsOf(control).flatMap((level) =>
    requestsOf(level).map(({ ticket, index }) => [
      level.name,
      ...placeOf(ticket, index),
      timeText(ticket.arrivedAtMs, clock),
      ...workOf(ticket),
      ticket.state === "executing" ? timeText(ticket.startedAtMs, clock) : "",
      ...(withDetails ? detailsOf(ticket) : []),
    ]),
  );
  return renderTable(withDetails ? [...header, ...details] : header, rows);
}

function levelsOf(control: FlowControl): PriorityLevel[] {
  return [...control.levels].sort((a, b) => (a.name < b.name ? -1 : 1));
}

interface Listed {
  readonly ticket: Ticket;
  /** Its place among those who wait in its queue. */
  readonly index: number;
}

function requestsOf({ queueSet }: PriorityLevel): Listed[] {
  const executing = [...queueSet.executing].map((ticket) => ({ ticket, index: notQueued }));
  return [
    ...queueSet.queues.flatMap((queue) => [...queue.waiting].map((ticket, index) => ({ ticket, index }))),
    ...executing,
  ];
}

function placeOf({ queue, subject }: Ticket, index: number) {
  return [subject.flowSchema, queue?.index ?? notQueued, index, subject.distinguisher];
}

function workOf({ subject }: Ticket) {
  const { initialSeats, finalSeats, additionalMs } = subject.work;
  return [initialSeats, finalSeats, `${additionalMs}ms`];
}

function detailsOf({ subject: { user, info } }: Ticket) {
  const groupVersion = info.group === "" ? info.version : `${info.group}/${info.version}`;
  return [user, info.verb, info.path, info.namespace, info.name, groupVersion, info.resource, info.subresource];
}

function initialSeatsOf({ waiting }: FlowQueue): number {
  let seats = 0;
  for (const { subject } of waiting) seats += subject.work.initialSeats;
  return seats;
}

function seatSeconds(value: number): string {
  return `${value.toFixed(8)}ss`;
}

/** Tickets know the steady clock only. */
function timeText(atMs: number, clock: Clock): string {
  return new Date(clock.now() - (clock.monotonic() - atMs)).toISOString();
}
