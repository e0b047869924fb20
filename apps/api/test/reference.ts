import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

interface Media {
  schema: object;
  example?: unknown;
  examples?: Record<string, { value: unknown }>;
}

interface Content {
  content?: Record<string, Media>;
}

export interface Operation {
  operationId: string;
  requestBody?: Content;
  responses: Record<string, Content & { headers?: Record<string, { schema: object }> }>;
}

/** The API reference, to hold answers against. */
export interface Reference {
  /** By `METHOD /path/{as}/documented`. */
  operations: ReadonlyMap<string, Operation>;
  /** What is wrong with a value, by one of the document's schemas; empty when nothing is. */
  errorsOf(schema: object, value: unknown): string[];
}

export function readReference(document: object): Reference {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  (addFormats as unknown as (instance: Ajv2020) => void)(ajv);
  ajv.addSchema(document, 'document');
  const compiled = new Map<object, ValidateFunction>();
  const { paths } = document as { paths: Record<string, Record<string, Operation>> };
  return {
    operations: new Map(
      Object.entries(paths).flatMap(([path, methods]) =>
        Object.entries(methods).map(([method, operation]): [string, Operation] => [
          `${method.toUpperCase()} ${path}`,
          operation,
        ]),
      ),
    ),
    errorsOf(schema, value) {
      let validate = compiled.get(schema);
      if (!validate) {
        validate = ajv.compile(withReferences(schema));
        compiled.set(schema, validate);
      }
      if (validate(value)) return [];
      return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
    },
  };
}

/** References within the document, as ajv finds them from outside of it. */
function withReferences(schema: object): object {
  return JSON.parse(JSON.stringify(schema).replaceAll('"$ref":"#/', '"$ref":"document#/')) as object;
}
