import { ManagedLLMError } from '../errors/managed-llm-error.ts';

/** Hashes of all versions that the code of this process has defined, by name. One small entry for each version ever defined. */
const seen = new Map<string, Map<string, string>>();

/** Remembers a version. Throws `prompt-changed` where it is known with other content. */
export function rememberVersion(name: string, version: string, hash: string): void {
  checkVersion(name, version, hash);
  const versions = seen.get(name) ?? new Map<string, string>();
  versions.set(version, hash);
  seen.set(name, versions);
}

/** Throws `prompt-changed` where the code of this process has defined a version with other content. Nothing is remembered. */
export function checkVersion(name: string, version: string, hash: string): void {
  const known = seen.get(name)?.get(version);
  if (known !== undefined && known !== hash)
    throw new ManagedLLMError({
      code: 'prompt-changed',
      message: `Version \`${version}\` of prompt \`${name}\` is defined already, with other content (${known}, now ${hash}). Versions never change: give this one another version.`,
      details: { prompt: name, version, hash, known },
    });
}

/** Throws `prompt-changed` where a prompt does not have the hash that it tells. */
export function checkHash(name: string, version: string, hash: string, told: string): void {
  if (hash === told) return;
  throw new ManagedLLMError({
    code: 'prompt-changed',
    message: `Version \`${version}\` of prompt \`${name}\` does not have the content that its hash tells (${told}, now ${hash}). Versions never change: give this one another version, and no \`hash\`.`,
    details: { prompt: name, version, hash, known: told },
  });
}
