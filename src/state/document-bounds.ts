import { invalidOption } from '../core/parse-options.ts';

const longestKey = 1_024;
const longestTextBytes = 65_536;

/** @throws `invalid-options` for what no state takes, so that none takes what another would not. */
export function checkDocument(key: string, text: string, ttlMs: number | undefined): void {
  checkKey('documents.write.key', key);
  if (Buffer.byteLength(text) > longestTextBytes)
    throw invalidOption(
      'documents.write.text',
      `is longer than ${longestTextBytes} bytes: divide it, or leave out what is old`,
    );
  checkTtl('documents.write.ttlMs', ttlMs);
}

export function checkKey(path: string, key: string): void {
  if (key.length > longestKey)
    throw invalidOption(path, `is longer than ${longestKey} UTF-16 code units: name it by a hash`);
}

export function checkTtl(path: string, ttlMs: number | undefined): void {
  if (ttlMs !== undefined && !(ttlMs > 0 && ttlMs <= Number.MAX_SAFE_INTEGER))
    throw invalidOption(path, 'must be milliseconds, > 0; left out, it is kept for good');
}
