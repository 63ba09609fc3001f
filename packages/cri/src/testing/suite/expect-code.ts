import { expect } from "chai";
import { type CriCode, CriError } from "../../error.ts";

/** The call must fail with this code. */
export async function expectCode(call: Promise<unknown>, code: CriCode): Promise<void> {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error, `a call that should fail with ${code}`).to.be.instanceOf(CriError);
  expect(CriError.from(error).code).to.equal(code);
}
