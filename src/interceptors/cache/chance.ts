/** Whether the model may answer the same request otherwise: only a `temperature` of 0 leaves nothing to chance. */
export function isLeftToChance(body: unknown): boolean {
  const { temperature }: { readonly temperature?: unknown } = Object(body);
  return temperature !== 0;
}
