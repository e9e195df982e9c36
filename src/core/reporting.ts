import { ManagedLLMError } from '../errors/managed-llm-error.ts';

/** Tells of what went wrong and must not hurt anybody: `thrown` may be anything, `context` says where. Never throws. */
export type ReportFault = (thrown: unknown, context: string) => void;

/** @param onError default: a warning of the process. What it throws or rejects with is such a warning. */
export function reportingTo(onError: (error: ManagedLLMError, context: string) => void = warn): ReportFault {
  return (thrown, context) => {
    const error = ManagedLLMError.isInstance(thrown)
      ? thrown
      : new ManagedLLMError({
          code: 'interceptor-fault',
          message: `A fault in ${context} was caught.`,
          cause: thrown,
        });
    const failed = (cause: unknown): void =>
      warn(new ManagedLLMError({ code: 'interceptor-fault', message: '`onError` threw.', cause }));
    try {
      // A function that promises is assignable to one that returns nothing.
      const pending: unknown = onError(error, context);
      if (pending instanceof Promise) pending.catch(failed);
    } catch (cause) {
      failed(cause);
    }
  };
}

function warn(error: ManagedLLMError): void {
  const detail = whereThrown(error.cause);
  process.emitWarning(error.message, {
    type: 'ManagedLLMWarning',
    code: error.code,
    ...(detail === undefined ? {} : { detail }),
  });
}

/** Without the message, which may quote a prompt. */
function whereThrown(cause: unknown): string | undefined {
  if (!(cause instanceof Error) || cause.stack === undefined) return undefined;
  const { name, message, stack } = cause;
  const frames = stack.slice(stack.indexOf(message) + message.length).split('\n');
  return [name, ...frames.filter((line) => line.startsWith('    at ')).slice(0, 5)].join('\n');
}
