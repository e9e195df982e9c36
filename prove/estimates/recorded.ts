import type Anthropic from '@anthropic-ai/sdk';
import { ManagedLLM, type Host, type Interceptor } from 'managed-llm';
import type OpenAI from 'openai';
import { converse, isAnthropic, type Govern } from '../recordings/conversation.ts';
import { recordedExchanges, type Exchange } from '../recordings/exchanges.ts';
import type { Row } from './row.ts';

/** Recorded requests as they leave a governed client, with the usage that came back. `undefined` without recordings. */
export async function recordedRows(): Promise<readonly Row[] | undefined> {
  const exchanges = recordedExchanges();
  if (exchanges === undefined) return undefined;
  const rows: Row[] = [];
  for (const exchange of exchanges) rows.push(...(await rowsOf(exchange)));
  return rows;
}

async function rowsOf(exchange: Exchange): Promise<readonly Row[]> {
  const rows: Row[] = [];
  let llm: { idle(): Promise<void> } | undefined;
  const govern: Govern = (client) => {
    const made = new ManagedLLM({
      providers: { openai: client as OpenAI, anthropic: client as Anthropic },
      interceptors: [watching(exchange, rows)],
    });
    llm = made;
    return { client: isAnthropic(exchange) ? made.clients.anthropic : made.clients.openai };
  };
  await converse(exchange, (bytes) => new Blob([bytes]).stream(), govern);
  await llm?.idle();
  return rows;
}

function watching(exchange: Exchange, rows: Row[]): Interceptor {
  let host: Host | undefined;
  return {
    name: 'watching',
    stage: 'send',
    attach: (given) => void (host = given),
    async intercept(call, next) {
      await host?.pricing.load();
      const measure = call.dialect.request.measure(call.body);
      const { target } = call;
      const reply = await next(call);
      reply.onSettled(({ usage }) => {
        if (target === undefined || usage?.inputTokens === undefined || usage.provenance !== 'reported')
          return;
        rows.push({
          id: exchange.id,
          kind: exchange.operation,
          // Under the name of who was asked: all clients here are called alike.
          target: { provider: exchange.provider, model: target.model },
          measure,
          usage: { ...usage, inputTokens: usage.inputTokens },
          contextTokens: host?.pricing.model(target, host.clock.now()).contextTokens,
        });
      });
      return reply;
    },
  };
}
