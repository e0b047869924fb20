export type { ClientEvent } from './client-event.ts';
export { type Client, createClient } from './create-client.ts';
export type { ClientOptions, Drop, Retry } from './options.ts';
export type { FieldError } from './read-verdicts.ts';
