import { setTimeout as sleep } from 'node:timers/promises';
import { ManagedLLMError } from 'managed-llm';

/** Asks a store again that was too busy to answer in time. Not for what is raced for. */
export async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await ask();
    } catch (error) {
      if (ManagedLLMError.from(error)?.code !== 'state-unreachable' || tries === 40) throw error;
      await sleep(250);
    }
  }
}
