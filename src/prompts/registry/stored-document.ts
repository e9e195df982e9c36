import { hash } from 'node:crypto';
import type * as z from 'zod/mini';
import { parsed } from '../../dialects/record.ts';
import { ManagedLLMError } from '../../errors/managed-llm-error.ts';

/** What documents take, less some room. */
export const mostBytes = 64_000;

const longestKey = 1_000;

/** Key of a document. Names of prompts have no `:`, so that none is taken for another. */
export function documentKey(kind: 'labels' | 'version' | 'versions', name: string, version?: string): string {
  const key = `prompts:${kind}:${name}${version === undefined ? '' : `:${version}`}`;
  return key.length <= longestKey ? key : `prompts:${kind}::${hash('sha256', key)}`;
}

/** @throws `state-incompatible` for what this version of the package has not written */
export function readDocument<S extends z.ZodMiniType>(schema: S, key: string, text: string): z.infer<S> {
  const read = schema.safeParse(parsed(text));
  if (read.success) return read.data;
  throw new ManagedLLMError({
    code: 'state-incompatible',
    message: `The document \`${key}\` of the state cannot be read: it is not ours, or of a newer version of this package.`,
    details: { key },
  });
}
