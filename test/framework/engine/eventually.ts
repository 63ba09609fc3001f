const pollMs = 200;

/**
 * Asks until `check` returns without throwing, and returns what it returned; after `timeoutMs` throws what it threw last.
 */
export async function eventually<T>(timeoutMs: number, check: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}
