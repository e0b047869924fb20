import { type CreateDocumentOptions, createDocument } from 'zod-openapi';
import { adminSessionPaths } from './admin-session.ts';
import { deadLetterPaths } from './dead-letters.ts';
import { ingestPaths } from './ingest.ts';
import { likePaths } from './likes.ts';
import { operationsPaths } from './operations.ts';
import { pagePaths } from './pages.ts';
import { postPaths } from './posts.ts';
import { searchPaths } from './search.ts';
import { securitySchemes } from './security.ts';
import { statisticsPaths } from './statistics.ts';
import { streamPaths } from './stream.ts';

const description = `Takes what the users of a site do, and answers what is trending, live and exact.

All times are UTC. Ids are integers from 1 to 2^53 - 1. Every refusal is a \`Problem\`: also \`404\` where there is no route, and \`405\`
with \`Allow\` where the method is not one of the route's. An unknown or repeated query parameter is a \`400\`.

An answer carries the \`X-Request-Id\` that its request came with; a problem always has one. With a rate limit, answers of
\`/api\` carry \`RateLimit-Limit\`, \`RateLimit-Remaining\` and \`RateLimit-Reset\`.`;

const version = '0.1.0';

/** The API reference, OpenAPI 3.1, from the schemas that validate. */
export function createReference({ basePath } = { basePath: '' }): object {
  return createDocument(
    {
      openapi: '3.1.0',
      info: { title: 'Event Tracker', version, description, license: { name: 'MIT', identifier: 'MIT' } },
      servers: [{ url: basePath || '/' }],
      tags: [
        { name: 'Sending events' },
        { name: 'Statistics' },
        { name: 'Posts, likes, search' },
        { name: 'Operations' },
        { name: 'Pages' },
      ],
      components: { securitySchemes },
      paths: {
        ...ingestPaths,
        ...statisticsPaths,
        ...postPaths,
        ...likePaths,
        ...streamPaths,
        ...searchPaths,
        ...operationsPaths,
        ...adminSessionPaths,
        ...deadLetterPaths,
        ...pagePaths,
      },
    },
    { override: simplify, allowEmptySchema: { custom: true } },
  );
}

/** A format, or a range of integers, says more to a reader than the pattern of its text, and alternatives that look the same are one. */
const simplify: NonNullable<CreateDocumentOptions['override']> = ({ jsonSchema }) => {
  if (jsonSchema.format !== undefined || jsonSchema.type === 'integer') delete jsonSchema.pattern;
  const { anyOf } = jsonSchema;
  if (anyOf === undefined || new Set(anyOf.map((option) => JSON.stringify(option))).size > 1) return;
  delete jsonSchema.anyOf;
  Object.assign(jsonSchema, { ...anyOf[0], ...jsonSchema });
};
