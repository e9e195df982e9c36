/**
 * What a model can do, as far as it matters where a call may go: pictures, sound and documents (PDF) in prompts, tools of the
 * application, answers held to a JSON schema, reasoning before the answer, a cache of prompts, answers in a stream.
 */
export const capabilityNames = [
  'vision',
  'audio',
  'files',
  'tools',
  'json-schema',
  'reasoning',
  'prompt-caching',
  'streaming',
] as const;

/** One of {@link capabilityNames}. */
export type Capability = (typeof capabilityNames)[number];

/** What is known of a model: what it can and what it cannot. What is not in it is not known. */
export type Capabilities = Readonly<Partial<Record<Capability, boolean>>>;
