/** Kept with each attempt: a transcript is replayed by the engine that has the same version, or says that it differs. */
export const ENGINE_VERSION = '0.1.0';
