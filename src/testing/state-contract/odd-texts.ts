/** Texts that stores like to confuse. Each differs from all others. */
export const oddTexts: readonly string[] = [
  // Spaces, case, NUL, what is no whole character, and two ways to write one.
  ...' |a|A|a |a\u0000|a\u0000b|\u0000|\ud800|\ud801|\udc00|\udc00\ud800|\ufffd|\u00e4|a\u0308|\u{1f600}'.split(
    '|',
  ),
  // Words of languages.
  ...'constructor|__proto__|toString|null|undefined|true|0|NaN'.split('|'),
  // What has a meaning in keys, patterns, JSON and SQL.
  ...'"|\'|\\|\\\\|\\u0000|%|_|*|{a}|}{|a:b|a/b|a,b|a\nb|$1|--|[]'.split('|'),
  '',
  '|',
  'x'.repeat(50_000),
  `${'x'.repeat(50_000)}y`,
  '\u00e4'.repeat(20_000),
];
