const aNumber = 'must be a number';
const aCount = 'must be a whole number, 0 or more';
const aFlag = 'must be `true` or `false`';
const aText = 'must be a text';

const ofMembers: Readonly<Record<string, string>> = {
  messages: 'must be a list of messages',
  toolChoice: 'must be "auto", "none", "required", or `{ name }` of a tool',
  parallelToolCalls: aFlag,
  output: 'must be `{ type: "json" }` or `{ type: "json-schema", schema }`',
  maxOutputTokens: aCount,
  stopSequences: 'must be a list of texts',
  temperature: aNumber,
  topP: aNumber,
  topK: aNumber,
  seed: aNumber,
  frequencyPenalty: aNumber,
  presencePenalty: aNumber,
  reasoning: 'must be an object, such as `{ effort: "low" }`',
  'reasoning.effort': 'must be "none", "minimal", "low", "medium", "high", "xhigh" or "max"',
  'reasoning.budgetTokens': aCount,
  'reasoning.show': aFlag,
  'reasoning.effortOnly': aFlag,
  endUserId: aText,
};

const ofItems: readonly (readonly [RegExp, string])[] = [
  [
    /^messages\.\d+$/,
    'is no message: it needs a `role` ("system", "developer", "user", "assistant" or "tool") and a `content`, a text or a list of parts; ' +
      'one of role "tool" also a `toolCallId`',
  ],
  [
    /^messages\.\d+\.content\.\d+$/,
    'is no part of such a message. Parts are `{ type: "text", text }`; of the user and of tools also `{ type: "image", source }` ' +
      'and `{ type: "file", source }`, with `{ type: "url", url }` or `{ type: "base64", data, mediaType }` as source; of the ' +
      'assistant also those that replies have in `content`',
  ],
  [
    /^tools\.\d+$/,
    'is no tool: it needs a `name` and `parameters`, a JSON schema. `tool(…)` makes one of zod schemas too',
  ],
];

/** What should stand at a path of a neutral request; goes on from the path, as `invalidOption` wants it. */
export function expectedForm(path: string): string {
  const [, ofItem] = ofItems.find(([pattern]) => pattern.test(path)) ?? [];
  return ofItem ?? ofMembers[path] ?? 'does not have the form it must have';
}
