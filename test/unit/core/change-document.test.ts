import { describe, expect, test } from 'vitest';
import { changeDocument } from '../../../src/core/change-document.ts';
import type { Documents } from '../../../src/core/documents.ts';
import { memoryState } from '../../../src/state/memory/memory-state.ts';

function documentsOf(): Documents {
  const { documents } = memoryState();
  if (documents === undefined) throw new Error('memory keeps documents');
  return documents;
}

const counted = (text: string | undefined): string => String(Number(text ?? 0) + 1);

/** Documents that somebody else writes to before each of the first writes. */
function contended(documents: Documents, times: number): Documents {
  let left = times;
  return {
    read: (key) => documents.read(key),
    async write(key, text, expected, ttlMs) {
      if (left-- > 0) await changeDocument(documents, key, counted);
      return documents.write(key, text, expected, ttlMs);
    },
  };
}

describe('changing a document', () => {
  test('makes one where there is none, and gives what it then is', async () => {
    const documents = documentsOf();
    expect(await changeDocument(documents, 'n', counted)).toBe('1');
    expect(await changeDocument(documents, 'n', counted)).toBe('2');
  });

  test('leaves it as it is where nothing is to become of it', async () => {
    const documents = documentsOf();
    expect(await changeDocument(documents, 'n', () => undefined)).toBeUndefined();
    await changeDocument(documents, 'n', counted);
    const before = await documents.read('n');
    expect(await changeDocument(documents, 'n', () => undefined)).toBe('1');
    expect(await documents.read('n')).toEqual(before);
  });

  test('undoes nothing that others have written meanwhile', async () => {
    const documents = documentsOf();
    expect(await changeDocument(contended(documents, 5), 'n', counted)).toBe('6');
    await Promise.all(Array.from({ length: 20 }, () => changeDocument(documents, 'n', counted)));
    expect(await documents.read('n')).toMatchObject({ text: '26' });
  });

  test('gives up, and says so, where others are quicker every time', async () => {
    await expect(changeDocument(contended(documentsOf(), 1_000), 'n', counted)).rejects.toMatchObject({
      code: 'state-unreachable',
    });
  });
});
