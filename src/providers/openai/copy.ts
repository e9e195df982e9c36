import { ManagedLLMError } from '../../errors/managed-llm-error.ts';
import type { OpenAIClient } from './govern.ts';

/**
 * A client of the same class with other options. `withOptions` of openai 6 forgets what its subclasses and functions
 * were given (Azure's `apiVersion` and deployment, an `apiKey` or `azureADTokenProvider` that is a function), so where
 * a copy has lost it, it is said again.
 *
 * @throws `invalid-options` for a client that cannot be given a `fetch`.
 */
export function copyWith(original: OpenAIClient, options: object): OpenAIClient {
  try {
    const { apiVersion, deploymentName } = original;
    const azure = apiVersion === undefined ? {} : { apiVersion, deployment: deploymentName };
    const copy = original.withOptions({ ...azure, ...options }) as OpenAIClient;
    const key = original._options.apiKey;
    if (typeof key !== 'function' || copy._options.apiKey === key) return copy;
    const keys = apiVersion === undefined ? { apiKey: key } : { azureADTokenProvider: key, apiKey: null };
    return original.withOptions({ ...azure, ...keys, ...options }) as OpenAIClient;
  } catch (cause) {
    const isX509 = cause instanceof Error && cause.message.includes('X.509');
    throw new ManagedLLMError({
      code: 'invalid-options',
      message: isX509
        ? 'This OpenAI client does not send through a `fetch` of ours (X.509 workload identity has a transport of its ' +
          'own), so its calls cannot be governed. Use another kind of credential.'
        : 'This OpenAI client cannot be copied by its own `withOptions`, so its calls cannot be governed.',
      cause,
    });
  }
}
