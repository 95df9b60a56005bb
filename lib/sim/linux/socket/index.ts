/** Sockets: the door for programs. */
export {
  accept,
  connect,
  isBroadcastAddress,
  listen,
  type Received,
  readable,
  recv,
  recvFrom,
  send,
  shutdown,
  startConnect,
  takeConnection,
  takeReceived,
} from './io.ts';
export { inputReady } from './poll.ts';
export { connectDatagram, sendIcmp, sendTo, socketOutput, takeError } from './send.ts';
export {
  bind,
  bindToDevice,
  closeSocket,
  nsOf,
  openSocket,
  ownSocket,
  type SocketKind,
  type SocketOptions,
} from './socket.ts';
