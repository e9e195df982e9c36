import {
  addCall,
  addChoice,
  addForeign,
  addMedia,
  addText,
  addTool,
  Facts,
  type Fact,
  type Lane,
  type Source,
} from './facts.ts';
import { addOutput } from './output.ts';
import { canonical, isNothing, isRecord, list, record, text, typeOf, type Wire } from './wire.ts';

const read = [
  'model',
  'messages',
  'system',
  'stream',
  'tools',
  'tool_choice',
  'max_tokens',
  'stop_sequences',
  'temperature',
  'top_p',
  'top_k',
  'thinking',
  'output_config',
  'metadata',
];

/** Anthropic API reference, "Messages", November 2026. */
export function anthropicRequest(body: Wire): Fact[] {
  const facts = new Facts();
  let message = 0;
  if (!isNothing(body['system']) || Array.isArray(body['system']) || body['system'] === '')
    readInstructions(facts, body['system'], `messages.${message++}`);
  for (const given of list(body['messages'])) message = readTurn(facts, record(given), message);
  let tools = 0;
  for (const given of list(body['tools'])) {
    const tool = record(given);
    const isOwn = (tool['type'] ?? 'custom') === 'custom' && isRecord(tool['input_schema']);
    if (!isOwn) {
      facts.setting('other tool', tool, 'tools');
      continue;
    }
    const { name, description, input_schema: schema, strict } = tool;
    addTool(facts, { name, description, schema, strict }, tools);
    facts.members(tool, 'settings', `tools.${tools}`, [
      'type',
      'name',
      'description',
      'input_schema',
      'strict',
    ]);
    tools++;
  }
  const choice = record(body['tool_choice']);
  const word =
    { any: 'required', tool: `tool ${text(choice['name']) ?? ''}` }[typeOf(choice)] ?? text(choice['type']);
  addChoice(facts, word, choice['disable_parallel_tool_use'] !== true, tools);
  facts.setting('output limit', body['max_tokens'], 'maxOutputTokens');
  for (const [index, stop] of list(body['stop_sequences']).entries())
    facts.setting('stop sequence', stop, `stopSequences.${index}`);
  if (body['temperature'] !== 1) facts.setting('temperature', body['temperature']);
  if (body['top_p'] !== 1) facts.setting('topP', body['top_p']);
  facts.setting('topK', body['top_k']);
  readThinking(facts, record(body['thinking']), record(body['output_config']));
  const { user_id: user, ...metadata } = record(body['metadata']);
  facts.setting('end user', user, 'endUserId');
  facts.members(metadata, 'settings', 'metadata', [], { names: ['metadata'] });
  facts.members(body, 'settings', '', read);
  return facts.all;
}

const efforts = new Set<unknown>(['low', 'medium', 'high', 'xhigh', 'max']);

/** That it may think as it sees fit is what the other formats do unasked. */
function readThinking(facts: Facts, thinking: Wire, config: Wire): void {
  const type = typeOf(thinking);
  if (type === 'disabled') facts.setting('effort', 'none', 'reasoning.effort');
  const effort = config['effort'];
  if (type === 'disabled')
    facts.setting('effort of the answer', effort, 'output_config.effort', {
      names: ['output_config'],
    });
  else if (efforts.has(effort)) facts.setting('effort', effort, 'reasoning.effort');
  else facts.setting('other effort', effort, 'output_config.effort', { names: ['output_config'] });
  if (type === 'enabled')
    facts.setting('thinking tokens', thinking['budget_tokens'], 'reasoning.budgetTokens');
  if (thinking['display'] === 'summarized') facts.setting('shown thinking', true, 'reasoning.show');
  if (!['', 'disabled', 'enabled', 'adaptive'].includes(type))
    facts.setting('other thinking', thinking, 'thinking');
  else
    facts.members(thinking, 'settings', 'thinking', ['type', 'budget_tokens', 'display'], {
      names: ['thinking'],
    });
  const format = record(config['format']);
  if (typeOf(format) === 'json_schema') addOutput(facts, record(format['schema']));
  facts.members(config, 'settings', 'output_config', ['effort', 'format'], { names: ['output_config'] });
}

function readInstructions(facts: Facts, content: unknown, path: string): void {
  if (typeof content === 'string') addText(facts, 'system', content, path);
  let texts = 0;
  for (const given of list(content)) {
    const block = record(given);
    if (typeOf(block) !== 'text') {
      facts.add(`foreign ${typeOf(block)}`, 'system', canonical(block), `${path}.${typeOf(block)}`);
      continue;
    }
    const at = `${path}.content.${texts++}`;
    addText(facts, 'system', block['text'], at);
    facts.members(block, 'system', at, ['type', 'text', 'citations']);
  }
}

/** A user's turn is a message for each result in it, and one for what stands between them. Gives the next number. */
function readTurn(facts: Facts, turn: Wire, first: number): number {
  const { role, content } = turn;
  let message = first;
  const others = (lane: Lane, at: number): void =>
    facts.members(turn, lane, `messages.${at}`, ['role', 'content']);
  if (role === 'system') {
    readInstructions(facts, content, `messages.${message}`);
    others('system', message);
    return message + 1;
  }
  if (role === 'assistant') {
    if (typeof content === 'string') addText(facts, 'assistant', content, `messages.${message}`);
    for (const [index, block] of list(content).entries())
      readBlock(facts, 'assistant', record(block), `messages.${message}.content.${index}`);
    others('assistant', message);
    return message + 1;
  }
  if (typeof content === 'string') {
    addText(facts, 'user', content, `messages.${message}`);
    others('user', message);
    return message + 1;
  }
  let said = 0;
  for (const given of list(content)) {
    const block = record(given);
    if (typeOf(block) !== 'tool_result') {
      readBlock(facts, 'user', block, `messages.${message}.content.${said++}`);
      continue;
    }
    if (said > 0) message++;
    said = 0;
    readResult(facts, block, `messages.${message}`);
    message++;
  }
  if (said > 0) others('user', message);
  return said > 0 ? message + 1 : message;
}

function readResult(facts: Facts, block: Wire, path: string): void {
  const { content } = block;
  facts.add('result', 'tool', text(block['tool_use_id']) ?? '', path);
  if (typeof content === 'string') addText(facts, 'tool', content, path);
  for (const [index, part] of list(content).entries())
    readBlock(facts, 'tool', record(part), `${path}.content.${index}`);
  if (block['is_error'] === true)
    facts.add('failed', 'tool', text(block['tool_use_id']) ?? '', `${path}.isError`);
  facts.members(block, 'tool', path, ['type', 'tool_use_id', 'content', 'is_error']);
}

function readBlock(facts: Facts, lane: Lane, block: Wire, path: string): void {
  const known = ['type'];
  switch (typeOf(block)) {
    case 'text':
      addText(facts, lane, block['text'], path);
      known.push('text', 'citations');
      for (const [index, citation] of list(block['citations']).entries())
        facts.add('citation', lane, canonical(citation), `${path}.citations.${index}`, {
          names: [`${path}.citations`],
          of: path,
        });
      break;
    case 'thinking':
      facts.add('reasoning', lane, text(block['thinking']) ?? '', path, { names: [`${path}.reasoning`] });
      known.push('thinking', ...(block['signature'] === '' ? ['signature'] : []));
      break;
    case 'tool_use':
      addCall(facts, text(block['id']) ?? '', block['name'], canonical(block['input'] ?? {}), path);
      known.push('id', 'name', 'input', ...(typeOf(block['caller']) === 'direct' ? ['caller'] : []));
      break;
    case 'image':
    case 'document': {
      const source = sourceOf(record(block['source']));
      if (source === undefined) {
        addForeign(facts, lane, block, path);
        return;
      }
      addMedia(facts, lane, source, path);
      const title = text(block['title']);
      if (title !== undefined) facts.add('name', lane, title, `${path}.name`, { of: path });
      known.push('source', 'title');
      break;
    }
    default:
      addForeign(facts, lane, block, path);
      return;
  }
  facts.members(block, lane, path, known);
}

function sourceOf(source: Wire): Source | undefined {
  const data = text(source['data']);
  switch (typeOf(source)) {
    case 'url':
      return { url: text(source['url']) ?? '' };
    case 'base64':
      return { data: data ?? '', mediaType: text(source['media_type']) ?? '' };
    case 'text':
      return { text: data ?? '' };
    case 'file':
      return { id: text(source['file_id']) ?? '' };
    default:
      return undefined;
  }
}
