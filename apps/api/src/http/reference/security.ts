import type { ZodOpenApiComponentsObject } from 'zod-openapi';

export const securitySchemes: NonNullable<ZodOpenApiComponentsObject['securitySchemes']> = {
  bearer: {
    type: 'http',
    scheme: 'bearer',
    description: 'A key of WRITE_KEYS or API_KEYS, or an admin token.',
  },
  basic: {
    type: 'http',
    scheme: 'basic',
    description: 'A key as the user name, or an admin token as the password.',
  },
  writeKeyHeader: { type: 'apiKey', in: 'header', name: 'X-Write-Key', description: 'A key.' },
  adminSession: {
    type: 'apiKey',
    in: 'cookie',
    name: 'event-tracker-admin',
    description:
      'The cookie that `POST /admin/session` gives for an admin token; its name ends with the fingerprint of the token.',
  },
  writeKeyQuery: { type: 'apiKey', in: 'query', name: 'writeKey', description: 'A key, for `sendBeacon`.' },
};

/** `{}`: without configured keys everybody is let in. */
export const anyKey = [
  { bearer: [] },
  { writeKeyHeader: [] },
  { writeKeyQuery: [] },
  { basic: [] },
  { adminSession: [] },
  {},
];

export const adminToken = [{ bearer: [] }, { basic: [] }, { adminSession: [] }];
