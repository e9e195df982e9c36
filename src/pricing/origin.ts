import type { Provider } from '@pydantic/genai-prices';

/**
 * The provider whose pattern a base URL fits. The pattern has to cover the whole host, and what it says of the path if it says
 * anything: `api.openai.com.example` is not OpenAI, nor is a gateway with `openai` in its path.
 */
export function providerOfUrl(url: URL, providers: readonly Provider[]): string | undefined {
  const host = `${url.protocol}//${url.host}/`;
  return providers.find(({ api_pattern: pattern }) => {
    const text = namesPath(pattern) ? `${host}${url.pathname.slice(1)}/` : host;
    const found = new RegExp(`^(?:${pattern})`).exec(text)?.[0];
    if (found === undefined || !isSecure(url)) return false;
    const next = text[found.length];
    return found.endsWith('/') || next === '/';
  })?.id;
}

/** One `*` stands for anything but nothing: `*.openai.azure.com` for every host below it. Only over TLS, at its own port. */
export function hostMatches(url: URL, host: string): boolean {
  if (!isSecure(url) || url.port !== '') return false;
  const [head = '', tail] = host.split('*');
  const { hostname } = url;
  if (tail === undefined) return hostname === host;
  return hostname.length > head.length + tail.length && hostname.startsWith(head) && hostname.endsWith(tail);
}

function isSecure(url: URL): boolean {
  return url.protocol === 'https:';
}

/** Beyond the slashes of its scheme and one that only ends the host. */
function namesPath(pattern: string): boolean {
  return pattern
    .replace('://', '')
    .replace(/\((?:\?:)?\/\|\$\)$/, '')
    .includes('/');
}
