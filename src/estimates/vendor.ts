/**
 * Who made a model, as its id tells: models of one maker read alike. `claude`, `gpt`, `embedding` for whoever's embeddings, or whatever the id begins with, behind
 * the names of hosts that stand before it (`anthropic/claude-…`, `us.anthropic.claude-…`).
 */
export function vendorOf(model: string): string {
  const id = model.toLowerCase();
  if (id.includes('claude')) return 'claude';
  if (id.includes('embed')) return 'embedding';
  const name = id.slice(id.lastIndexOf('/') + 1);
  if (/^(ft:)?(gpt-(?!oss)|chatgpt|o\d|computer-use)/.test(name)) return 'gpt';
  return /[a-z]+(-oss)?/.exec(name)?.[0] ?? name;
}
