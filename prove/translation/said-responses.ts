import {
  counts,
  countsBelow,
  foreignPart,
  part,
  type Said,
  type SaidCitation,
  type SaidPart,
  tierOf,
} from './said.ts';
import { textsOf } from './extract-responses.ts';
import { canonical, canonicalText, count, isRecord, list, record, text, typeOf, type Wire } from './wire.ts';

/** OpenAI API reference, "The response object", November 2026. Only ever the far side here: what else it repeats is left. */
export function responsesReply(body: Wire, illegal: readonly string[] = []): Said {
  const usage = record(body['usage']);
  const reason = text(record(body['incomplete_details'])['reason']);
  const input = record(usage['input_tokens_details']);
  return {
    parts: list(body['output']).flatMap((item) => readItem(record(item))),
    stop:
      body['status'] === 'incomplete' && reason !== undefined
        ? `incomplete: ${reason}`
        : text(body['status']),
    sequence: undefined,
    usage: isRecord(body['usage'])
      ? counts({
          inputTokens: usage['input_tokens'],
          outputTokens: usage['output_tokens'],
          cachedInputTokens: input['cached_tokens'],
          cacheWriteTokens: input['cache_write_tokens'],
          reasoningTokens: record(usage['output_tokens_details'])['reasoning_tokens'],
          ...countsBelow('cacheWriteTokensByTtl', input['cache_write_tokens_details']),
          'serverToolRequests.web_search_requests': record(record(body['tool_usage'])['web_search'])[
            'num_requests'
          ],
        })
      : undefined,
    tier: tierOf(body['service_tier']),
    members: {},
    illegal,
  };
}

function readItem(item: Wire): readonly SaidPart[] {
  switch (typeOf(item)) {
    case 'message':
      return list(item['content'])
        .map(record)
        .map((content) =>
          typeOf(content) === 'refusal'
            ? part('refusal', text(content['refusal']) ?? '')
            : part('text', text(content['text']) ?? '', {
                citations: list(content['annotations']).map((one) => readCitation(record(one))),
              }),
        );
    case 'function_call': {
      const id = text(item['call_id']) ?? '';
      return [part('call', canonicalText(item['arguments']), { id, name: text(item['name']) ?? '' })];
    }
    case 'reasoning':
      return [part('reasoning', textsOf(item['summary']) || textsOf(item['content']))];
    default:
      return [foreignPart(item)];
  }
}

function readCitation(citation: Wire): SaidCitation {
  const hasRange = (count(citation['end_index']) ?? 0) > (count(citation['start_index']) ?? 0);
  return {
    url: text(citation['url']),
    title: text(citation['title']),
    quote: undefined,
    hasRange,
    members: [],
  };
}

/** Events of a stream: the answer as its deltas tell it, which must be what the last event repeats. */
export function responsesStream(events: readonly unknown[]): Said {
  const illegal: string[] = [];
  const items = new Map<number, Record<string, unknown>>();
  const contents = new Map<string, Record<string, unknown>>();
  let last: Wire = {};
  for (const [at, event] of events.map(record).entries()) {
    if (event['sequence_number'] !== at)
      illegal.push(`sequence number ${String(event['sequence_number'])} at ${at}`);
    const index = count(event['output_index']) ?? -1;
    const key = `${index} ${count(event['content_index']) ?? 0}`;
    const delta = text(event['delta']) ?? '';
    const grow = (holder: Record<string, unknown> | undefined, member: string): void => {
      if (holder === undefined) illegal.push(`${typeOf(event)} of nothing that has begun`);
      else holder[member] = (text(holder[member]) ?? '') + delta;
    };
    switch (typeOf(event)) {
      case 'response.output_item.added':
        items.set(index, {
          ...record(event['item']),
          content: [],
          ...(typeOf(event['item']) === 'reasoning' ? { summary: [] } : {}),
        });
        break;
      case 'response.content_part.added': {
        const content = { ...record(event['part']) };
        contents.set(key, content);
        items.set(index, { ...items.get(index), content: [...list(items.get(index)?.['content']), content] });
        break;
      }
      case 'response.output_text.delta':
        grow(contents.get(key), 'text');
        break;
      case 'response.refusal.delta':
        grow(contents.get(key), 'refusal');
        break;
      case 'response.function_call_arguments.delta':
        grow(items.get(index), 'arguments');
        break;
      case 'response.output_text.annotation.added': {
        const content = contents.get(key);
        if (content !== undefined)
          content['annotations'] = [...list(content['annotations']), event['annotation']];
        break;
      }
      case 'response.reasoning_summary_text.delta': {
        const item = items.get(index);
        if (item !== undefined) item['summary'] = [{ text: textsOf(item['summary']) + delta }];
        break;
      }
      case 'response.completed':
      case 'response.incomplete':
        last = record(event['response']);
        break;
      default:
        break;
    }
  }
  const told = responsesReply({ ...last, output: [...items.values()] });
  const repeated = responsesReply(last, illegal);
  if (canonical(told.parts) !== canonical(repeated.parts))
    illegal.push('the last event repeats another answer than the deltas told');
  return repeated;
}
