import {
  addCall,
  addChoice,
  addForeign,
  addMedia,
  addText,
  addTool,
  Facts,
  type Fact,
  sourceOfUrl,
} from './facts.ts';
import { addOutput } from './output.ts';
import { canonical, canonicalText, isNothing, list, record, text, typeOf, type Wire } from './wire.ts';

/** Read as a setting of every format, or nothing but the way in which the answer is delivered. */
const read = [
  'model',
  'messages',
  'stream',
  'stream_options',
  'tools',
  'functions',
  'tool_choice',
  'function_call',
  'parallel_tool_calls',
  'max_tokens',
  'max_completion_tokens',
  'stop',
  'temperature',
  'top_p',
  'seed',
  'frequency_penalty',
  'presence_penalty',
  'reasoning_effort',
  'response_format',
  'user',
  'safety_identifier',
];

/** Asks for what every answer is without it. */
const idle: Wire = {
  n: 1,
  logprobs: false,
  top_logprobs: 0,
  store: false,
  service_tier: 'auto',
};

/** OpenAI API reference, "Create chat completion", November 2026, with what servers like it add to turns. */
export function chatRequest(body: Wire): Fact[] {
  const facts = new Facts();
  const calls = new UnnamedCalls();
  for (const [index, turn] of list(body['messages']).entries())
    readTurn(facts, record(turn), `messages.${index}`, calls);
  const functions = list(body['tools']).length > 0 || 'tools' in body ? undefined : list(body['functions']);
  let tools = 0;
  for (const [index, given] of (functions ?? list(body['tools'])).entries()) {
    const tool = record(given);
    const called = functions === undefined ? tool['function'] : tool;
    if (called === undefined || !['', 'function'].includes(typeOf(tool))) {
      facts.setting('other tool', tool, `tools.${index}`);
      continue;
    }
    const { name, description, parameters, strict, ...more } = record(called);
    addTool(facts, { name, description, schema: parameters, strict }, tools);
    facts.members(more, 'settings', `tools.${tools}.function`, []);
    if (functions === undefined) facts.members(tool, 'settings', `tools.${tools}`, ['type', 'function']);
    tools++;
  }
  const choice = body['tool_choice'] ?? body['function_call'];
  const word = choice === 'any' ? 'required' : text(choice);
  const named = text(record(record(choice)['function'])['name']) ?? text(record(choice)['name']);
  if (word === undefined && named === undefined && !isNothing(choice))
    facts.setting('other choice', choice, 'tool_choice');
  addChoice(
    facts,
    word ?? (named === undefined ? undefined : `tool ${named}`),
    // The older functions are called one at a time.
    functions === undefined ? body['parallel_tool_calls'] : false,
    tools,
  );
  facts.setting('output limit', body['max_completion_tokens'] ?? body['max_tokens'], 'maxOutputTokens');
  const stops = typeof body['stop'] === 'string' ? [body['stop']] : list(body['stop']);
  for (const [index, stop] of stops.entries()) facts.setting('stop sequence', stop, `stopSequences.${index}`);
  readSampling(facts, body);
  facts.setting('effort', body['reasoning_effort'], 'reasoning.effort', { names: ['reasoning_effort'] });
  facts.setting('end user', body['safety_identifier'] ?? body['user'], 'endUserId');
  readFormat(facts, record(body['response_format']));
  facts.members(withoutIdle(body), 'settings', '', read);
  return facts.all;
}

function withoutIdle(body: Wire): Wire {
  return Object.fromEntries(
    Object.entries(body).filter(([key, value]) => canonical(idle[key]) !== canonical(value)),
  );
}

/** What asks for no more than the default is no fact. */
function readSampling(facts: Facts, body: Wire): void {
  if (body['temperature'] !== 1) facts.setting('temperature', body['temperature']);
  if (body['top_p'] !== 1) facts.setting('topP', body['top_p']);
  facts.setting('seed', body['seed']);
  if (body['frequency_penalty'] !== 0) facts.setting('frequencyPenalty', body['frequency_penalty']);
  if (body['presence_penalty'] !== 0) facts.setting('presencePenalty', body['presence_penalty']);
}

/** The format's own name rules nothing and is left aside. */
function readFormat(facts: Facts, format: Wire): void {
  if (typeOf(format) === 'json_object') facts.setting('output', 'json', 'output');
  if (typeOf(format) !== 'json_schema') return;
  const { schema, description, strict } = record(format['json_schema']);
  addOutput(facts, record(schema));
  facts.setting('output description', description, 'output.description');
  if (strict === false) facts.setting('output strictness', false, 'output.strict');
}

/** Calls of servers and of the older form that have no id: numbered here, and answered by name and order. */
class UnnamedCalls {
  #made = 0;
  #open: { readonly id: string; readonly name: string }[] = [];

  called(id: unknown, name: string): string {
    const known = text(id) || `unnamed ${this.#made++}`;
    this.#open.push({ id: known, name });
    return known;
  }

  answered(id: unknown, name: unknown): string {
    if (text(id)) return String(id);
    const call = this.#open.find((open) => open.name === name) ?? this.#open[0];
    this.#open = this.#open.filter((open) => open !== call);
    return call?.id ?? '';
  }
}

function readTurn(facts: Facts, turn: Wire, path: string, calls: UnnamedCalls): void {
  const { role, content } = turn;
  switch (role) {
    case 'system':
    case 'developer':
      if (typeof content === 'string') addText(facts, 'system', content, path);
      else
        for (const [index, part] of list(content).entries())
          readPart(facts, 'system', part, `${path}.content.${index}`);
      facts.members(turn, 'system', path, ['role', 'content']);
      return;
    case 'assistant':
      readAssistant(facts, turn, path, calls);
      return;
    case 'tool':
    case 'function': {
      const id = calls.answered(turn['tool_call_id'], turn['name']);
      facts.add('result', 'tool', id, path);
      if (typeof content === 'string') addText(facts, 'tool', content, path);
      else
        for (const [index, part] of list(content).entries())
          readPart(facts, 'tool', part, `${path}.content.${index}`);
      facts.members(turn, 'tool', path, [
        'role',
        'content',
        'tool_call_id',
        ...(role === 'function' ? ['name'] : []),
      ]);
      return;
    }
    default:
      if (typeof content === 'string') addText(facts, 'user', content, path);
      else
        for (const [index, part] of list(content).entries())
          readPart(facts, 'user', part, `${path}.content.${index}`);
      facts.members(turn, 'user', path, role === 'user' ? ['role', 'content'] : ['content']);
  }
}

function readAssistant(facts: Facts, turn: Wire, path: string, calls: UnnamedCalls): void {
  const parts: ((at: string) => void)[] = [];
  const shown =
    text(turn['reasoning_content']) || text(turn['reasoning']) || detailsText(turn['reasoning_details']);
  if (shown || list(turn['reasoning_details']).length > 0)
    parts.push((at) => {
      facts.add('reasoning', 'assistant', shown ?? '', at, { names: [`${at}.reasoning`] });
      const { reasoning, reasoning_content, reasoning_details } = turn;
      facts.members({ reasoning, reasoning_content, reasoning_details }, 'assistant', at, []);
    });
  const { content } = turn;
  for (const part of typeof content === 'string' ? [content] : list(content)) {
    if (part === '' || record(part)['text'] === '') continue;
    parts.push((at) => readPart(facts, 'assistant', part, at));
  }
  if (text(turn['refusal'])) parts.push((at) => addText(facts, 'assistant', turn['refusal'], at));
  for (const given of list(turn['tool_calls'])) {
    const call = record(given);
    const called = record(call['function']);
    if (call['function'] === undefined) parts.push((at) => addForeign(facts, 'assistant', call, at));
    else {
      const id = calls.called(call['id'], text(called['name']) ?? '');
      parts.push((at) => {
        addCall(facts, id, called['name'], canonicalText(called['arguments']), at);
        facts.members(call, 'assistant', at, ['id', 'type', 'function', 'index']);
        facts.members(called, 'assistant', `${at}.function`, ['name', 'arguments']);
      });
    }
  }
  const older = record(turn['function_call']);
  if (turn['function_call'] !== undefined && turn['function_call'] !== null) {
    const id = calls.called(undefined, text(older['name']) ?? '');
    parts.push((at) => addCall(facts, id, older['name'], canonicalText(older['arguments']), at));
  }
  const alone = parts.length === 1 && typeof content === 'string' && content !== '';
  for (const [index, add] of parts.entries()) add(alone ? path : `${path}.content.${index}`);
  facts.members(turn, 'assistant', path, [
    'role',
    'content',
    'refusal',
    'tool_calls',
    'function_call',
    'reasoning',
    'reasoning_content',
    'reasoning_details',
  ]);
}

export function detailsText(details: unknown): string {
  return list(details)
    .map((detail) => text(record(detail)['text']) ?? text(record(detail)['summary']) ?? '')
    .join('');
}

/** Of Mistral's parts. */
export function thinkingText(part: Wire): string {
  return list(part['thinking'])
    .map((piece) => text(record(piece)['text']) ?? '')
    .join('');
}

function readPart(
  facts: Facts,
  lane: 'system' | 'user' | 'assistant' | 'tool',
  given: unknown,
  path: string,
): void {
  if (typeof given === 'string') {
    addText(facts, lane, given, path);
    return;
  }
  const part = record(given);
  const image = record(part['image_url']);
  const file = record(part['file']);
  switch (typeOf(part)) {
    case '':
    case 'text':
      addText(facts, lane, part['text'], path);
      facts.members(part, lane, path, ['type', 'text']);
      return;
    case 'refusal':
      addText(facts, lane, part['refusal'], path);
      return;
    case 'thinking': {
      facts.add('reasoning', lane, thinkingText(part), path, { names: [`${path}.reasoning`] });
      facts.members(part, lane, path, ['type']);
      return;
    }
    case 'image_url':
      addMedia(facts, lane, sourceOfUrl(text(part['image_url']) ?? text(image['url']) ?? ''), path);
      facts.members(part, lane, path, ['type', 'image_url']);
      facts.members(image, lane, `${path}.image_url`, ['url'], { of: path });
      return;
    case 'file': {
      const id = text(file['file_id']);
      const data = text(file['file_data']) ?? '';
      if (id === undefined && /^https?:/i.test(data)) {
        addForeign(facts, lane, part, path);
        return;
      }
      const name = text(file['filename']);
      addMedia(facts, lane, id === undefined ? contentOf(data, name) : { id }, path);
      if (name !== undefined) facts.add('name', lane, name, `${path}.name`, { of: path });
      facts.members(part, lane, path, ['type', 'file']);
      facts.members(file, lane, `${path}.file`, ['file_id', 'file_data', 'filename'], { of: path });
      return;
    }
    default:
      addForeign(facts, lane, part, path);
  }
}

function contentOf(data: string, name: string | undefined) {
  const source = sourceOfUrl(data);
  if (!('url' in source)) return source;
  return {
    data,
    mediaType: name?.toLowerCase().endsWith('.pdf') ? 'application/pdf' : 'application/octet-stream',
  };
}
