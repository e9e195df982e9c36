import { ManagedLLMError } from '../../errors/managed-llm-error.ts';

/** The code of what a question throws or rejects with; `undefined`: it was answered. */
export async function failureCode(ask: () => unknown): Promise<string | undefined> {
  try {
    await ask();
  } catch (thrown) {
    return ManagedLLMError.from(thrown)?.code ?? String(thrown);
  }
  return undefined;
}
