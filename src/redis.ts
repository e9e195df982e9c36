export type { RedisClient } from './state/redis/redis-client.ts';
export { redisState, type RedisStateOptions } from './state/redis/redis-state.ts';
