import type Anthropic from '@anthropic-ai/sdk';
import { costOf, ManagedLLM, type Receipt, type Usage } from 'managed-llm';
import type OpenAI from 'openai';
import { converse, isAnthropic, type Govern } from '../recordings/conversation.ts';
import { ownExchanges, recordedExchanges, type Exchange } from '../recordings/exchanges.ts';
import { count, Tally } from './tally.ts';
import { isSame, theirCost, theirProvider, theirReading, theirUsage } from './their-price.ts';

/** What recorded traffic came to. */
export interface Recorded {
  /** `false`: there are no recordings, and the project's own exchanges stand for them. */
  readonly isRecorded: boolean;
  readonly exchanges: number;
  readonly tally: Tally;
  /** Plain replies whose usage it reads by itself, and what it makes of that. */
  readonly reading: { read: number; same: number; readonly explained: Map<string, number> };
}

/** Each exchange through a governed client: what its receipt says it cost, and what `calcPrice` says. */
export async function compareRecorded(): Promise<Recorded> {
  const recorded = recordedExchanges();
  const exchanges = recorded ?? ownExchanges;
  const tally = new Tally();
  const reading: Recorded['reading'] = { read: 0, same: 0, explained: new Map() };
  for (const exchange of exchanges) {
    const receipt = await receiptOf(exchange);
    const { usage, costNanoUsd } = receipt ?? {};
    if (receipt?.target === undefined || usage === undefined || usage.provenance !== 'reported') continue;
    const { model } = receipt.target;
    const at = receipt.attempts.at(-1)?.startedAt ?? receipt.startedAt;
    const provider = theirProvider(`https://${exchange.request.host}${exchange.request.path}`);
    const name = `${provider?.id ?? 'nobody'}/${model}`;
    const ours = await costOf(usage, name, { at });
    // A receipt knows the provider by the client's address; asked for by its name it has to come to the same.
    if (costNanoUsd !== ours?.costNanoUsd)
      tally.failures.push(
        `${exchange.id}: the receipt says ${String(costNanoUsd)}, \`costOf\` of ${name} ${String(ours?.costNanoUsd)} nano-USD`,
      );
    const theirs = provider && theirCost(theirUsage(usage), provider, model, at);
    await tally.add({ what: `${exchange.id} ${name}`, usage, model: name, at, ours, theirs });
    const read = provider && theirReading(provider, exchange.response.body);
    if (provider === undefined || read === undefined || ours === undefined) continue;
    reading.read += 1;
    const byItself = theirCost(read, provider, model, at);
    if (typeof byItself === 'number' && isSame(ours.costNanoUsd, byItself)) {
      reading.same += 1;
      continue;
    }
    const reason = whyReadDifferently(usage, read);
    if (reason !== undefined) count(reading.explained, reason);
    else
      tally.failures.push(
        `${exchange.id}: ours ${ours.costNanoUsd}, by its own reading ${String(byItself)} nano-USD: ${JSON.stringify({ usage, read })}`,
      );
  }
  return { isRecorded: recorded !== undefined, exchanges: exchanges.length, tally, reading };
}

/** What of a reply it does not read. */
function whyReadDifferently(usage: Usage, read: Readonly<Record<string, number>>): string | undefined {
  const { serverToolRequests: tools = {}, serviceTier = 'default', cachedInputTokens = 0 } = usage;
  if (Object.values(tools).some((many) => many > 0) && read['web_searches'] === undefined)
    return 'it does not read which tools the provider ran';
  if (serviceTier !== 'default' && serviceTier !== 'standard') return 'it does not read the service tier';
  if (cachedInputTokens > 0 && read['cache_read_tokens'] === undefined)
    return 'it does not read the cached tokens of that provider';
  return undefined;
}

async function receiptOf(exchange: Exchange): Promise<Receipt | undefined> {
  const receipts: Receipt[] = [];
  let llm: { idle(): Promise<void> } | undefined;
  const govern: Govern = (client) => {
    const made = new ManagedLLM({
      providers: { openai: client as OpenAI, anthropic: client as Anthropic },
    });
    llm = made;
    made.on('call:end', (receipt) => receipts.push(receipt));
    return { client: isAnthropic(exchange) ? made.clients.anthropic : made.clients.openai };
  };
  await converse(exchange, (bytes) => new Blob([bytes]).stream(), govern);
  await llm?.idle();
  return receipts[0];
}
