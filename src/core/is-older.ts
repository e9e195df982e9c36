/** Whether a moment was so long ago, or lies ahead: a clock may be set back, and nobody waits until it is there again. */
export function isOlder(moment: number, now: number, ms: number): boolean {
  const age = now - moment;
  return age < 0 || age >= ms;
}
