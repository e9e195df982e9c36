export type { RedisClient } from './state/redis/redis-client.ts';
export { redisState, type RedisStateOptions } from './state/redis/redis-state.ts';
export { redisVectors, type RedisVectorsOptions } from './vectors/redis/redis-vectors.ts';
export type { RedisVectorsClient } from './vectors/redis/vector-sets.ts';
