import type { Clock } from "@tskube/base";
import { dealHand } from "./deal-hand.ts";
import { FlowQueue } from "./flow-queue.ts";
import { SeatDemand } from "./seat-demand.ts";
import { Ticket, type TicketSubject } from "./ticket.ts";
import { guessedSeconds } from "./work.ts";

export interface QueueSetConfig {
  /** 0: whoever finds no seat is sent away. */
  readonly queues: number;
  readonly handSize: number;
  readonly queueLengthLimit: number;
}

/** A level that queues nothing. */
export const noQueues: QueueSetConfig = { queues: 0, handSize: 0, queueLengthLimit: 0 };

/** Counts since the level began, by what became of requests. */
export interface QueueSetCounts {
  dispatched: number;
  rejected: number;
  timedOut: number;
  cancelled: number;
}

/** Flows whose hand is remembered; dealing one again gives the same. */
const maxHands = 4_096;
/** Idle queues that are kept for the next request; a level may have millions by its configuration. */
const maxIdleQueues = 1_024;

/**
 * The requests of one priority level: some are handled, others wait in queues, and a fair queuing discipline says who is next.
 *
 * 1. Seats in use do not exceed the limit, but for a request that alone is wider than the limit.
 * 2. Virtual time runs as fast as each active queue would be served if all were served at once. A queue's next request is due when the work
 *    of those before it is done in that time; the one that would be finished first is dispatched next. So every queue gets an equal part,
 *    and one that has not used its part for long gains nothing by it.
 * 3. While the request that is next does not fit, nobody passes it: wide requests do not starve.
 *
 * A state machine: everything happens in the calls, time is read from the clock.
 */
export class QueueSet {
  readonly counts: QueueSetCounts = { dispatched: 0, rejected: 0, timedOut: 0, cancelled: 0 };
  readonly demand: SeatDemand;
  readonly #clock: Clock;
  readonly #executing = new Set<Ticket>();
  readonly #hands = new Map<string, readonly number[]>();
  /** Queues in which somebody waits; who was served last is last. */
  readonly #waitingQueues = new Set<FlowQueue>();
  #config: QueueSetConfig;
  #limit: number;
  /** Those that somebody has used, by index. */
  readonly #queues = new Map<number, FlowQueue>();
  #activeQueues = 0;
  #seatsInUse = 0;
  #seatsWaiting = 0;
  #waiting = 0;
  #virtualTime = 0;
  #readAtMs: number;

  /** Without a limit (`Infinity`) all are dispatched at once. */
  constructor(clock: Clock, config: QueueSetConfig, limit: number) {
    this.#clock = clock;
    this.#config = config;
    this.#limit = limit;
    this.#readAtMs = clock.monotonic();
    this.demand = new SeatDemand(this.#readAtMs);
  }

  get limit(): number {
    return this.#limit;
  }

  get seatsInUse(): number {
    return this.#seatsInUse;
  }

  get seatsWaiting(): number {
    return this.#seatsWaiting;
  }

  get waiting(): number {
    return this.#waiting;
  }

  get executing(): ReadonlySet<Ticket> {
    return this.#executing;
  }

  get activeQueues(): number {
    return this.#activeQueues;
  }

  /** The queues that have been of use, in order. */
  get queues(): readonly FlowQueue[] {
    return [...this.#queues.values()].sort((a, b) => a.index - b.index);
  }

  get isIdle(): boolean {
    return this.#waiting === 0 && this.#executing.size === 0;
  }

  /** Takes another shape; requests stay where they are, and queues there are too many of go when they are empty. */
  configure(config: QueueSetConfig): void {
    this.#config = config;
    this.#hands.clear();
    for (const queue of this.#queues.values()) this.#forgetIfSpare(queue);
  }

  setLimit(limit: number): void {
    if (limit === this.#limit) return;
    this.#advance();
    this.#limit = limit;
    this.#dispatch();
  }

  /** Takes a request in; the ticket says what has become of it, and whether it has to wait. */
  arrive(subject: TicketSubject): Ticket {
    const nowMs = this.#advance();
    const queue = this.#config.queues === 0 ? undefined : this.#choose(subject);
    const ticket = new Ticket(subject, queue, nowMs, this.#virtualTime);
    if (!queue) this.#arriveUnqueued(ticket, nowMs);
    else if (queue.waiting.size >= this.#config.queueLengthLimit) this.#refuse(ticket, "queue-full");
    else this.#enqueue(ticket, queue);
    this.demand.set(this.#seatsInUse + this.#seatsWaiting, nowMs);
    return ticket;
  }

  /** Takes a ticket that waits out of its queue; too late for any other. */
  leave(ticket: Ticket, reason: "time-out" | "cancelled"): void {
    const { queue } = ticket;
    if (ticket.state !== "waiting" || !queue) return;
    const nowMs = this.#advance();
    this.#unqueue(ticket, queue);
    if (!queue.isActive) this.#deactivate(queue);
    this.counts.rejected++;
    this.counts[reason === "time-out" ? "timedOut" : "cancelled"]++;
    ticket.settle(reason);
    this.#dispatch();
    this.demand.set(this.#seatsInUse + this.#seatsWaiting, nowMs);
  }

  /** The request has been handled. Seats that it needs afterwards are given back later. */
  finish(ticket: Ticket): void {
    if (ticket.state !== "executing") return;
    const nowMs = this.#advance();
    const { finalSeats, additionalMs, initialSeats } = ticket.subject.work;
    ticket.settle("finished");
    this.#executing.delete(ticket);
    if (ticket.queue) {
      // The guess at its dispatch is made good.
      ticket.queue.nextDispatch -= (guessedSeconds - (nowMs - ticket.startedAtMs) / 1000) * initialSeats;
    }
    if (finalSeats > 0 && additionalMs > 0) {
      this.#release(ticket, ticket.seats - finalSeats, false, nowMs);
      this.#clock.after(additionalMs, () => this.#release(ticket, finalSeats, true, this.#advance()));
    } else {
      this.#release(ticket, ticket.seats, true, nowMs);
    }
  }

  #arriveUnqueued(ticket: Ticket, nowMs: number): void {
    if (this.#fits(ticket.seats)) this.#start(ticket, nowMs);
    else this.#refuse(ticket, "concurrency-limit");
  }

  #refuse(ticket: Ticket, reason: "queue-full" | "concurrency-limit"): void {
    this.counts.rejected++;
    ticket.settle(reason);
  }

  /** The least loaded queue of the flow's hand; one that is not there has nothing to do. */
  #choose(subject: TicketSubject): FlowQueue {
    let best = 0;
    let least = Number.POSITIVE_INFINITY;
    for (const index of this.#handOf(subject)) {
      const load = this.#queues.get(index)?.load ?? 0;
      if (load >= least) continue;
      best = index;
      least = load;
    }
    return this.#queueAt(best);
  }

  #handOf({ flowSchema, distinguisher }: TicketSubject): readonly number[] {
    const flow = `${flowSchema}\n${distinguisher}`;
    const known = this.#hands.get(flow);
    if (known) return known;
    if (this.#hands.size >= maxHands) this.#hands.clear();
    const hand = dealHand(flow, this.#config.queues, this.#config.handSize);
    this.#hands.set(flow, hand);
    return hand;
  }

  #enqueue(ticket: Ticket, queue: FlowQueue): void {
    if (!queue.isActive) {
      queue.nextDispatch = this.#virtualTime;
      this.#activeQueues++;
    }
    queue.add(ticket);
    this.#waiting++;
    this.#seatsWaiting += ticket.seats;
    this.#waitingQueues.add(queue);
    this.#dispatch();
  }

  #unqueue(ticket: Ticket, queue: FlowQueue): void {
    queue.remove(ticket);
    this.#waiting--;
    this.#seatsWaiting -= ticket.seats;
    if (queue.waiting.size === 0) this.#waitingQueues.delete(queue);
  }

  #dispatch(): void {
    while (this.#waiting > 0 && this.#seatsInUse < this.#limit) {
      const queue = this.#next();
      const ticket = queue?.oldest;
      if (!queue || !ticket || !this.#fits(ticket.seats)) return;
      this.#unqueue(ticket, queue);
      queue.nextDispatch += ticket.totalWork;
      queue.executing++;
      queue.seatsInUse += ticket.seats;
      this.#start(ticket, this.#readAtMs);
      queue.boundNextDispatch();
      if (queue.waiting.size > 0) {
        this.#waitingQueues.delete(queue);
        this.#waitingQueues.add(queue);
      }
    }
  }

  /** The queue whose next request would be finished first in virtual time. */
  #next(): FlowQueue | undefined {
    let best: FlowQueue | undefined;
    let earliest = Number.POSITIVE_INFINITY;
    for (const queue of this.#waitingQueues) {
      const finished = queue.nextDispatch + (queue.oldest?.totalWork ?? 0);
      if (finished >= earliest) continue;
      best = queue;
      earliest = finished;
    }
    return best;
  }

  #fits(seats: number): boolean {
    return seats > this.#limit ? this.#seatsInUse === 0 && this.#limit > 0 : this.#seatsInUse + seats <= this.#limit;
  }

  #start(ticket: Ticket, nowMs: number): void {
    this.counts.dispatched++;
    this.#seatsInUse += ticket.seats;
    this.#executing.add(ticket);
    ticket.startedAtMs = nowMs;
    ticket.settle("executing");
  }

  #release({ queue }: Ticket, seats: number, isLast: boolean, nowMs: number): void {
    this.#seatsInUse -= seats;
    if (queue) {
      queue.seatsInUse -= seats;
      if (isLast) queue.executing--;
      queue.boundNextDispatch();
      if (!queue.isActive) this.#deactivate(queue);
    }
    this.#dispatch();
    this.demand.set(this.#seatsInUse + this.#seatsWaiting, nowMs);
  }

  #queueAt(index: number): FlowQueue {
    let queue = this.#queues.get(index);
    if (!queue) {
      queue = new FlowQueue(index);
      this.#queues.set(index, queue);
    }
    return queue;
  }

  #deactivate(queue: FlowQueue): void {
    this.#activeQueues--;
    this.#forgetIfSpare(queue);
  }

  /** An idle queue knows nothing that a new one would not. */
  #forgetIfSpare(queue: FlowQueue): void {
    const isSpare = queue.index >= this.#config.queues || this.#queues.size > maxIdleQueues;
    if (isSpare && !queue.isActive) this.#queues.delete(queue.index);
  }

  /** Moves virtual time up to now. */
  #advance(): number {
    const nowMs = this.#clock.monotonic();
    if (this.#activeQueues > 0) {
      const seats = Math.min(this.#seatsInUse + this.#seatsWaiting, this.#limit);
      this.#virtualTime += ((nowMs - this.#readAtMs) / 1000) * (seats / this.#activeQueues);
    }
    this.#readAtMs = nowMs;
    return nowMs;
  }
}
