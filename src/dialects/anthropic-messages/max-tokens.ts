/**
 * Output tokens asked for where the request names no limit, which this API demands. A budget's `outputLimit` has the
 * same default, so that what is reserved is what is asked for.
 */
export const defaultMaxTokens = 16_384;
