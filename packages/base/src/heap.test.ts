import { expect } from "chai";
import fc from "fast-check";
import { Heap } from "./heap.ts";

describe("heap", () => {
  it("gives what was put in, smallest first, however puts and takes are mixed", () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.integer())), (steps) => {
        const heap = new Heap<number>((a, b) => a < b);
        const model: number[] = [];
        for (const step of steps) {
          if (step === null) {
            expect(heap.pop()).to.equal(model.shift());
          } else {
            heap.push(step);
            model.push(step);
            model.sort((a, b) => a - b);
          }
          expect(heap.size).to.equal(model.length);
          expect(heap.peek()).to.equal(model[0]);
        }
      }),
    );
  });
});
