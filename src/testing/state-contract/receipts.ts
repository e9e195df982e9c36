import assert from 'node:assert/strict';

import type { Receipt } from '../../core/receipt.ts';
import type { ReceiptFilter, ReceiptLog } from '../../core/receipt-log.ts';
import { oddTexts } from './odd-texts.ts';
import { beginning, sampleReceipt } from './sample-receipt.ts';
import type { Check, Scene } from './scene.ts';

/** What a log of receipts has to do, where a state has one. */
export const receiptChecks: readonly Check[] = [
  ['gives receipts back as they were, wherever they are read', asTheyWere],
  ['keeps a receipt once, however often it is appended', appendedTwice],
  ['reads by when calls began', inOrder],
  ['finds receipts by time, user and tenant, and those of nobody', filtered],
  ['tells users and tenants apart by their exact code points', exactTexts],
  ['deletes what fits and nothing else', deleting],
  ['reads thousands, also while others write, and stops when the reader does', thousands],
  ['tells stores apart, receipts included', storesApart],
];

async function read(log: ReceiptLog, filter?: ReceiptFilter): Promise<readonly Receipt[]> {
  const found: Receipt[] = [];
  for await (const each of filter === undefined ? log.read() : log.read(filter)) found.push(each);
  return found;
}

async function ids(log: ReceiptLog, filter?: ReceiptFilter): Promise<readonly string[]> {
  return (await read(log, filter)).map(({ callId }) => callId);
}

/** What JSON says of it: a member that is `undefined` and one that is absent are the same. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

async function asTheyWere(scene: Scene): Promise<void> {
  const [log, elsewhere] = await scene.receipts(2);
  const odd = 'a\u0000b \ud800 \u2028 "\\" \u{1f600} </script>';
  const rich = sampleReceipt('rich', {
    parentId: 'parent',
    caller: { user: odd, tenant: '', roles: ['admin', odd], tags: { constructor: odd, [odd]: '' } },
    usage: { inputTokens: 10, outputTokens: 5, provenance: 'reported' },
    costUsd: 0.000_000_001,
    costNanoUsd: 9_007_199_254_740_991,
    stopReason: odd,
    durationMs: 0.25,
    startedAt: beginning + 0.5,
    facts: {
      cache: { status: 'stale', kind: 'exact', key: odd, savedNanoUsd: 9_007_199_254_740_991, savedMs: 0.25 },
      promptCache: {
        readTokens: 0,
        writtenTokens: 1_024,
        savedNanoUsd: -1,
        attempts: [{ attemptId: 'attempt', readTokens: 0, writtenTokens: 1_024, savedNanoUsd: -1 }],
      },
    },
    attempts: [
      {
        attemptId: 'attempt',
        target: { provider: 'openai', model: odd },
        outcome: 'failed',
        status: undefined,
        error: undefined,
        usage: undefined,
        costUsd: undefined,
        costNanoUsd: 0,
        losses: [],
        startedAt: beginning,
        firstEventMs: undefined,
        durationMs: 1,
      },
    ],
  });
  await log.append([sampleReceipt('bare'), rich]);
  const found = await read(elsewhere ?? log);
  assert.deepEqual(plain(found), plain([sampleReceipt('bare'), rich]));
  const [bare] = found;
  for (const member of ['parentId', 'usage', 'costNanoUsd', 'firstEventMs', 'error'] as const)
    assert.equal(bare?.[member], undefined);
}

async function appendedTwice(scene: Scene): Promise<void> {
  const [log, elsewhere = log] = await scene.receipts(2);
  const [first, second, third] = [sampleReceipt('1'), sampleReceipt('2'), sampleReceipt('3')];
  await log.append([first, second]);
  await log.append([first, second]);
  await elsewhere.append([third, second, third]);
  await Promise.all([log.append([first, third]), elsewhere.append([third, first])]);
  await log.append([]);
  await log.append([sampleReceipt('1', { model: 'other' })]);
  const found = await read(log);
  assert.deepEqual(new Set(found.map(({ callId }) => callId)), new Set(['1', '2', '3']));
  assert.equal(found.length, 3);
  assert.ok(
    found.every(({ model }) => model === 'gpt-6-luna'),
    'what was appended first stands',
  );
}

async function inOrder(scene: Scene): Promise<void> {
  const [log] = await scene.receipts();
  const at = (callId: string, offsetMs: number) => sampleReceipt(callId, { startedAt: beginning + offsetMs });
  await log.append([at('c', 20), at('a', -5)]);
  await log.append([at('d', 1_000_000_000), at('b', 19.5)]);
  assert.deepEqual(await ids(log), ['a', 'b', 'c', 'd']);
}

async function filtered(scene: Scene): Promise<void> {
  const [log] = await scene.receipts();
  const of = (callId: string, offsetMs: number, caller: Receipt['caller']) =>
    sampleReceipt(callId, { startedAt: beginning + offsetMs, caller });
  await log.append([
    of('1', 1, { user: 'alice', tenant: 'acme' }),
    of('2', 2, { user: 'alice' }),
    of('3', 3, { tenant: 'acme' }),
    of('4', 4, {}),
    of('5', 5, { user: '', tenant: '' }),
    of('6', 6, { user: 'bob', tenant: 'acme' }),
  ]);
  const found = async (filter: ReceiptFilter) => (await ids(log, filter)).join('');
  assert.equal(await found({}), '123456');
  assert.equal(await found({ from: beginning + 2 }), '23456');
  assert.equal(await found({ to: beginning + 2 }), '1');
  assert.equal(await found({ from: beginning + 2, to: beginning + 4 }), '23');
  assert.equal(await found({ user: 'alice' }), '12');
  assert.equal(await found({ user: null }), '34');
  assert.equal(await found({ user: '' }), '5');
  assert.equal(await found({ tenant: 'acme' }), '136');
  assert.equal(await found({ tenant: null }), '24');
  assert.equal(await found({ tenant: '' }), '5');
  assert.equal(await found({ user: null, tenant: null }), '4');
  assert.equal(await found({ user: 'alice', tenant: null }), '2');
  assert.equal(await found({ user: 'alice', tenant: 'acme', from: beginning + 2 }), '');
  assert.equal(await found({ user: 'nobody' }), '');
}

async function exactTexts(scene: Scene): Promise<void> {
  const [log] = await scene.receipts();
  await log.append(oddTexts.map((user, index) => sampleReceipt(`user ${index}`, { caller: { user } })));
  await log.append(oddTexts.map((tenant, index) => sampleReceipt(`tenant ${index}`, { caller: { tenant } })));
  for (const [index, text] of oddTexts.entries()) {
    assert.deepEqual(await ids(log, { user: text }), [`user ${index}`]);
    assert.deepEqual(await ids(log, { tenant: text }), [`tenant ${index}`]);
  }
  assert.equal(await log.delete({ user: 'a\u0000' }), 1);
  assert.equal((await ids(log)).length, 2 * oddTexts.length - 1);
}

async function deleting(scene: Scene): Promise<void> {
  const [log, elsewhere = log] = await scene.receipts(2);
  const of = (index: number) => {
    const user = index % 3 === 0 ? {} : { user: `user ${index % 3}` };
    return sampleReceipt(`${index}`, { startedAt: beginning + index, caller: user });
  };
  await log.append(Array.from({ length: 30 }, (_, index) => of(index)));
  assert.equal(await elsewhere.delete({ user: 'nobody' }), 0);
  assert.equal(await elsewhere.delete({ user: 'user 1' }), 10);
  assert.equal(await log.delete({ user: 'user 1' }), 0);
  assert.equal(await log.delete({ user: null, to: beginning + 15 }), 5);
  assert.equal((await ids(log)).length, 15);
  assert.deepEqual(await ids(log, { user: null }), ['15', '18', '21', '24', '27']);
  assert.equal(await log.delete({}), 15);
  assert.deepEqual(await ids(elsewhere), []);
  await log.append([sampleReceipt('new')]);
  assert.deepEqual(await ids(elsewhere), ['new']);
}

async function thousands(scene: Scene): Promise<void> {
  const [log, elsewhere = log] = await scene.receipts(2);
  const count = 5_000;
  // Many begin at the same time: where one batch ends and the next begins must not depend on that.
  const all = Array.from({ length: count }, (_, index) =>
    sampleReceipt(`call ${index}`, { startedAt: beginning + Math.floor(((index * 7) % count) / 900) }),
  );
  for (let from = 0; from < count; from += 200) await log.append(all.slice(from, from + 200));
  const found = await read(elsewhere);
  assert.equal(found.length, count);
  assert.equal(new Set(found.map(({ callId }) => callId)).size, count);
  for (const [index, { startedAt }] of found.entries())
    assert.ok(startedAt >= (found[index - 1]?.startedAt ?? 0), 'out of order');

  let seen = 0;
  for await (const _receipt of log.read()) {
    seen += 1;
    if (seen === 10) break;
  }
  assert.equal(seen, 10);

  const during = new Set<string>();
  for await (const { callId } of log.read()) {
    assert.ok(!during.has(callId), 'told twice');
    during.add(callId);
    if (during.size === 1_000) {
      assert.equal(await elsewhere.delete({ from: beginning + 5 }), 500);
      await elsewhere.append([sampleReceipt('late', { startedAt: beginning - 1 })]);
    }
  }
  assert.ok(during.size >= count - 500 && during.size <= count + 1, `${during.size} told`);
  assert.equal(await log.delete({}), count - 500 + 1);
}

async function storesApart(scene: Scene): Promise<void> {
  const [[log], [elsewhere]] = [await scene.receipts(), await scene.receipts()];
  await log.append([sampleReceipt('1')]);
  assert.deepEqual(await ids(elsewhere), []);
  assert.equal(await elsewhere.delete({}), 0);
  assert.deepEqual(await ids(log), ['1']);
}
