/** Of the encoding of what commits append. Rows of a version that a fold does not know wait for a newer worker. */
export const pendingVersion = 1;

export const knownVersions: readonly number[] = [pendingVersion];
