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
  sourceOfUrl,
} from './facts.ts';
import { addOutput } from './output.ts';
import { canonicalText, isNothing, list, record, text, typeOf, type Wire } from './wire.ts';

const read = [
  'model',
  'input',
  'instructions',
  'stream',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'text',
  'max_output_tokens',
  'temperature',
  'top_p',
  'reasoning',
  'safety_identifier',
  'user',
];

/** Asks for what every answer is without it. */
const idle: Wire = {
  background: false,
  truncation: 'disabled',
  service_tier: 'auto',
  top_logprobs: 0,
  store: false,
};

/** What the application adds to a conversation; every other item was made on the provider's side. */
const applications = new Set([
  'function_call_output',
  'item_reference',
  'mcp_approval_response',
  'additional_tools',
  'configuration_update',
  'compaction_trigger',
]);

/** OpenAI API reference, "Create a model response", November 2026. */
export function responsesRequest(body: Wire): Fact[] {
  const facts = new Facts();
  readConversation(facts, body);
  let tools = 0;
  for (const given of list(body['tools'])) {
    const tool = record(given);
    if (typeOf(tool) !== 'function') {
      facts.setting('other tool', tool, 'tools');
      continue;
    }
    const { name, description, parameters: schema, strict } = tool;
    addTool(facts, { name, description, schema, strict }, tools);
    facts.members(tool, 'settings', `tools.${tools}`, [
      'type',
      'name',
      'description',
      'parameters',
      'strict',
    ]);
    tools++;
  }
  const choice = record(body['tool_choice']);
  const named = typeOf(choice) === 'function' ? `tool ${text(choice['name']) ?? ''}` : undefined;
  addChoice(facts, text(body['tool_choice']) ?? named, body['parallel_tool_calls'], tools);
  if (!isNothing(choice) && named === undefined) facts.setting('other choice', choice, 'tool_choice');
  facts.setting('output limit', body['max_output_tokens'], 'maxOutputTokens');
  if (body['temperature'] !== 1) facts.setting('temperature', body['temperature']);
  if (body['top_p'] !== 1) facts.setting('topP', body['top_p']);
  facts.setting('end user', body['safety_identifier'] ?? body['user'], 'endUserId');
  const { effort, summary, generate_summary: older, ...thinking } = record(body['reasoning']);
  facts.setting('effort', effort, 'reasoning.effort');
  const shown = summary ?? older;
  if (!isNothing(shown)) facts.setting('shown thinking', true, 'reasoning.show');
  if (!isNothing(shown) && shown !== 'auto')
    facts.setting('kind of summary', shown, 'reasoning.summary', { names: ['reasoning'] });
  facts.members(thinking, 'settings', 'reasoning', [], { names: ['reasoning'] });
  readFormat(facts, record(body['text']));
  const asked = Object.fromEntries(Object.entries(body).filter(([key, value]) => idle[key] !== value));
  facts.members(asked, 'settings', '', read);
  return facts.all;
}

function readFormat(facts: Facts, given: Wire): void {
  const format = record(given['format']);
  if (typeOf(format) === 'json_object') facts.setting('output', 'json', 'output');
  if (typeOf(format) === 'json_schema') {
    addOutput(facts, record(format['schema']));
    facts.setting('output description', format['description'], 'output.description');
    if (format['strict'] === false) facts.setting('output strictness', false, 'output.strict');
  }
  const { verbosity, ...others } = given;
  if (verbosity !== 'medium') facts.setting('verbosity', verbosity, 'text.verbosity', { names: ['text'] });
  facts.members(others, 'settings', 'text', ['format'], { names: ['text'] });
}

/** Whatever the provider's side made between two turns of others is one turn of the assistant. */
function readConversation(facts: Facts, body: Wire): void {
  let message = 0;
  if (typeof body['instructions'] === 'string')
    addText(facts, 'system', body['instructions'], `messages.${message++}`);
  const input = body['input'];
  if (typeof input === 'string') {
    addText(facts, 'user', input, `messages.${message}`);
    return;
  }
  let turn: Turn | undefined;
  for (const given of list(input)) {
    const item = record(given);
    if (isProviders(item)) {
      turn ??= { path: `messages.${message++}`, parts: [] };
      readMade(facts, item, turn);
      continue;
    }
    if (turn !== undefined) addTurn(turn);
    turn = undefined;
    readOthers(facts, item, `messages.${message++}`);
  }
  if (turn !== undefined) addTurn(turn);
}

interface Turn {
  readonly path: string;
  readonly parts: { readonly isText: boolean; readonly add: (at: string) => void }[];
}

function addTurn({ path, parts }: Turn): void {
  const [only] = parts;
  const isAlone = parts.length === 1 && only?.isText === true;
  for (const [index, { add }] of parts.entries()) add(isAlone ? path : `${path}.content.${index}`);
}

function isProviders(item: Wire): boolean {
  const type = typeOf(item) || 'message';
  if (type === 'message') return item['role'] === 'assistant';
  if (type.endsWith('_output')) return item['execution'] === 'server';
  return !applications.has(type);
}

/** An item's id names it and says nothing; `completed` is what every item is that can be sent. */
const frame = ['id', 'type', 'role', 'content'];

function readMade(facts: Facts, item: Wire, turn: Turn): void {
  const { parts } = turn;
  switch (typeOf(item) || 'message') {
    case 'message': {
      const { content } = item;
      const more = item['status'] === 'completed' ? ['status'] : [];
      const said = typeof content === 'string' ? [{ type: 'output_text', text: content }] : list(content);
      for (const [index, part] of said.map(record).entries()) {
        const own = Object.keys(part).every((key) => ['type', 'text'].includes(key) || isNothing(part[key]));
        parts.push({
          isText:
            own && typeOf(part) !== 'refusal' && item['id'] === undefined && item['phase'] === undefined,
          add(at) {
            if (typeOf(part) === 'refusal') addText(facts, 'assistant', part['refusal'], at);
            else if (text(part['text']) === undefined) addForeign(facts, 'assistant', part, at);
            else addText(facts, 'assistant', part['text'], at);
            if (typeOf(part) !== 'refusal') readAnnotations(facts, part, at);
            if (index === 0)
              facts.members(item, 'assistant', at, [...frame, ...more], { names: [`${at}.item`] });
          },
        });
      }
      return;
    }
    case 'function_call':
      parts.push({
        isText: false,
        add(at) {
          addCall(
            facts,
            text(item['call_id']) ?? '',
            item['name'],
            canonicalText(item['arguments'] ?? ''),
            at,
          );
          const more = item['status'] === 'completed' ? ['status'] : [];
          facts.members(item, 'assistant', at, [...frame, 'call_id', 'name', 'arguments', ...more]);
        },
      });
      return;
    case 'reasoning':
      parts.push({
        isText: false,
        add(at) {
          const shown = textsOf(item['summary']) || textsOf(item['content']);
          facts.add('reasoning', 'assistant', shown, at, { names: [`${at}.reasoning`] });
          facts.members(item, 'assistant', at, ['id', 'type', 'role', 'status']);
        },
      });
      return;
    default:
      parts.push({ isText: false, add: (at) => addForeign(facts, 'assistant', item, at) });
  }
}

export function textsOf(parts: unknown): string {
  return list(parts)
    .map((part) => text(record(part)['text']) ?? '')
    .join('\n\n');
}

function readAnnotations(facts: Facts, part: Wire, path: string): void {
  for (const [index, annotation] of list(part['annotations']).entries()) {
    const at = `${path}.citations.${index}`;
    facts.add('citation', 'assistant', JSON.stringify(annotation), at, {
      names: [`${path}.citations`],
      of: path,
    });
  }
  facts.members(part, 'assistant', path, ['type', 'text', 'annotations']);
}

function readOthers(facts: Facts, item: Wire, path: string): void {
  const type = typeOf(item) || 'message';
  const { role } = item;
  const done = item['status'] === 'completed' ? ['status'] : [];
  if (type === 'function_call_output') {
    facts.add('result', 'tool', text(item['call_id']) ?? '', path);
    readContent(facts, 'tool', item['output'], path);
    facts.members(item, 'tool', path, [...frame, 'call_id', 'output', ...done]);
  } else if (type === 'message' && (role === 'system' || role === 'developer')) {
    readContent(facts, 'system', item['content'], path);
    facts.members(item, 'system', path, [...frame, ...done]);
  } else if (type === 'message' && role === 'user') {
    readContent(facts, 'user', item['content'], path);
    facts.members(item, 'user', path, [...frame, ...done]);
  } else addForeign(facts, 'user', item, `${path}.content.0`);
}

function readContent(facts: Facts, lane: Lane, content: unknown, path: string): void {
  if (typeof content === 'string') addText(facts, lane, content, path);
  for (const [index, given] of list(content).entries()) {
    const part = record(given);
    const at = `${path}.content.${index}`;
    const detail = part['detail'] === 'auto' ? ['detail'] : [];
    const source = sourceOf(part);
    if (typeOf(part) === 'input_text') {
      addText(facts, lane, part['text'], at);
      facts.members(part, lane, at, ['type', 'text']);
    } else if (source === undefined) addForeign(facts, lane, part, at);
    else {
      addMedia(facts, lane, source, at);
      const name = text(part['filename']);
      if (name !== undefined) facts.add('name', lane, name, `${at}.name`, { of: at });
      facts.members(part, lane, at, [
        'type',
        'image_url',
        'file_url',
        'file_data',
        'file_id',
        'filename',
        ...detail,
      ]);
    }
  }
}

function sourceOf(part: Wire): Source | undefined {
  if (!['input_image', 'input_file'].includes(typeOf(part))) return undefined;
  const url = text(part['image_url']) ?? text(part['file_url']);
  if (url !== undefined) return sourceOfUrl(url);
  const data = text(part['file_data']);
  if (data !== undefined) {
    const source = sourceOfUrl(data);
    return 'url' in source ? { data, mediaType: 'application/pdf' } : source;
  }
  const id = text(part['file_id']);
  return id === undefined ? undefined : { id };
}
