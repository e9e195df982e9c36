import assert from 'node:assert/strict';

import type { Documents, Written } from '../../core/documents.ts';
import { failureCode } from './failure-code.ts';
import { oddTexts } from './odd-texts.ts';
import type { Check, Scene } from './scene.ts';

/** What documents have to do, where a state has some. */
export const documentChecks: readonly Check[] = [
  ['has no document where none was written', nothing],
  ['writes a document for who has read what it replaces, and tells the others what there is', comparing],
  ['never gives a version twice, also when a document is written anew', versionsAnew],
  ['gives documents back exactly, up to 64 kB of them, and tells their keys apart', exactDocuments],
  ['refuses keys, texts and times out of bounds, and writes nothing then', documentBounds],
  ['keeps a document as long as it was last written for, and without a time for good', documentTimes],
  ['lets one of all win who write the same version at once', oneWinner],
  ['loses none of the changes that many make by reading, writing and reading again', changes],
  ['tells stores apart, documents included', storesApart],
];

const longMs = 600_000;
const shortMs = 20;
/** Between two questions less passes, also on a busy machine. */
const someMs = 500;

/** The version that was written. */
function version(written: Written): string {
  if (!written.ok) assert.fail(`was not written: there is ${JSON.stringify(written.found)}`);
  return written.version;
}

/** What there is instead. */
function found(written: Written): Extract<Written, { readonly ok: false }>['found'] {
  if (written.ok) assert.fail('was written');
  return written.found;
}

async function nothing(scene: Scene): Promise<void> {
  const { documents } = await scene.documents();
  assert.equal(await documents.read('nothing'), undefined);
  assert.equal(found(await documents.write('nothing', 'text', 'a version')), undefined);
  assert.equal(await documents.read('nothing'), undefined);
}

async function comparing(scene: Scene): Promise<void> {
  const { documents, all } = await scene.documents(2);
  const elsewhere = all[1] ?? documents;
  const first = version(await documents.write('key', 'first', undefined));
  assert.deepEqual(await elsewhere.read('key'), { text: 'first', version: first });
  assert.deepEqual(found(await elsewhere.write('key', 'too', undefined)), { text: 'first', version: first });
  const second = version(await elsewhere.write('key', 'second', first));
  assert.notEqual(second, first);
  for (const stale of [undefined, first, '', 'a\u0000\ud800', `${second} `])
    assert.deepEqual(found(await documents.write('key', 'late', stale)), { text: 'second', version: second });
  const third = version(await documents.write('key', 'second', second));
  assert.notEqual(third, second, 'the same text is another version');
  assert.deepEqual(await elsewhere.read('key'), { text: 'second', version: third });
  version(await documents.write('other', 'first', undefined));
  assert.deepEqual(await documents.read('key'), { text: 'second', version: third });
}

async function versionsAnew(scene: Scene): Promise<void> {
  const { store, documents } = await scene.documents();
  const first = version(await documents.write('key', 'text', undefined, shortMs));
  await scene.pass(store, 2 * shortMs);
  const second = version(await documents.write('key', 'text', undefined));
  assert.notEqual(second, first);
  assert.deepEqual(found(await documents.write('key', 'late', first)), { text: 'text', version: second });
}

async function exactDocuments(scene: Scene): Promise<void> {
  const { documents } = await scene.documents();
  const texts = [...oddTexts, ...oddTexts.map((text) => `=${text}`), '"a"', ' a b', 'x'.repeat(65_536)];
  const small = texts.filter((text) => Buffer.byteLength(text) <= 65_536);
  let last: string | undefined;
  for (const text of small) {
    last = version(await documents.write('key', text, last));
    const { text: read } = (await documents.read('key')) ?? assert.fail('is not there');
    assert.ok(read === text, `${JSON.stringify(text.slice(0, 100))} came back otherwise`);
  }
  const keys = [...oddTexts.filter(({ length }) => length <= 1_024), 'x'.repeat(1_024)];
  for (const [index, key] of keys.entries()) version(await documents.write(key, `text ${index}`, undefined));
  for (const [index, key] of keys.entries()) assert.equal((await documents.read(key))?.text, `text ${index}`);
}

async function documentBounds(scene: Scene): Promise<void> {
  const { documents } = await scene.documents();
  const long = 'x'.repeat(1_025);
  assert.equal(await failureCode(() => documents.write(long, 'text', undefined)), 'invalid-options');
  const large = `${'\u00e4'.repeat(32_768)}x`;
  assert.equal(await failureCode(() => documents.write('key', large, undefined)), 'invalid-options');
  for (const ttlMs of [0, -1, NaN, Infinity])
    assert.equal(
      await failureCode(() => documents.write('key', 'text', undefined, ttlMs)),
      'invalid-options',
    );
  assert.equal(await documents.read('key'), undefined);
  version(await documents.write('key', large.slice(0, -1), undefined, 0.5));
}

async function documentTimes(scene: Scene): Promise<void> {
  const { store, documents } = await scene.documents();
  const write = async (key: string, ...ttls: readonly (number | undefined)[]): Promise<void> => {
    let last: string | undefined;
    for (const ttlMs of ttls) last = version(await documents.write(key, 'text', last, ttlMs));
  };
  await write('short', shortMs + 0.5);
  await write('shortened', undefined, longMs, shortMs);
  await write('longer', someMs, longMs);
  await write('for good', someMs, undefined);
  await scene.pass(store, someMs + shortMs);
  for (const key of ['short', 'shortened']) {
    const at = await documents.read(key);
    assert.equal(at, undefined);
    assert.equal(found(await documents.write(key, 'text', 'a version')), undefined);
  }
  for (const key of ['longer', 'for good']) assert.equal((await documents.read(key))?.text, 'text');
  await write('short', undefined);
  await write('year', 365 * 86_400_000);
  assert.equal((await documents.read('year'))?.text, 'text');
}

async function oneWinner(scene: Scene): Promise<void> {
  const { all } = await scene.documents(5);
  let last: string | undefined;
  for (let round = 0; round < 4; round += 1) {
    const written = await Promise.all(
      Array.from({ length: 50 }, (_, index) => all[index % all.length]?.write('key', `${index}`, last)),
    );
    const winners = written.flatMap((each, index) => (each?.ok === true ? [[index, each.version]] : []));
    assert.equal(winners.length, 1);
    const [winner, next] = winners[0] ?? [];
    for (const documents of all)
      assert.deepEqual(await documents.read('key'), { text: `${winner}`, version: next });
    last = String(next);
  }
}

async function changes(scene: Scene): Promise<void> {
  const { documents, all } = await scene.documents(4);
  const append = async (to: Documents, line: string): Promise<void> => {
    for (let read = await to.read('lines'); ;) {
      const written = await to.write('lines', `${read?.text ?? ''}${line}\n`, read?.version);
      if (written.ok) return;
      read = written.found;
    }
  };
  const lines = Array.from({ length: 24 }, (_, index) => `${index}`);
  await Promise.all(lines.map((line, index) => append(all[index % all.length] ?? documents, line)));
  const { text } = (await documents.read('lines')) ?? assert.fail('is not there');
  assert.deepEqual(text.trimEnd().split('\n').toSorted(), lines.toSorted());
}

async function storesApart(scene: Scene): Promise<void> {
  const [{ documents }, { documents: elsewhere }] = [await scene.documents(), await scene.documents()];
  const first = version(await documents.write('key', 'text', undefined));
  assert.equal(await elsewhere.read('key'), undefined);
  assert.equal(found(await elsewhere.write('key', 'text', first)), undefined);
  assert.equal((await documents.read('key'))?.version, first);
}
