import type { Call } from '../core/call.ts';
import { checkOutput } from '../dialects/neutral/check-output.ts';
import type { Message } from '../dialects/neutral/message.ts';
import type { OutputFormat } from '../dialects/neutral/request.ts';
import { parsed } from '../dialects/record.ts';
import { ManagedLLMError } from '../errors/managed-llm-error.ts';
import type { Asking } from './asking.ts';
import { between } from './between.ts';
import { ask } from './chat.ts';
import { bodyOf, checkRequest } from './check-request.ts';
import { withPromptedSchema } from './prompted.ts';
import { replyOf, type ChatReply, type Step, type Turn } from './reply.ts';
import type { ObjectRequest } from './request.ts';
import {
  check,
  jsonSchemaOf,
  told,
  type Checked,
  type InferOutput,
  type Issue,
  type StandardSchemaV1,
} from '../core/standard-schema.ts';

/** What `llm.object` gives: a reply, and what its text says. */
export interface ObjectReply<T> extends ChatReply {
  /** As the schema lets it through. */
  readonly object: T;
}

/** Asks for JSON that fits a schema, shows the model what does not fit if that was asked for, and gives what fits. */
export async function object<S extends StandardSchemaV1>(
  asking: Asking,
  given: ObjectRequest<S>,
): Promise<ObjectReply<InferOutput<S>>> {
  const request = withPromptedSchema(given) as ObjectRequest<S>;
  checkRequest('object', request);
  const { schema, jsonSchema, name, description, strict, repair = 0, ...asked } = request;
  const shown = jsonSchemaOf(schema, jsonSchema, 'object.schema');
  checkOutput(shown, strict === true, jsonSchema === undefined ? 'object.schema' : 'object.jsonSchema');
  const output: OutputFormat = {
    type: 'json-schema',
    schema: shown,
    ...(name === undefined ? {} : { name }),
    ...(description === undefined ? {} : { description }),
    ...(strict === undefined ? {} : { strict }),
  };
  const body = bodyOf('object', { ...asked, output });
  const steps: Step[] = [];
  const added: Message[] = [];
  let first: Call | undefined;
  for (;;) {
    const { turn, call } = await ask(asking, { ...body, messages: [...body.messages, ...added] }, first);
    first ??= call;
    steps.push({ ...turn, toolResults: [] });
    added.push(turn.message);
    const read = await between(asking, first, () => readAs(schema, turn.text));
    const { callId, facts } = turn.receipt;
    asking.gate.feedback({
      callId,
      experiments: facts.experiments ?? [],
      canaries: facts.canaries ?? [],
      score: undefined,
      label: undefined,
      schemaValid: read.ok,
    });
    if (read.ok) return { ...replyOf(turn, steps, added), object: read.value };
    if (steps.length > repair || !canDoBetter(turn)) throw invalidOutput(turn, read.issues);
    added.push({ role: 'user', content: correction(read.issues) });
  }
}

const noJson: readonly Issue[] = [{ path: '', message: 'it is no JSON' }];

async function readAs<S extends StandardSchemaV1>(schema: S, text: string): Promise<Checked<InferOutput<S>>> {
  const json = parsed(text);
  return json === undefined ? { ok: false, issues: noJson } : check(schema, json);
}

/** An answer that was refused or cut short would be so again. */
function canDoBetter({ stop }: Turn): boolean {
  return stop === 'stop' || stop === 'stop-sequence' || stop === 'other';
}

function correction(issues: readonly Issue[]): string {
  return `Your answer does not fit the schema: ${told(issues)}. Answer again, with nothing but JSON that fits.`;
}

function invalidOutput({ receipt, stop }: Turn, issues: readonly Issue[]): ManagedLLMError {
  const isJson = issues !== noJson;
  const places = issues.map(({ path }) => (path === '' ? 'as a whole' : `at \`${path}\``));
  return new ManagedLLMError({
    code: 'invalid-output',
    callId: receipt.callId,
    message: isJson
      ? `The answer does not fit the schema ${[...new Set(places)].join(', ')}; it ended with "${stop}".`
      : `The answer is no JSON; it ended with "${stop}".`,
    details: { issues, stop },
  });
}
