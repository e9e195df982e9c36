// What governing costs, against the bare SDKs: `npm run bench [-- <filter> | --quick]`.
//
// A goal is met when the whole 95 % interval lies below it. Without `--quick` the program fails when one is not.
import { cacheHits } from './cache-hits.ts';
import { cacheInRedis } from './cache-redis.ts';
import { cacheMisses } from './cache-misses.ts';
import { calls } from './calls.ts';
import type { Group } from './case.ts';
import { verdictOf } from './figure.ts';
import { fingerprint } from './fingerprint.ts';
import { firstByte } from './first-byte.ts';
import { machine } from './machine.ts';
import { memory } from './memory.ts';
import { start } from './start.ts';
import { streams } from './streams.ts';
import { heading, line } from './table.ts';

const groups: readonly Group[] = [
  calls,
  cacheHits,
  cacheMisses,
  cacheInRedis,
  fingerprint,
  streams,
  firstByte,
  memory,
  start,
];

const given = process.argv.slice(2);
const quick = given.includes('--quick');
const filter = given.filter((argument) => argument !== '--quick').join(' ');

console.log(machine());
if (quick) console.log('--quick: shows that everything runs; the figures mean nothing.');

const startedAt = performance.now();
const judged = { met: 0, missed: 0, open: 0, 'no goal': 0 };
let leftOut = 0;
for (const group of groups) {
  const cases = group.cases.filter(({ name }) => `${group.heading} ${name}`.includes(filter));
  if (cases.length === 0) continue;
  console.log(heading(group.heading));
  for (const wanted of cases) {
    const figure = await wanted.measure({ quick });
    if ('leftOut' in figure) {
      leftOut += 1;
      console.log(`  ${wanted.name}: left out, since ${figure.leftOut}`);
      continue;
    }
    judged[verdictOf(figure)] += 1;
    console.log(line(figure, !quick));
  }
}

const measured = judged.met + judged.missed + judged.open + judged['no goal'];
if (measured + leftOut === 0) {
  console.log(`\nNothing is called ${JSON.stringify(filter)}. There is:`);
  for (const group of groups) for (const { name } of group.cases) console.log(`  ${name}`);
  process.exit(1);
}
const seconds = Math.round((performance.now() - startedAt) / 1000);
const verdict = quick
  ? 'not judged'
  : `${judged.met} goals met, ${judged.missed} missed, ${judged.open} not shown`;
console.log(`\n${measured} figures in ${seconds} s: ${verdict}.`);
process.exit(!quick && judged.missed + judged.open > 0 ? 1 : 0);
