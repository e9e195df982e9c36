import type { Interceptor, SlotMapper } from 'managed-llm';

/** Put into requests by an interceptor; the provider must see it. */
export const sentinelIn = 'INSTRUCTION-7f3a';

/** Said by the provider; the caller must see its replacement, whichever way it reads. */
export const sentinelOut = { from: 'SECRET-91c2', to: 'REPLACED' } as const;

const replaced = (text: string): string => text.replaceAll(sentinelOut.from, sentinelOut.to);

/** Replaces the sentinel in a text that grows, holding back what may be its beginning. */
function growing(): SlotMapper {
  let held = '';
  return {
    push(text) {
      const all = replaced(held + text);
      let keep = Math.min(sentinelOut.from.length - 1, all.length);
      while (keep > 0 && !sentinelOut.from.startsWith(all.slice(all.length - keep))) keep--;
      held = all.slice(all.length - keep);
      return all.slice(0, all.length - keep);
    },
    end() {
      const rest = held;
      held = '';
      return rest;
    },
  };
}

/** What the governed client's chain saw of each attempt, in the order in which they were sent. */
export interface SeenAttempt {
  readonly operation: string;
  readonly dialect: string;
  /** What the transforming interceptor does to a body of this dialect. */
  readonly instructed: (body: unknown) => unknown;
}

const stages = [
  'observe',
  'admit',
  'shape',
  'guard',
  'reuse',
  'retry',
  'health',
  'spend',
  'pace',
  'send',
] as const;

/** One interceptor in every stage but `retry`, where one would take the place of the SDK's own retries. */
export function observing(seen: SeenAttempt[]): Interceptor[] {
  return stages
    .filter((stage) => stage !== 'retry')
    .map((stage) => ({
      name: `observing-${stage}`,
      stage,
      async intercept(call, next) {
        if (stage === 'send') seen.push(seenAttempt(call));
        const reply = await next(call);
        reply.events?.observe((event) => void event.json);
        if (reply.events === undefined && call.operation !== 'passthrough' && reply.error === undefined)
          await reply.json().catch(() => undefined);
        reply.onSettled((settlement) => void settlement.usage);
        return reply;
      },
    }));
}

/** Changes requests in `shape` and replies both outside and inside the route. */
export function transforming(seen: SeenAttempt[]): Interceptor[] {
  return [
    {
      name: 'instruct',
      stage: 'shape',
      intercept: (call, next) =>
        next(call.with({ body: call.dialect.request.withInstruction(call.body, sentinelIn) })),
    },
    {
      name: 'replace',
      stage: 'guard',
      on: ['chat'],
      async intercept(call, next) {
        const reply = await next(call);
        reply.events?.mapText(growing);
        if (reply.events !== undefined || reply.error !== undefined) return reply;
        const json: unknown = await reply.json().catch(() => undefined);
        return json === undefined ? reply : reply.with({ json: call.dialect.reply.mapTexts(json, replaced) });
      },
    },
    {
      name: 'hand-on',
      stage: 'send',
      async intercept(call, next) {
        seen.push(seenAttempt(call));
        const reply = await next(call);
        reply.events?.transform({ event: (event, emit) => emit(event) });
        return reply;
      },
    },
  ];
}

type SeenCall = Parameters<Interceptor['intercept']>[0];

function seenAttempt(call: SeenCall): SeenAttempt {
  const { dialect, operation } = call;
  return {
    operation,
    dialect: dialect.id,
    instructed: (body) => dialect.request.withInstruction(body, sentinelIn),
  };
}
