/**
 * How what is stored comes from each version to the next, as Lua that finds the prefix of all keys in `base`; how many there
 * are is the version of this package. They run in one script with what notes the new version, so that none runs twice.
 */
export const migrations: readonly string[] = [
  // Stores without a version had buckets and slots only, which are as they were.
  '',
];

/** A script that brings what is stored up to the last version. Its key is that of the mark, its argument that version. */
export function migrationText(migrations: readonly string[]): string {
  const steps = migrations.map((step, index) => `if from < ${index + 1} then\n${step}\nend`);
  return `
local base = string.sub(KEYS[1], 1, -6)
local epoch, emptiedAt, stored = string.match(redis.call('GET', KEYS[1]) or '', '^(%S+) (%S+) ?(%d*)$')
if not epoch then return {} end
local from = tonumber(stored) or 0
if from >= tonumber(ARGV[1]) then return {} end
${steps.join('\n')}
redis.call('SET', KEYS[1], epoch .. ' ' .. emptiedAt .. ' ' .. ARGV[1])
return {}
`;
}
