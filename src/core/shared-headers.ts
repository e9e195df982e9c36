let none: Headers | undefined;
let json: Headers | undefined;
let stream: Headers | undefined;

/**
 * Headers of replies that no provider gave; shared, never written. Made when first needed, because the first `Headers`
 * of a process loads Node's whole HTTP client, which costs more than the rest of the import.
 */
export const sharedHeaders = {
  get none(): Headers {
    return (none ??= new Headers());
  },
  get json(): Headers {
    return (json ??= new Headers({ 'content-type': 'application/json' }));
  },
  get stream(): Headers {
    return (stream ??= new Headers({ 'content-type': 'text/event-stream; charset=utf-8' }));
  },
};
