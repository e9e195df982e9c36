/** Numbers in [0, 1) that are the same in every run with the same seed (xorshift). */
export function seeded(seed: number): () => number {
  let state = (seed * 2_654_435_761) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 4_294_967_296;
  };
}

/** A body that arrives in pieces of the given sizes, each when it is asked for. */
export function inPieces(bytes: Uint8Array<ArrayBuffer>, size: () => number): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (at >= bytes.length) return controller.close();
        const end = Math.min(bytes.length, at + Math.max(1, size()));
        controller.enqueue(bytes.slice(at, end));
        at = end;
      },
    },
    { highWaterMark: 0 },
  );
}

/** Mostly a few bytes, sometimes several events at once. */
export function randomSizes(seed: number): () => number {
  const random = seeded(seed);
  return () => 1 + Math.floor(random() ** 4 * 3_000);
}
