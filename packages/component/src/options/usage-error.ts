/** The operator wrote something the program cannot use: said in one sentence, without a stack, with exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
