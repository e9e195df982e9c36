import { ManagedLLM, type Host, type RequestMeasure, type Target, type Usage } from 'managed-llm';
import OpenAI from 'openai';

/** A request, and what it came to. */
export interface Row {
  readonly id: string;
  /** What rows are told apart by in the table. */
  readonly kind: string;
  readonly target: Target;
  readonly measure: RequestMeasure;
  readonly usage: Usage & { readonly inputTokens: number };
  /** Of the model, where it is known. */
  readonly contextTokens: number | undefined;
}

/** What an interceptor of a new `ManagedLLM` is given: estimates that have learnt nothing yet among it. */
export function freshHost(): Host {
  let host: Host | undefined;
  void new ManagedLLM({
    providers: { nobody: new OpenAI({ apiKey: 'none' }) },
    interceptors: [
      {
        name: 'probe',
        stage: 'observe',
        attach: (given) => void (host = given),
        intercept: (call, next) => next(call),
      },
    ],
  });
  if (host === undefined) throw new Error('The interceptor was not told its host.');
  return host;
}

/** The same order for the same seed. */
export function shuffled<T>(values: readonly T[], random: () => number): readonly T[] {
  return values
    .map((value) => ({ value, place: random() }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ value }) => value);
}
