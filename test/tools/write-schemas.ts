// Writes schemas/*.schema.json anew from definitions/; schema.test.ts fails while they differ.
import { mkdirSync, writeFileSync } from 'node:fs';
import { printSchema, SCHEMA_KINDS, schemaPath } from '../../definitions/schemas/index.ts';

mkdirSync('schemas', { recursive: true });
for (const kind of SCHEMA_KINDS) writeFileSync(schemaPath(kind), printSchema(kind));
