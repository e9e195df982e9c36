type Json = Readonly<Record<string, unknown>>;

/** Places where the API refuses a schema, in its own words, as its guide tells ("Structured outputs", November 2026). */
export function refusedIn(schema: unknown, at = ''): readonly string[] {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return [];
  const own = schema as Json;
  const types = [own['type']].flat();
  const found: string[] = [];
  if (types.includes('object') && own['additionalProperties'] !== false)
    found.push(`${at}: For 'object' type, 'additionalProperties' must be explicitly set to false`);
  for (const keyword of [
    'minimum',
    'maximum',
    'exclusiveMinimum',
    'exclusiveMaximum',
    'multipleOf',
    'minLength',
    'maxLength',
    'maxItems',
    'uniqueItems',
    'minProperties',
    'maxProperties',
    'propertyNames',
    'patternProperties',
    'prefixItems',
    'oneOf',
    'not',
    'if',
  ])
    if (keyword in own) found.push(`${at}: property '${keyword}' is not supported`);
  if (typeof own['minItems'] === 'number' && own['minItems'] > 1)
    found.push(`${at}: minItems values other than 0 or 1`);
  for (const key of ['properties', '$defs', 'definitions'])
    for (const [name, child] of Object.entries(Object(own[key]) as Json))
      found.push(...refusedIn(child, `${at}/${key}/${name}`));
  for (const key of ['anyOf', 'allOf'])
    for (const [index, child] of ([own[key]].flat() as readonly unknown[]).entries())
      found.push(...refusedIn(child, `${at}/${key}/${index}`));
  found.push(...refusedIn(own['items'], `${at}/items`));
  return found;
}

/** The schema that a body of Anthropic Messages asks for. */
export function schemaAskedFor(body: unknown): unknown {
  return (body as { readonly output_config?: { readonly format?: { readonly schema?: unknown } } })
    .output_config?.format?.schema;
}
