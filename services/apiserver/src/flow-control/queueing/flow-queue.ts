import type { Ticket } from "./ticket.ts";
import { guessedSeconds } from "./work.ts";

/** One queue of a level: requests in the order they came, and where it stands in virtual time. */
export class FlowQueue {
  readonly index: number;
  /** In order of arrival; a set, since those who give up leave from anywhere. */
  readonly waiting = new Set<Ticket>();
  executing = 0;
  seatsInUse = 0;
  /** Seats and work of those who wait. */
  seatsWaiting = 0;
  workWaiting = 0;
  /** Virtual time at which the next request would be dispatched if every queue had a server of its own. */
  nextDispatch = 0;

  constructor(index: number) {
    this.index = index;
  }

  get isActive(): boolean {
    return this.executing > 0 || this.waiting.size > 0;
  }

  /** What a request that joins would have before it, in seat-seconds. */
  get load(): number {
    return this.seatsInUse * guessedSeconds + this.workWaiting;
  }

  get oldest(): Ticket | undefined {
    return this.waiting.values().next().value;
  }

  add(ticket: Ticket): void {
    this.waiting.add(ticket);
    this.seatsWaiting += ticket.seats;
    this.workWaiting += ticket.totalWork;
  }

  remove(ticket: Ticket): void {
    this.waiting.delete(ticket);
    this.seatsWaiting -= ticket.seats;
    this.workWaiting = this.waiting.size === 0 ? 0 : this.workWaiting - ticket.totalWork;
  }

  /** Nothing is dispatched before it came, also in virtual time: a queue that was not busy saves nothing up. */
  boundNextDispatch(): void {
    const { oldest } = this;
    if (oldest && this.nextDispatch < oldest.arrivedAt) this.nextDispatch = oldest.arrivedAt;
  }
}
