/** The API over HTTP, for hosts that have sockets. */
export { changesSince, listObjects, revision } from '../store/store.ts';
export type { RestAnswer, RestLog, RestRequest, RestResponse, RestStream, RestWatch } from './contract.ts';
export { BODY_LIMIT, handle } from './handle.ts';
export { containerLog, logText } from './log.ts';
export { failure } from './status-body.ts';
export { newProcessStreams, startStream } from './stream.ts';
