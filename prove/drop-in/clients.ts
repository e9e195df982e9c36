import { createHash } from 'node:crypto';
import Anthropic, { toFile as anthropicFile } from '@anthropic-ai/sdk';
import { AnthropicAws } from '@anthropic-ai/aws-sdk';
import { AnthropicBedrock, AnthropicBedrockMantle } from '@anthropic-ai/bedrock-sdk';
import { AnthropicFoundry } from '@anthropic-ai/foundry-sdk';
import { betaZodTool } from '@anthropic-ai/sdk/helpers/beta/zod';
import { zodOutputFormat } from '@anthropic-ai/sdk/helpers/zod';
import { AnthropicVertex } from '@anthropic-ai/vertex-sdk';
import OldestAnthropic, { toFile as oldestAnthropicFile } from 'anthropic-oldest';
import { betaZodTool as oldestBetaZodTool } from 'anthropic-oldest/helpers/beta/zod';
import { zodOutputFormat as oldestZodOutputFormat } from 'anthropic-oldest/helpers/zod';
import OpenAI, { AzureOpenAI, BedrockOpenAI, toFile } from 'openai';
import OldestOpenAI, { AzureOpenAI as OldestAzureOpenAI, toFile as oldestToFile } from 'openai-oldest';
import {
  zodResponseFormat as oldestZodResponseFormat,
  zodTextFormat as oldestZodTextFormat,
} from 'openai-oldest/helpers/zod';
import { zodResponseFormat, zodTextFormat } from 'openai/helpers/zod';
import { bedrock } from 'openai/providers/bedrock';
import { vertex } from 'openai/providers/vertex';
import type { AnthropicKit } from './anthropic-checks.ts';
import type { OpenAIKit } from './openai-checks.ts';

type Fetch = typeof globalThis.fetch;

/** What a client that signs its requests as built, all headers included, would send along. */
function signatureOf(url: unknown, init: RequestInit): string {
  const headers = new Headers(init.headers);
  headers.delete('x-signature');
  const body = typeof init.body === 'string' ? init.body : '';
  return createHash('sha256')
    .update(JSON.stringify([String(url), init.method?.toLowerCase(), body, [...headers]]))
    .digest('hex');
}

/** Stands for AWS signatures on OpenAI's own client: whatever changes a request after it was built breaks it. */
class SigningOpenAI extends OpenAI {
  protected override async prepareRequest(
    request: RequestInit & { headers: Headers },
    { url }: { url: string },
  ): Promise<void> {
    request.headers.set('x-signature', signatureOf(url, request));
  }
}

/** A server that refuses what is not signed as it arrived. */
const verifying =
  (inner: Fetch): Fetch =>
  async (input, init = {}) => {
    const given = new Headers(init.headers).get('x-signature');
    if (String(input).startsWith('data:') || given === signatureOf(input, init)) return inner(input, init);
    return Response.json({ error: { message: 'The signature does not match.' } }, { status: 403 });
  };

/** A kind of client, made anew for every run with the stand-in behind it. */
export interface Kind<C, Kit> {
  readonly name: string;
  readonly kit: Kit;
  make(fetch: Fetch, baseURL?: string): C;
  /** Requests are signed over their time and bytes. */
  readonly signed?: true;
  /** Also run against a real server on the loopback interface. */
  readonly loopback?: true;
}

const openaiKit: OpenAIKit = { zodResponseFormat, zodTextFormat, toFile };
const oldestOpenaiKit = {
  zodResponseFormat: oldestZodResponseFormat,
  zodTextFormat: oldestZodTextFormat,
  toFile: oldestToFile,
} as unknown as OpenAIKit;

const at = (baseURL: string | undefined): { baseURL?: string } => (baseURL === undefined ? {} : { baseURL });

export const openaiKinds: readonly Kind<OpenAI, OpenAIKit>[] = [
  {
    name: 'OpenAI',
    kit: openaiKit,
    loopback: true,
    make: (fetch, baseURL) => new OpenAI({ apiKey: 'sk-test', fetch, ...at(baseURL) }),
  },
  {
    name: 'OpenAI, every option set',
    kit: openaiKit,
    make: (fetch) =>
      new OpenAI({
        apiKey: async () => 'sk-late',
        organization: 'org',
        project: 'proj',
        baseURL: 'https://gateway.example/openai/v1/',
        timeout: 30_000,
        maxRetries: 1,
        defaultHeaders: { 'x-default': 'd', 'x-stainless-lang': null },
        defaultQuery: { v: '2' },
        fetchOptions: { keepalive: true },
        fetch,
      }),
  },
  {
    name: 'AzureOpenAI, deployment by model',
    kit: openaiKit,
    make: (fetch) =>
      new AzureOpenAI({
        apiKey: 'azure-key',
        endpoint: 'https://acme.openai.azure.com',
        apiVersion: '2026-01-01',
        fetch,
      }),
  },
  {
    name: 'AzureOpenAI, one deployment, Entra',
    kit: openaiKit,
    make: (fetch) =>
      new AzureOpenAI({
        azureADTokenProvider: async () => 'entra-token',
        endpoint: 'https://acme.openai.azure.com',
        apiVersion: '2026-01-01',
        deployment: 'chat-prod',
        fetch,
      }),
  },
  {
    name: 'BedrockOpenAI',
    kit: openaiKit,
    make: (fetch) => new BedrockOpenAI({ apiKey: 'bedrock-key', awsRegion: 'us-east-1', fetch }),
  },
  {
    name: 'OpenAI, provider: bedrock()',
    kit: openaiKit,
    make: (fetch) => new OpenAI({ provider: bedrock({ region: 'us-east-1', apiKey: 'bedrock-key' }), fetch }),
  },
  {
    name: 'OpenAI, provider: vertex()',
    kit: openaiKit,
    make: (fetch) =>
      new OpenAI({
        provider: vertex({ project: 'p', location: 'us-central1', tokenProvider: () => 'google-token' }),
        fetch,
      }),
  },
  {
    name: 'OpenAI that signs what it has built',
    kit: openaiKit,
    signed: true,
    make: (fetch) => new SigningOpenAI({ apiKey: 'sk-test', fetch: verifying(fetch) }),
  },
  {
    name: 'OpenAI 6.0.0',
    kit: oldestOpenaiKit,
    make: (fetch) => new OldestOpenAI({ apiKey: 'sk-test', fetch }) as unknown as OpenAI,
  },
  {
    name: 'OpenAI 6.0.0, key by function',
    kit: oldestOpenaiKit,
    make: (fetch) => new OldestOpenAI({ apiKey: async () => 'sk-late', fetch }) as unknown as OpenAI,
  },
  {
    name: 'AzureOpenAI 6.0.0, one deployment, Entra',
    kit: oldestOpenaiKit,
    make: (fetch) =>
      new OldestAzureOpenAI({
        azureADTokenProvider: async () => 'entra-token',
        endpoint: 'https://acme.openai.azure.com',
        apiVersion: '2026-01-01',
        deployment: 'chat-prod',
        fetch,
      }) as unknown as OpenAI,
  },
  {
    name: 'AzureOpenAI 6.0.0',
    kit: oldestOpenaiKit,
    make: (fetch) =>
      new OldestAzureOpenAI({
        apiKey: 'azure-key',
        endpoint: 'https://acme.openai.azure.com',
        apiVersion: '2026-01-01',
        fetch,
      }) as unknown as OpenAI,
  },
];

const anthropicKit: AnthropicKit = { zodOutputFormat, betaZodTool, toFile: anthropicFile };
const oldestAnthropicKit = {
  zodOutputFormat: oldestZodOutputFormat,
  betaZodTool: oldestBetaZodTool,
  toFile: oldestAnthropicFile,
} as unknown as AnthropicKit;

const googleAuth = {
  projectId: 'p',
  getRequestHeaders: async () => new Headers({ authorization: 'Bearer google-token' }),
};

const asAnthropic = (client: object): Anthropic => client as Anthropic;

export const anthropicKinds: readonly Kind<Anthropic, AnthropicKit>[] = [
  {
    name: 'Anthropic',
    kit: anthropicKit,
    loopback: true,
    make: (fetch, baseURL) => new Anthropic({ apiKey: 'sk-ant', fetch, ...at(baseURL) }),
  },
  {
    name: 'Anthropic, every option set',
    kit: anthropicKit,
    make: (fetch) =>
      new Anthropic({
        apiKey: async () => 'sk-late',
        baseURL: 'https://gateway.example/anthropic',
        timeout: 30_000,
        maxRetries: 1,
        defaultHeaders: { 'x-default': 'd', 'x-stainless-lang': null },
        defaultQuery: { v: '2' },
        fetchOptions: { keepalive: true },
        openTelemetry: false,
        middleware: [
          (request, next) => {
            request.headers.set('x-of-client', '1');
            return next(request);
          },
        ],
        fetch,
      }),
  },
  {
    name: 'AnthropicBedrock, SigV4',
    kit: anthropicKit,
    signed: true,
    make: (fetch) =>
      asAnthropic(
        new AnthropicBedrock({ awsRegion: 'us-east-1', awsAccessKey: 'AKIA', awsSecretKey: 's', fetch }),
      ),
  },
  {
    name: 'AnthropicBedrock, API key',
    kit: anthropicKit,
    make: (fetch) => asAnthropic(new AnthropicBedrock({ awsRegion: 'us-east-1', apiKey: 'key', fetch })),
  },
  {
    name: 'AnthropicBedrockMantle, SigV4',
    kit: anthropicKit,
    signed: true,
    make: (fetch) =>
      asAnthropic(
        new AnthropicBedrockMantle({
          awsRegion: 'us-east-1',
          awsAccessKey: 'AKIA',
          awsSecretAccessKey: 's',
          fetch,
        }),
      ),
  },
  {
    name: 'AnthropicVertex',
    kit: anthropicKit,
    make: (fetch) =>
      asAnthropic(
        new AnthropicVertex({
          region: 'us-east5',
          projectId: 'p',
          authClient: googleAuth as never,
          fetch,
        }),
      ),
  },
  {
    name: 'AnthropicFoundry',
    kit: anthropicKit,
    make: (fetch) => asAnthropic(new AnthropicFoundry({ resource: 'acme', apiKey: 'key', fetch })),
  },
  {
    name: 'AnthropicAws, SigV4',
    kit: anthropicKit,
    signed: true,
    make: (fetch) =>
      new AnthropicAws({
        awsRegion: 'us-east-1',
        awsAccessKey: 'AKIA',
        awsSecretAccessKey: 's',
        workspaceId: 'w',
        fetch,
      }),
  },
  {
    name: 'Anthropic 1.0.0',
    kit: oldestAnthropicKit,
    make: (fetch) => asAnthropic(new OldestAnthropic({ apiKey: 'sk-ant', fetch })),
  },
];
