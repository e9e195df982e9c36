import {
  counts,
  countsBelow,
  foreignPart,
  part,
  rest,
  type Said,
  type SaidCitation,
  type SaidPart,
  tierOf,
} from './said.ts';
import {
  canonical,
  canonicalText,
  count,
  isNothing,
  isRecord,
  list,
  record,
  text,
  typeOf,
  type Wire,
} from './wire.ts';

const frame = [
  'id',
  'type',
  'role',
  'model',
  'content',
  'stop_reason',
  'stop_sequence',
  'stop_details',
  'usage',
];

/** Anthropic API reference, "Messages", November 2026. */
export function anthropicReply(body: Wire, illegal: readonly string[] = []): Said {
  const parts = list(body['content']).map((block) => readBlock(record(block)));
  const details = record(body['stop_details']);
  const explained = typeOf(details) === 'refusal' ? text(details['explanation']) : undefined;
  const { explanation: _explanation, ...ofDetails } = details;
  if (explained !== undefined)
    parts.push(
      part('refusal', explained, { members: isNothing(ofDetails) ? {} : { stop_details: ofDetails } }),
    );
  const usage = record(body['usage']);
  return {
    parts,
    stop: text(body['stop_reason']),
    sequence: text(body['stop_sequence']),
    usage: isRecord(body['usage']) ? usageOf(usage) : undefined,
    tier: tierOf(usage['service_tier']),
    members: {
      ...rest(body, frame),
      ...(explained === undefined ? rest({ stop_details: body['stop_details'] }, []) : {}),
      ...rest(usage, readUsage, 'usage.'),
    },
    illegal,
  };
}

const readUsage = [
  'input_tokens',
  'output_tokens',
  'cache_read_input_tokens',
  'cache_creation_input_tokens',
  'cache_creation',
  'output_tokens_details',
  'server_tool_use',
  'service_tier',
];

/** `input_tokens` leaves out what was read from and written to the cache. */
function usageOf(usage: Wire): Readonly<Record<string, number>> {
  const read = count(usage['cache_read_input_tokens']);
  const written = count(usage['cache_creation_input_tokens']);
  const fresh = count(usage['input_tokens']);
  return counts({
    inputTokens: fresh === undefined ? undefined : fresh + (read ?? 0) + (written ?? 0),
    outputTokens: usage['output_tokens'],
    cachedInputTokens: read,
    cacheWriteTokens: written,
    reasoningTokens: record(usage['output_tokens_details'])['thinking_tokens'],
    ...countsBelow('cacheWriteTokensByTtl', usage['cache_creation']),
    ...countsBelow('serverToolRequests', usage['server_tool_use']),
  });
}

function readBlock(block: Wire): SaidPart {
  switch (typeOf(block)) {
    case 'text':
      return part('text', text(block['text']) ?? '', {
        citations: list(block['citations']).map((citation) => readCitation(record(citation))),
        members: rest(block, ['type', 'text', 'citations']),
      });
    case 'thinking':
      return part('reasoning', text(block['thinking']) ?? '', {
        members: rest(block, ['type', 'thinking', ...(block['signature'] === '' ? ['signature'] : [])]),
      });
    case 'tool_use':
      return part('call', canonical(block['input'] ?? {}), {
        id: text(block['id']) ?? '',
        name: text(block['name']) ?? '',
        members: rest(block, [
          'type',
          'id',
          'name',
          'input',
          ...(typeOf(block['caller']) === 'direct' ? ['caller'] : []),
        ]),
      });
    default:
      return foreignPart(block);
  }
}

function readCitation(citation: Wire): SaidCitation {
  const source = text(citation['source']);
  const url = text(citation['url']) ?? (/^https?:/i.test(source ?? '') ? source : undefined);
  const others = rest(citation, ['type', 'url', 'source', 'title', 'document_title', 'cited_text']);
  const says = Object.entries(others).filter(([, value]) => value !== '');
  return {
    url,
    title: text(citation['title']) ?? text(citation['document_title']),
    quote: text(citation['cited_text']),
    hasRange: false,
    members: says.length === 0 ? [] : [typeOf(citation)],
  };
}

/** Events of a stream, put together block by block. */
export function anthropicStream(events: readonly unknown[]): Said {
  const illegal: string[] = [];
  const blocks = new Map<number, Record<string, unknown>>();
  const inputs = new Map<number, string>();
  const open = new Set<number>();
  let message: Record<string, unknown> | undefined;
  let ended = false;
  for (const event of events.map(record)) {
    const index = count(event['index']) ?? -1;
    const type = typeOf(event);
    if (message === undefined && type !== 'message_start' && type !== 'ping')
      illegal.push(`${type} before the start`);
    if (ended) illegal.push(`${type} after the end`);
    switch (type) {
      case 'message_start':
        message = { ...record(event['message']) };
        break;
      case 'content_block_start':
        if (open.size > 0) illegal.push('two blocks at once');
        if (index !== blocks.size) illegal.push(`block ${index} after ${blocks.size} blocks`);
        open.add(index);
        blocks.set(index, { ...record(event['content_block']) });
        break;
      case 'content_block_delta': {
        if (!open.has(index)) illegal.push('a delta of no open block');
        grow(blocks.get(index) ?? {}, record(event['delta']), (json) =>
          inputs.set(index, (inputs.get(index) ?? '') + json),
        );
        break;
      }
      case 'content_block_stop':
        if (!open.delete(index)) illegal.push('the end of no open block');
        break;
      case 'message_delta': {
        const told = Object.entries(record(event['usage'])).filter(([, value]) => value !== null);
        const delta = Object.entries(record(event['delta'])).filter(([, value]) => value !== null);
        message = { ...message, ...Object.fromEntries(delta) };
        message['usage'] = { ...record(message['usage']), ...Object.fromEntries(told) };
        break;
      }
      case 'message_stop':
        ended = true;
        break;
      default:
        break;
    }
  }
  if (!ended) illegal.push('no end');
  for (const [index, json] of inputs) {
    const block = blocks.get(index);
    if (block !== undefined && json !== '') block['input'] = parsed(json);
  }
  return anthropicReply({ ...message, content: [...blocks.values()] }, illegal);
}

function grow(block: Record<string, unknown>, delta: Wire, input: (json: string) => void): void {
  const add = (key: string, more: unknown): void => {
    block[key] = (text(block[key]) ?? '') + (text(more) ?? '');
  };
  switch (typeOf(delta)) {
    case 'text_delta':
      add('text', delta['text']);
      break;
    case 'thinking_delta':
      add('thinking', delta['thinking']);
      break;
    case 'signature_delta':
      block['signature'] = delta['signature'];
      break;
    case 'citations_delta':
      block['citations'] = [...list(block['citations']), delta['citation']];
      break;
    case 'input_json_delta':
      input(text(delta['partial_json']) ?? '');
      break;
    default:
      break;
  }
}

function parsed(json: string): unknown {
  const whole = canonicalText(json);
  try {
    return JSON.parse(whole);
  } catch {
    return whole;
  }
}
