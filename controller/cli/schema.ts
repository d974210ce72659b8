import { printSchema, type SchemaKind } from '../../definitions/schemas/index.ts';
import type { Output } from './report.ts';

/** Prints the JSON Schema of a kind of file. */
export async function schema({ kind, out }: { kind: SchemaKind; out: Output }): Promise<number> {
  out.write(printSchema(kind));
  return 0;
}
