const pollMs = 100;

/** Resolves once `check` does; rejects with its last complaint when that takes too long. */
export async function eventually(check: () => Promise<unknown>, withinMs = 20_000): Promise<void> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    try {
      await check();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, pollMs));
    }
  }
}
