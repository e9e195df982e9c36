import { invalidOption } from '../core/parse-options.ts';
import { isPrompt, keptVariables, marked, type CarriedPrompt } from '../core/prompt-mark.ts';
import type { Message } from '../dialects/neutral/message.ts';
import type { OutputFormat } from '../dialects/neutral/request.ts';
import { defined } from '../dialects/openai-chat/members.ts';
import type { ObjectRequest } from './request.ts';

type Members = Readonly<Record<string, unknown>>;

/** A request with what its prompt renders in the prompt's place; one without a prompt as it is. */
export function withPrompt<R extends object>(request: R): R {
  const read = renderedOf(request);
  if (read === undefined) return request;
  const { rendering, own } = read;
  return { ...rendering, ...own } as unknown as R;
}

/** The same for `llm.object`: what the prompt says of its output is what the answer is held to. */
export function withPromptedSchema(request: ObjectRequest): ObjectRequest {
  const read = renderedOf(request);
  if (read === undefined) return request;
  const { prompt, rendering, own } = read;
  const { output, ...rest } = rendering;
  for (const name of ['schema', 'jsonSchema'])
    if (name in own) throw invalidOption(`object.${name}`, 'stands in the prompt, as its `output`');
  if (output === undefined)
    throw invalidOption(
      'object.prompt',
      `is \`${prompt.name}@${prompt.version}\`, which has no \`output\`: ask by \`llm.chat\``,
    );
  const { type: _type, schema: jsonSchema, ...told } = output;
  return { ...rest, ...told, jsonSchema, ...own, schema: prompt.outputSchema } as unknown as ObjectRequest;
}

interface Read {
  readonly prompt: CarriedPrompt;
  readonly rendering: Rendered;
  /** What the rest of the request says, with its turns behind those of the prompt. */
  readonly own: Members;
}

interface Rendered extends Members {
  readonly messages: readonly Message[];
  readonly output?: Extract<OutputFormat, { readonly type: 'json-schema' }>;
}

function renderedOf(request: object): Read | undefined {
  const { prompt, variables = {}, messages = [], ...others } = Object(request) as Members;
  if (!isPrompt(prompt)) return undefined;
  const given = keptVariables(variables);
  const rendering = marked(prompt.bodyIn('neutral', given), { prompt, variables: given }) as Rendered;
  const turns = typeof messages === 'string' ? [{ role: 'user', content: messages }] : messages;
  // What is no list is refused with all else that is wrong with the request.
  const all: unknown = Array.isArray(turns)
    ? [...rendering.messages, ...(turns as readonly unknown[])]
    : turns;
  return { prompt, rendering, own: { ...defined(others), messages: all } };
}
