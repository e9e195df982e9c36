let count = 0;

/** A version that no test has defined yet: they are remembered for as long as the process lives. */
export function nextVersion(): string {
  return `t${++count}`;
}
