import { anthropicMessages } from './anthropic-messages.ts';
import { bedrockMessages } from './bedrock-event-stream.ts';
import { openaiChat } from './openai-chat.ts';
import { openaiResponses } from './openai-responses.ts';
import type { Protocol } from './protocol.ts';
import type { ProviderFamily } from './provider-error.ts';
import type { ReceivedRequest } from './received-request.ts';
import * as resources from './resources.ts';

/** What stands behind a path. */
export type Endpoint =
  | {
      readonly kind: 'generate';
      readonly family: ProviderFamily;
      readonly protocol: Protocol;
      readonly model: string | undefined;
      readonly stream: boolean | undefined;
    }
  | { readonly kind: 'embed'; readonly family: ProviderFamily; readonly model: string | undefined }
  | {
      readonly kind: 'resource';
      readonly family: ProviderFamily;
      readonly resource: resources.Resource;
      readonly id: string;
    }
  | { readonly kind: 'unknown'; readonly family: ProviderFamily };

interface Row {
  readonly method: 'GET' | 'POST';
  /** Matched at the path's end, so that any prefix (`/v1`, a proxy's own) may come before it. */
  readonly path: RegExp;
  readonly resource: resources.Resource;
}

const openaiRows: readonly Row[] = [
  { method: 'GET', path: /\/models$/, resource: resources.openaiModels },
  { method: 'GET', path: /\/models\/([^/]+)$/, resource: resources.openaiModel },
  { method: 'POST', path: /\/files$/, resource: resources.uploadFile },
  { method: 'GET', path: /\/files$/, resource: resources.listFiles },
  { method: 'GET', path: /\/files\/([^/]+)$/, resource: resources.oneFile },
  { method: 'POST', path: /\/batches$/, resource: resources.createBatch },
  { method: 'GET', path: /\/batches$/, resource: resources.listBatches },
  { method: 'GET', path: /\/batches\/([^/]+)$/, resource: resources.oneBatch },
  { method: 'POST', path: /\/moderations$/, resource: resources.moderate },
  { method: 'POST', path: /\/audio\/speech$/, resource: resources.speak },
  { method: 'POST', path: /\/responses\/input_tokens$/, resource: resources.countResponseTokens },
];

const anthropicRows: readonly Row[] = [
  { method: 'POST', path: /\/messages\/count_tokens$/, resource: resources.countMessageTokens },
  { method: 'POST', path: /\/models\/count-tokens:rawPredict$/, resource: resources.countMessageTokens },
  { method: 'POST', path: /\/messages\/batches$/, resource: resources.createMessageBatch },
  { method: 'GET', path: /\/messages\/batches$/, resource: resources.listMessageBatches },
  { method: 'GET', path: /\/messages\/batches\/([^/]+)$/, resource: resources.oneBatch },
  { method: 'GET', path: /\/models$/, resource: resources.anthropicModels },
  { method: 'GET', path: /\/models\/([^/]+)$/, resource: resources.anthropicModel },
];

/** Which endpoint a request is for. Paths that both families have are told apart by Anthropic's version header. */
export function endpointOf(request: Pick<ReceivedRequest, 'method' | 'path' | 'headers'>): Endpoint {
  const { method, path, headers } = request;
  const isAnthropic =
    'anthropic-version' in headers || /\/messages(\/|$)|RawPredict$|:rawPredict$/.test(path);
  const family: ProviderFamily = path.includes('/model/') ? 'bedrock' : isAnthropic ? 'anthropic' : 'openai';

  for (const row of isAnthropic ? anthropicRows : openaiRows) {
    const match = row.method === method ? row.path.exec(path) : null;
    if (match !== null)
      return { kind: 'resource', family, resource: row.resource, id: decodeURIComponent(match[1] ?? '') };
  }
  if (method !== 'POST') return { kind: 'unknown', family };

  const bedrock = /\/model\/([^/]+)\/(invoke|invoke-with-response-stream)$/.exec(path);
  if (bedrock !== null) {
    return generate(bedrockMessages, decode(bedrock[1]), bedrock[2] === 'invoke-with-response-stream');
  }
  const vertex = /\/models\/([^/]+):(rawPredict|streamRawPredict)$/.exec(path);
  if (vertex !== null)
    return generate(anthropicMessages, decode(vertex[1]), vertex[2] === 'streamRawPredict');
  if (path.endsWith('/messages')) return generate(anthropicMessages);

  const deployment = decode(/\/deployments\/([^/]+)\//.exec(path)?.[1]);
  if (path.endsWith('/chat/completions')) return generate(openaiChat, deployment);
  if (path.endsWith('/responses')) return generate(openaiResponses, deployment);
  if (path.endsWith('/embeddings')) return { kind: 'embed', family, model: deployment };
  return { kind: 'unknown', family };
}

function generate(protocol: Protocol, model?: string, stream?: boolean): Endpoint {
  return { kind: 'generate', family: protocol.family, protocol, model, stream };
}

function decode(segment: string | undefined): string | undefined {
  return segment === undefined ? undefined : decodeURIComponent(segment);
}
