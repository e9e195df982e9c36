import type { StreamCodec } from '../../core/dialect.ts';
import { collect } from './collect.ts';
import { explode } from './explode.ts';

/** Streamed replies as plain ones, and back. */
export const codec: StreamCodec = { collect, explode };
