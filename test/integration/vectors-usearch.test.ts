import { describeVectorStoreContract, manualClock } from 'managed-llm/testing';
import { describe, expect, test, vi } from 'vitest';
import { unitOf } from '../../src/core/unit-vector.ts';
import { seededRandom } from '../../src/testing/seeded-random.ts';
import { keptVectors } from '../../src/vectors/memory-vectors-options.ts';
import { MemoryIndex } from '../../src/vectors/memory/memory-index.ts';
import { loadUsearch, type GraphMaker } from '../../src/vectors/memory/usearch-graph.ts';
import { VectorBlock } from '../../src/vectors/memory/vector-block.ts';

/** Little, so that a graph begins soon. */
const graphFrom = 500;

describe('vectors in this process, where usearch is installed', () => {
  const open = () => {
    const clock = manualClock();
    const store = keptVectors((dimensions) => new MemoryIndex(dimensions, loadUsearch, graphFrom), { clock });
    return { store, pass: (ms: number) => clock.advance(ms) };
  };
  describeVectorStoreContract({ test }, { name: 'usearch', open, timed: true });
});

interface Named {
  readonly name: number;
  place: number;
}

describe('a graph', () => {
  const dimensions = 48;
  const random = seededRandom(7);
  /** Round one of some points, as questions lie that mean about the same. */
  const centres = Array.from({ length: 40 }, () => Array.from({ length: dimensions }, () => random() - 0.5));
  const clustered = () => {
    const centre = centres[Math.floor(random() * centres.length)] ?? [];
    const unit = unitOf(centre.map((component) => component + 0.2 * (random() - 0.5)));
    if (unit === undefined) throw new Error('It points nowhere.');
    return unit;
  };

  test('finds what looking at all of them finds, while vectors come and go', async () => {
    const make = await loadUsearch();
    if (make === undefined) throw new Error('usearch is not installed.');
    const searches = vi.fn<() => void>();
    const watched: GraphMaker = (length) => {
      const graph = make<never>(length);
      const near = graph.near.bind(graph);
      graph.near = (vector, count) => {
        searches();
        return near(vector, count);
      };
      return graph;
    };
    const index = new MemoryIndex<Named>(dimensions, async () => watched, graphFrom);
    const exact = new VectorBlock<Named>(dimensions);
    const kept: { inIndex: Named; inBlock: Named }[] = [];
    for (let name = 0; name < 3_000; name += 1) {
      const one = { inIndex: { name, place: 0 }, inBlock: { name, place: 0 } };
      const vector = clustered();
      kept.push(one);
      index.add(one.inIndex, vector);
      exact.add(one.inBlock, vector);
      // The graph begins when usearch is there.
      if (name === 100) await new Promise(setImmediate);
      if (name % 3 < 2) continue;
      const [removed] = kept.splice(Math.floor(random() * kept.length), 1);
      if (removed === undefined) throw new Error('There is one.');
      index.remove([removed.inIndex]);
      exact.remove([removed.inBlock]);
    }
    let [same, asked] = [0, 0];
    for (let question = 0; question < 300; question += 1) {
      const vector = clustered();
      const found = index.nearest(vector, 3);
      for (const [place, { item, similarity }] of exact.nearest(vector, 3).entries()) {
        asked += 1;
        const alike = found[place];
        if (alike?.item.name === item.name && Math.abs(alike.similarity - similarity) < 1e-6) same += 1;
      }
    }
    expect(searches.mock.calls.length).toBeGreaterThanOrEqual(300);
    expect(same / asked).toBeGreaterThanOrEqual(0.99);
  });
});
