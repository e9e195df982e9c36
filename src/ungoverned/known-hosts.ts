/**
 * Where the APIs of language models live: a host, or `*.` and what hosts end with. From the vendors' own SDKs and API
 * references, November 2026.
 */
export const knownHosts: readonly string[] = [
  'api.openai.com',
  '*.api.openai.com',
  '*.openai.azure.com',
  '*.services.ai.azure.com',
  '*.cognitiveservices.azure.com',
  '*.inference.ai.azure.com',
  'api.anthropic.com',
  'bedrock-runtime.*.amazonaws.com',
  'bedrock-mantle.*.api.aws',
  'aws-external-anthropic.*.api.aws',
  'generativelanguage.googleapis.com',
  'aiplatform.googleapis.com',
  '*-aiplatform.googleapis.com',
  'aiplatform.*.rep.googleapis.com',
  'api.mistral.ai',
  'codestral.mistral.ai',
  'api.groq.com',
  'api.together.xyz',
  'api.together.ai',
  'openrouter.ai',
  'api.deepseek.com',
  'api.x.ai',
  'api.cohere.com',
  'api.cohere.ai',
  'api.fireworks.ai',
  'api.perplexity.ai',
  'api.cerebras.ai',
  'api.sambanova.ai',
  'integrate.api.nvidia.com',
  'api.moonshot.ai',
  'api.moonshot.cn',
  'api.minimax.io',
  'api.z.ai',
  'open.bigmodel.cn',
  'dashscope.aliyuncs.com',
  'dashscope-intl.aliyuncs.com',
  'router.huggingface.co',
  'api-inference.huggingface.co',
  'api.replicate.com',
  'api.deepinfra.com',
  'api.novita.ai',
  'api.studio.nebius.com',
  'ai-gateway.vercel.sh',
  'gateway.ai.cloudflare.com',
  'api.portkey.ai',
  'models.github.ai',
];

/** Matches hosts, without their ports, against such patterns. A `*` stands for anything but nothing. */
export function hostMatcher(patterns: readonly string[]): (host: string) => boolean {
  const exact = new Set(patterns.filter((pattern) => !pattern.includes('*')));
  const open = patterns.filter((pattern) => pattern.includes('*')).map(toExpression);
  return (host) => exact.has(host) || open.some((expression) => expression.test(host));
}

function toExpression(pattern: string): RegExp {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.+')}$`);
}
