import { text, type Wire } from './wire.ts';

/** What is talked about, before it is written in any format. */
export interface Conversation {
  readonly system: string | undefined;
  readonly turns: readonly Turn[];
  readonly tools: readonly string[];
  readonly choice: string | undefined;
  readonly maxTokens: number;
  readonly temperature: number | undefined;
  readonly stop: readonly string[] | undefined;
  readonly effort: string | undefined;
  readonly hasSchema: boolean;
  readonly isSerial: boolean;
  /** Whether it has members that only its format knows. */
  readonly own: boolean;
}

export type Turn =
  | {
      readonly role: 'user';
      readonly texts: readonly string[];
      /** `url`, or `mediaType` and `data`. */
      readonly image: Wire | undefined;
      readonly file: { readonly name: string; readonly data: string } | undefined;
    }
  | { readonly role: 'assistant'; readonly text: string | undefined; readonly calls: readonly Call[] };

interface Call {
  readonly id: string;
  readonly name: string;
  readonly args: Wire;
  readonly result: string;
}

const schema = {
  type: 'object',
  properties: { at: { type: 'string' }, deep: { type: 'array', items: {} } },
  required: ['at'],
  additionalProperties: false,
};

const urlOf = (image: Wire): string =>
  text(image['url']) ?? `data:${text(image['mediaType'])};base64,${text(image['data'])}`;

/** Without the members that are `undefined`, as JSON has none. */
const told = (members: Wire): Wire => JSON.parse(JSON.stringify(members)) as Wire;

export function chatBody(asked: Conversation): Wire {
  const { tools, choice } = asked;
  const named = choice === 'look' ? { type: 'function', function: { name: choice } } : choice;
  return told({
    model: 'gpt-5-mini',
    messages: [
      ...(asked.system === undefined
        ? []
        : [{ role: asked.own ? 'developer' : 'system', content: asked.system }]),
      ...asked.turns.flatMap(chatTurns),
    ],
    tools:
      tools.length === 0
        ? undefined
        : tools.map((name) => ({
            type: 'function',
            function: { name, description: `To ${name}.`, parameters: schema, strict: true },
          })),
    tool_choice: named,
    parallel_tool_calls: tools.length > 0 && asked.isSerial ? false : undefined,
    max_completion_tokens: asked.maxTokens,
    temperature: asked.temperature,
    stop: asked.stop,
    reasoning_effort: asked.effort,
    response_format: asked.hasSchema
      ? { type: 'json_schema', json_schema: { name: 'answer', schema, strict: true } }
      : undefined,
    ...(asked.own ? { seed: 7, logit_bias: { '50256': -100 }, user: 'someone', n: 1 } : {}),
  });
}

function chatTurns(turn: Turn): readonly Wire[] {
  if (turn.role === 'user') {
    const parts: Wire[] = turn.texts.map((said) => ({ type: 'text', text: said }));
    if (turn.image !== undefined) parts.push({ type: 'image_url', image_url: { url: urlOf(turn.image) } });
    if (turn.file !== undefined)
      parts.push({
        type: 'file',
        file: { filename: turn.file.name, file_data: `data:application/pdf;base64,${turn.file.data}` },
      });
    return [{ role: 'user', content: parts.length === 1 ? turn.texts[0] : parts }];
  }
  const calls = turn.calls.map(({ id, name, args }) => ({
    id,
    type: 'function',
    function: { name, arguments: JSON.stringify(args) },
  }));
  return [
    { role: 'assistant', content: turn.text ?? null, ...(calls.length === 0 ? {} : { tool_calls: calls }) },
    ...turn.calls.map(({ id, result }) => ({ role: 'tool', tool_call_id: id, content: result })),
  ];
}

export function responsesBody(asked: Conversation): Wire {
  const { tools, choice } = asked;
  return told({
    model: 'gpt-5-mini',
    instructions: asked.system,
    input: asked.turns.flatMap(responsesItems),
    tools:
      tools.length === 0
        ? undefined
        : tools.map((name) => ({
            type: 'function',
            name,
            description: `To ${name}.`,
            parameters: schema,
            strict: true,
          })),
    tool_choice: choice === 'look' ? { type: 'function', name: choice } : choice,
    parallel_tool_calls: tools.length > 0 && asked.isSerial ? false : undefined,
    max_output_tokens: asked.maxTokens,
    temperature: asked.temperature,
    reasoning: asked.effort === undefined ? undefined : { effort: asked.effort },
    text: asked.hasSchema
      ? { format: { type: 'json_schema', name: 'answer', schema, strict: true } }
      : undefined,
    ...(asked.own ? { store: false, include: ['reasoning.encrypted_content'], metadata: { a: 'b' } } : {}),
  });
}

function responsesItems(turn: Turn): readonly Wire[] {
  if (turn.role === 'user') {
    const parts: Wire[] = turn.texts.map((said) => ({ type: 'input_text', text: said }));
    if (turn.image !== undefined) parts.push({ type: 'input_image', image_url: urlOf(turn.image) });
    if (turn.file !== undefined)
      parts.push({
        type: 'input_file',
        filename: turn.file.name,
        file_data: `data:application/pdf;base64,${turn.file.data}`,
      });
    return [{ role: 'user', content: parts.length === 1 ? turn.texts[0] : parts }];
  }
  return [
    ...(turn.text === undefined ? [] : [{ role: 'assistant', content: turn.text }]),
    ...turn.calls.map(({ id, name, args }) => ({
      type: 'function_call',
      call_id: id,
      name,
      arguments: JSON.stringify(args),
    })),
    ...turn.calls.map(({ id, result }) => ({ type: 'function_call_output', call_id: id, output: result })),
  ];
}

export function anthropicBody(asked: Conversation): Wire {
  const { tools, choice } = asked;
  const type = choice === 'look' ? 'tool' : choice === 'required' ? 'any' : choice;
  const cached = asked.own ? { cache_control: { type: 'ephemeral' } } : {};
  const config = {
    ...(asked.effort === undefined ? {} : { effort: asked.effort }),
    ...(asked.hasSchema ? { format: { type: 'json_schema', schema } } : {}),
  };
  return told({
    model: 'claude-sonnet-5-5',
    max_tokens: asked.maxTokens,
    system: asked.system === undefined ? undefined : [{ type: 'text', text: asked.system, ...cached }],
    messages: merged(asked.turns.flatMap(anthropicTurns)),
    tools:
      tools.length === 0
        ? undefined
        : tools.map((name) => ({ name, description: `To ${name}.`, input_schema: schema, strict: true })),
    tool_choice:
      type === undefined
        ? undefined
        : {
            type,
            name: type === 'tool' ? choice : undefined,
            disable_parallel_tool_use: asked.isSerial && type !== 'none' ? true : undefined,
          },
    stop_sequences: asked.stop,
    thinking: asked.effort === undefined ? undefined : { type: 'adaptive' },
    output_config: Object.keys(config).length === 0 ? undefined : config,
    ...(asked.own ? { metadata: { user_id: 'someone' }, service_tier: 'standard_only' } : {}),
  });
}

function anthropicTurns(turn: Turn): readonly { readonly role: string; readonly content: readonly Wire[] }[] {
  if (turn.role === 'user') {
    const blocks: Wire[] = turn.texts.map((said) => ({ type: 'text', text: said }));
    const { image, file } = turn;
    if (image !== undefined) {
      const source =
        'url' in image
          ? { type: 'url', url: image['url'] }
          : { type: 'base64', media_type: image['mediaType'], data: image['data'] };
      blocks.push({ type: 'image', source });
    }
    if (file !== undefined)
      blocks.push({
        type: 'document',
        title: file.name,
        source: { type: 'base64', media_type: 'application/pdf', data: file.data },
      });
    return [{ role: 'user', content: blocks }];
  }
  const said = turn.text === undefined ? [] : [{ type: 'text', text: turn.text }];
  const calls = turn.calls.map(({ id, name, args }) => ({ type: 'tool_use', id, name, input: args }));
  const results = turn.calls.map(({ id, result }) => ({
    type: 'tool_result',
    tool_use_id: id,
    content: result,
  }));
  return [
    { role: 'assistant', content: [...said, ...calls] },
    ...(results.length === 0 ? [] : [{ role: 'user', content: results }]),
  ];
}

/** Turns of one role in a row are one here. */
function merged(turns: ReturnType<typeof anthropicTurns>): readonly Wire[] {
  const all: { role: string; content: Wire[] }[] = [];
  for (const { role, content } of turns) {
    const last = all.at(-1);
    if (last?.role === role) last.content.push(...content);
    else all.push({ role, content: [...content] });
  }
  return all;
}
