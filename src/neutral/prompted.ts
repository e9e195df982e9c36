import { invalidOption } from '../core/parse-options.ts';
import type { Message } from '../dialects/neutral/message.ts';
import { Prompt } from '../prompts/prompt.ts';
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
  readonly prompt: Prompt;
  readonly rendering: ReturnType<Prompt['render']>;
  /** The rest of the request, with its turns behind those of the prompt. */
  readonly own: Members;
}

function renderedOf(request: object): Read | undefined {
  const { prompt, variables, messages = [], ...own } = Object(request) as Members;
  if (!(prompt instanceof Prompt)) return undefined;
  const asked = prompt as Prompt;
  const rendering = asked.render(variables as Parameters<Prompt['render']>[0]);
  const turns = typeof messages === 'string' ? [{ role: 'user', content: messages }] : messages;
  const further: readonly Message[] = Array.isArray(turns) ? turns : [];
  return { prompt: asked, rendering, own: { ...own, messages: [...rendering.messages, ...further] } };
}
